package io.tidemill.bench;

import com.google.protobuf.ByteString;
import io.tidemill.v1.TaskSpec;
import java.util.concurrent.ThreadLocalRandom;

/** The tasks that a run submits: made once, since making them is not what is measured. */
public final class Load {
  private static final int PRIORITIES = 1_024;

  private final TaskSpec[] specs;

  private Load(TaskSpec... specs) {
    this.specs = specs;
  }

  /** What nearly everything is measured with: echo, 16 bytes, one priority. */
  public static Load echo() {
    return echo(16);
  }

  /** Echo with so many bytes, which come back as the result. */
  public static Load echo(int bytes) {
    return new Load(task(bytes).build());
  }

  /** Echo with 16 bytes and one of 1,024 priorities, drawn for each task. */
  public static Load randomPriorities() {
    TaskSpec[] specs = new TaskSpec[PRIORITIES];
    for (int i = 0; i < PRIORITIES; i++) {
      specs[i] = task(16).setPriority(i).build();
    }
    return new Load(specs);
  }

  /** Echo with 16 bytes, due after so long, or up to twice so long, drawn for each task. */
  static Load delayed(long millis) {
    TaskSpec[] specs = new TaskSpec[PRIORITIES];
    for (int i = 0; i < PRIORITIES; i++) {
      specs[i] = task(16).setDelayMs(millis + millis * i / PRIORITIES).build();
    }
    return new Load(specs);
  }

  private static TaskSpec.Builder task(int bytes) {
    byte[] payload = new byte[bytes];
    ThreadLocalRandom.current().nextBytes(payload);
    return TaskSpec.newBuilder().setType("echo").setPayload(ByteString.copyFrom(payload));
  }

  TaskSpec next() {
    return specs.length == 1 ? specs[0] : specs[ThreadLocalRandom.current().nextInt(specs.length)];
  }

  int payloadBytes() {
    return specs[0].getPayload().size();
  }
}
