package io.tidemill.bench;

import io.tidemill.client.ResultListener;
import io.tidemill.client.SessionOptions;
import io.tidemill.client.TaskSession;
import io.tidemill.client.TidemillClient;
import io.tidemill.v1.Refusal;
import io.tidemill.v1.TaskResult;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongPredicate;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * Tasks at a fixed rate, whatever comes back: each one's latency counts from the time at which it
 * was to be sent, so that a stall counts for all that it held up.
 */
final class OpenLoop {
  /**
   * So long may nothing come back before the sender waits, and is late. Not for ever: a session
   * keeps room for as many as it may have outstanding, which the sender's collector has to move.
   */
  private static final int OUTSTANDING_SECONDS = 10;

  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private final Load load = Load.echo();
  private final Histogram latency = new ConcurrentHistogram(600_000_000_000L, 3);
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong lastEnd = new AtomicLong();
  private final AtomicLong longestGap = new AtomicLong();
  private long lateNanos;

  private OpenLoop() {}

  static OpenLoop run(String plm, int perSecond, int seconds) throws InterruptedException {
    long count = (long) perSecond * seconds;
    return run(plm, perSecond, sent -> sent < count);
  }

  static OpenLoop whileRuns(Process process, String plm, int perSecond)
      throws InterruptedException {
    return run(plm, perSecond, sent -> process.isAlive());
  }

  private static OpenLoop run(String plm, int perSecond, LongPredicate goesOn)
      throws InterruptedException {
    OpenLoop loop = new OpenLoop();
    SessionOptions options =
        SessionOptions.defaults().withOutstandingMax(OUTSTANDING_SECONDS * perSecond);
    try (TidemillClient client = TidemillClient.connect(plm);
        TaskSession session = client.openSession(options)) {
      loop.send(session, perSecond, goesOn);
      if (!session.awaitQuiet(PATIENCE) || loop.refused.get() > 0) {
        throw new IllegalStateException(
            "tasks without a result: refused=" + loop.refused + " ended=" + loop.ended());
      }
    }
    return loop;
  }

  private void send(TaskSession session, int perSecond, LongPredicate goesOn)
      throws InterruptedException {
    double gap = 1e9 / perSecond;
    long start = System.nanoTime();
    for (long i = 0; goesOn.test(i); i++) {
      long due = start + (long) (i * gap);
      long now = System.nanoTime();
      while (now < due) {
        LockSupport.parkNanos(due - now);
        now = System.nanoTime();
      }
      lateNanos = Math.max(lateNanos, now - due);
      session.submit(load.next(), new Timed(due));
    }
  }

  long ended() {
    return latency.getTotalCount();
  }

  double micros(double percentile) {
    return latency.getValueAtPercentile(percentile) / 1e3;
  }

  /** Between two results at the client. */
  double longestGapSeconds() {
    return longestGap.get() / 1e9;
  }

  /** By how much the sender itself was late at most. */
  double senderLateMicros() {
    return lateNanos / 1e3;
  }

  private final class Timed implements ResultListener {
    private final long due;

    Timed(long due) {
      this.due = due;
    }

    @Override
    public void ended(long handle, TaskResult result, long latencyNanos) {
      long now = System.nanoTime();
      latency.recordValue(now - due);
      long before = lastEnd.getAndSet(now);
      if (before != 0) {
        longestGap.accumulateAndGet(now - before, Math::max);
      }
    }

    @Override
    public void refused(long handle, Refusal refusal) {
      refused.incrementAndGet();
    }
  }
}
