package io.tidemill.hostile;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.tidemill.rpc.Transport;
import io.tidemill.v1.SubmitTaskRequest;
import io.tidemill.v1.TaskServiceGrpc;
import io.tidemill.v1.TaskSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * An honest client, which submits a small task every few milliseconds and notes how long each
 * answer takes.
 */
final class Meter implements AutoCloseable {
  private static final long PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(4);
  private static final double MICROS_PER_MILLI = 1_000.0;

  /** What the answers of a while were. */
  record Figures(int answers, int refused, int failed, double p50Millis, double p99Millis) {}

  private final ManagedChannel channel;
  private final TaskServiceGrpc.TaskServiceBlockingStub stub;
  private final Thread thread = new Thread(this::run, "meter");
  private volatile boolean over;

  // Guarded by this.
  private List<Long> micros = new ArrayList<>();
  private int refused;
  private int failed;

  Meter(int port) {
    channel = Transport.channel("127.0.0.1:" + port, 16 << 20);
    stub = TaskServiceGrpc.newBlockingStub(channel);
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    SubmitTaskRequest request =
        SubmitTaskRequest.newBuilder()
            .setTask(
                TaskSpec.newBuilder()
                    .setType("echo")
                    .setPriority(1_000)
                    .setPayload(ByteString.copyFromUtf8("honest")))
            .build();
    while (!over) {
      long started = System.nanoTime();
      Status.Code code = Status.Code.OK;
      try {
        stub.withDeadlineAfter(30, TimeUnit.SECONDS).submitTask(request);
      } catch (StatusRuntimeException e) {
        code = e.getStatus().getCode();
        channel.resetConnectBackoff();
      }
      note(code, System.nanoTime() - started);
      LockSupport.parkNanos(PERIOD_NANOS);
    }
  }

  private synchronized void note(Status.Code code, long nanos) {
    micros.add(TimeUnit.NANOSECONDS.toMicros(nanos));
    if (code == Status.Code.RESOURCE_EXHAUSTED) {
      refused++;
    } else if (code != Status.Code.OK) {
      failed++;
    }
  }

  /** What came since the last time. */
  synchronized Figures take() {
    List<Long> sorted = micros;
    Collections.sort(sorted);
    Figures figures =
        new Figures(sorted.size(), refused, failed, at(sorted, 0.5), at(sorted, 0.99));
    micros = new ArrayList<>();
    refused = 0;
    failed = 0;
    return figures;
  }

  private static double at(List<Long> sorted, double part) {
    return sorted.isEmpty()
        ? Double.NaN
        : sorted.get((int) Math.min(sorted.size() - 1, sorted.size() * part)) / MICROS_PER_MILLI;
  }

  @Override
  public void close() throws InterruptedException {
    over = true;
    thread.join(TimeUnit.SECONDS.toMillis(40));
    channel.shutdownNow();
  }
}
