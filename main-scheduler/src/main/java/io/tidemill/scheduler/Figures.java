package io.tidemill.scheduler;

import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.Counter;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Live figures for the log: how many tasks were assigned and how long they had waited. The agent's
 * thread only.
 */
final class Figures {
  private static final Logger LOG = LoggerFactory.getLogger(Figures.class);
  private static final long WAIT_MICROS_MAX = TimeUnit.HOURS.toMicros(24);

  private final Control control;
  private final long intervalNanos;
  private final Histogram waited = new Histogram(WAIT_MICROS_MAX, 2);
  private long since = System.nanoTime();

  Figures(Instance instance, long intervalNanos) {
    this.control = instance.control();
    this.intervalNanos = intervalNanos;
  }

  /** A task was assigned so long after it was accepted. */
  void onAssigned(long nanos) {
    waited.recordValue(Math.max(0, Math.min(WAIT_MICROS_MAX, nanos / 1_000)));
  }

  /** Once an interval; silent when nothing happened. */
  void log(long nowNanos, Workers workers) {
    if (nowNanos - since < intervalNanos) {
      return;
    }
    if (waited.getTotalCount() > 0) {
      LOG.info(
          "assigned_per_s={} waited_p50_us={} waited_p95_us={} waited_p99_us={} workers={} inversions={}",
          waited.getTotalCount() * TimeUnit.SECONDS.toNanos(1) / (nowNanos - since),
          waited.getValueAtPercentile(50),
          waited.getValueAtPercentile(95),
          waited.getValueAtPercentile(99),
          workers.count(),
          control.count(Counter.INVERSIONS));
      waited.reset();
    }
    since = nowNanos;
  }
}
