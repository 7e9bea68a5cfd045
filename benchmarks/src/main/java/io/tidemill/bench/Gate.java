package io.tidemill.bench;

import com.google.protobuf.ByteString;
import io.tidemill.client.TidemillClient;
import io.tidemill.v1.TaskSpec;
import io.tidemill.v1.TaskState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Tasks that occupy the worker until the gate is opened, so that others queue up behind them. */
final class Gate implements AutoCloseable {
  private static final TaskSpec SLEEP =
      TaskSpec.newBuilder()
          .setType("sleep")
          .setPayload(ByteString.copyFromUtf8("600000000"))
          .setPriority(Integer.MAX_VALUE)
          .build();

  private final TidemillClient client;
  private final List<Long> sleepers = new ArrayList<>();

  private Gate(TidemillClient client) {
    this.client = client;
  }

  /** Returns once each of the worker's executors is occupied. */
  static Gate close(TidemillClient client, int capacity) throws InterruptedException {
    Gate gate = new Gate(client);
    for (int i = 0; i < capacity; i++) {
      gate.sleepers.add(client.submit(SLEEP).getTaskId());
    }
    // Looked at again and again, since no call waits for a start; nothing is measured meanwhile.
    for (long sleeper : gate.sleepers) {
      while (client.get(sleeper).getState() != TaskState.TASK_STATE_RUNNING) {
        Thread.sleep(5);
      }
    }
    return gate;
  }

  /** Returns once all of them have ended. */
  void open() {
    sleepers.forEach(sleeper -> client.cancel(sleeper, "the gate opens"));
    sleepers.forEach(sleeper -> client.await(sleeper, Duration.ofSeconds(10)));
    sleepers.clear();
  }

  @Override
  public void close() {
    open();
  }
}
