package io.tidemill.register;

import io.tidemill.shm.config.Key;
import io.tidemill.shm.config.Settings;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.Counter;
import io.tidemill.shm.region.WorkerTable;
import io.tidemill.shm.region.WorkerTable.State;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Register's live figures: each worker's rate once a second, all together in the log every so
 * often. Guarded.
 */
final class Figures {
  private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long LATENCY_MICROS_MAX = TimeUnit.HOURS.toMicros(1);
  private static final Logger LOG = LoggerFactory.getLogger(Figures.class);

  private final Control control;
  private final WorkerTable table;
  private final long intervalNanos;
  private final Histogram micros = new Histogram(LATENCY_MICROS_MAX, 2);
  private long recordedBefore;
  private long loggedNanos;
  private long ratedNanos;

  Figures(Settings settings, Control control, WorkerTable table, long nowNanos) {
    this.control = control;
    this.table = table;
    this.intervalNanos = TimeUnit.SECONDS.toNanos(settings.number(Key.LOG_INTERVAL_SECONDS));
    this.recordedBefore = control.count(Counter.RECORDED);
    this.loggedNanos = nowNanos;
    this.ratedNanos = nowNanos;
  }

  /** From the assignment of a lease to its record. */
  void onRecorded(long nanos) {
    micros.recordValue(Math.max(0, Math.min(LATENCY_MICROS_MAX, nanos / 1_000)));
  }

  void turn(long now, Workers workers, Liveness liveness) {
    if (now - ratedNanos >= SECOND_NANOS) {
      ratedNanos = now;
      for (Worker worker : workers.all()) {
        rate(worker);
      }
    }
    if (now - loggedNanos >= intervalNanos) {
      log(now, workers, liveness);
      loggedNanos = now;
    }
  }

  private void rate(Worker worker) {
    int rate = worker.rate().turnMilli();
    if (table.rateMilli(worker.row()) != rate) {
      table.rateMilli(worker.row(), rate);
    }
  }

  private void log(long now, Workers workers, Liveness liveness) {
    int alive = 0;
    int late = 0;
    int draining = 0;
    int dead = 0;
    for (Worker worker : workers.all()) {
      boolean isAlive = worker.state() == State.ALIVE;
      boolean isLate = isAlive && liveness.isLate(worker, now);
      late += isLate ? 1 : 0;
      alive += isAlive && !isLate ? 1 : 0;
      draining += worker.state() == State.DRAINING ? 1 : 0;
      dead += worker.state() == State.DEAD ? 1 : 0;
    }
    long recorded = control.count(Counter.RECORDED);
    LOG.info(
        "recorded={}/s assign_to_record_us p50={} p95={} p99={} workers alive={} late={} dead={}"
            + " draining={}",
        (recorded - recordedBefore) * SECOND_NANOS / Math.max(1, now - loggedNanos),
        micros.getValueAtPercentile(50),
        micros.getValueAtPercentile(95),
        micros.getValueAtPercentile(99),
        alive,
        late,
        dead,
        draining);
    recordedBefore = recorded;
    micros.reset();
  }
}
