package io.tidemill.plm;

import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** How long tasks took from acceptance to their end, and how many ended, over the last seconds. */
final class Latencies {
  private static final int SECONDS = 10;
  private static final int RATE_SECONDS = 5;
  private static final long MICROS_MAX = TimeUnit.HOURS.toMicros(24);
  private static final int DIGITS = 2;
  private static final long TICK_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** What the last seconds were like. */
  record Figures(double tasksPerSecond, long p50, long p95, long p99, long max) {}

  /** Of the second at hand: the main loop's alone. */
  private Histogram current = new Histogram(MICROS_MAX, DIGITS);

  private final Histogram[] seconds = new Histogram[SECONDS];
  private final long[] ticked = new long[SECONDS];
  private int ticks;
  private long tickNanos = System.nanoTime();

  /** Main loop: a task has ended. */
  void record(long nanos) {
    current.recordValue(Math.max(0, Math.min(MICROS_MAX, TimeUnit.NANOSECONDS.toMicros(nanos))));
  }

  /** Main loop, each turn: closes the second that is over. */
  void turn(long nowNanos) {
    if (nowNanos - tickNanos >= TICK_NANOS) {
      tick(nowNanos);
    }
  }

  private synchronized void tick(long nowNanos) {
    int at = ticks++ % SECONDS;
    Histogram oldest = seconds[at];
    seconds[at] = current;
    current = oldest == null ? new Histogram(MICROS_MAX, DIGITS) : oldest;
    current.reset();
    ticked[at] = nowNanos - tickNanos;
    tickNanos = nowNanos;
  }

  synchronized Figures figures() {
    Histogram all = new Histogram(MICROS_MAX, DIGITS);
    long ended = 0;
    long nanos = 0;
    for (int back = 1; back <= Math.min(ticks, SECONDS); back++) {
      int at = (ticks - back) % SECONDS;
      all.add(seconds[at]);
      if (back <= RATE_SECONDS) {
        ended += seconds[at].getTotalCount();
        nanos += ticked[at];
      }
    }
    return new Figures(
        nanos == 0 ? 0 : (double) ended * TICK_NANOS / nanos,
        all.getValueAtPercentile(50),
        all.getValueAtPercentile(95),
        all.getValueAtPercentile(99),
        all.getMaxValue());
  }
}
