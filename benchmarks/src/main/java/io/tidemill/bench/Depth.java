package io.tidemill.bench;

import io.tidemill.client.ResultListener;
import io.tidemill.client.SessionOptions;
import io.tidemill.client.TaskSession;
import io.tidemill.client.TidemillClient;
import io.tidemill.v1.Refusal;
import io.tidemill.v1.TaskResult;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The rate while so many tasks are queued: a gate keeps the worker busy until all of them are
 * acknowledged, then each result is followed by a submission, so that the depth stays as it is.
 */
final class Depth implements ResultListener {
  private static final long BYTES_MAX = 1L << 30;
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private final int queued;
  private final CountDownLatch filled;
  private final CountDownLatch measured;
  private final AtomicInteger more;
  private final Load load = Load.echo();
  private TaskSession session;

  private Depth(int queued, int count) {
    this.queued = queued;
    this.filled = new CountDownLatch(queued);
    this.measured = new CountDownLatch(count);
    this.more = new AtomicInteger(count);
  }

  /** Tasks a second of the first {@code count} that end after the gate opens. */
  static double tasksPerSecond(TidemillClient client, int queued, int count, int capacity)
      throws InterruptedException {
    Depth depth = new Depth(queued, count);
    SessionOptions options = new SessionOptions(queued + 100_000, BYTES_MAX, true);
    try (TaskSession session = client.openSession(options)) {
      depth.session = session;
      double nanos;
      try (Gate gate = Gate.close(client, capacity)) {
        depth.fill();
        nanos = depth.measure(gate);
      }
      if (!session.awaitQuiet(PATIENCE)) {
        throw new IllegalStateException("results are missing: queued=" + queued);
      }
      return count / nanos * 1e9;
    }
  }

  private void fill() throws InterruptedException {
    for (int i = 0; i < queued; i++) {
      session.submit(load.next(), this);
    }
    filled.await();
  }

  private double measure(Gate gate) throws InterruptedException {
    long began = System.nanoTime();
    gate.open();
    measured.await();
    return System.nanoTime() - began;
  }

  @Override
  public void accepted(long handle, long taskId, long latencyNanos) {
    filled.countDown();
  }

  @Override
  public void ended(long handle, TaskResult result, long latencyNanos) {
    if (more.getAndDecrement() > 0 && session.tryOffer(load.next(), this) == 0) {
      throw new IllegalStateException("the session took no task when one had ended");
    }
    measured.countDown();
  }

  @Override
  public void refused(long handle, Refusal refusal) {
    throw new IllegalStateException("refused: " + refusal.getMessage());
  }
}
