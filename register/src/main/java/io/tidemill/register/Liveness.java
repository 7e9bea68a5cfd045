package io.tidemill.register;

import io.tidemill.shm.config.Key;
import io.tidemill.shm.config.Settings;
import io.tidemill.shm.region.WorkerTable;
import java.util.concurrent.TimeUnit;

/**
 * Finds workers that fell silent. Silence counts only while we listened: after a start, and after
 * our own process did not turn for longer than a beat's interval, every worker has its full time
 * again. Guarded.
 */
final class Liveness {
  private static final long PERIOD_NANOS_MIN = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long PERIOD_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(500);
  private static final long SLACK_NANOS_MIN = TimeUnit.MILLISECONDS.toNanos(100);

  private final WorkerTable table;
  private final Workers workers;
  private final Takeovers takeovers;
  private final long intervalNanos;
  private final long deadNanos;
  private final long periodNanos;
  private long listeningSince;
  private long lastTurn;
  private long nextLook;

  Liveness(
      Settings settings, WorkerTable table, Workers workers, Takeovers takeovers, long nowNanos) {
    this.table = table;
    this.workers = workers;
    this.takeovers = takeovers;
    this.intervalNanos =
        TimeUnit.MILLISECONDS.toNanos(settings.number(Key.WORKER_BEAT_INTERVAL_MS));
    this.deadNanos = intervalNanos * settings.number(Key.WORKER_BEAT_MISSES);
    this.periodNanos = Math.max(PERIOD_NANOS_MIN, Math.min(PERIOD_NANOS_MAX, intervalNanos / 4));
    this.listeningSince = nowNanos;
    this.lastTurn = nowNanos;
    this.nextLook = nowNanos;
  }

  void turn(long now) {
    if (now - lastTurn > Math.max(intervalNanos, 2 * periodNanos)) {
      listeningSince = now;
    }
    lastTurn = now;
    if (now - nextLook < 0) {
      return;
    }
    nextLook = now + periodNanos;
    for (Worker worker : workers.all()) {
      if (worker.isServed() && silentNanos(worker, now) > deadNanos) {
        workers.dead(worker, "no beat came in time", now);
        takeovers.onGone(worker);
      }
    }
  }

  private long silentNanos(Worker worker, long now) {
    long heard = table.lastBeat(worker.row());
    return now - (heard - listeningSince > 0 ? heard : listeningSince);
  }

  /** Its beat is overdue, and it is not dead yet. */
  boolean isLate(Worker worker, long now) {
    return ageNanos(worker, now) > intervalNanos + Math.max(SLACK_NANOS_MIN, intervalNanos / 2);
  }

  long ageNanos(Worker worker, long now) {
    return Math.max(0, now - table.lastBeat(worker.row()));
  }

  long dueNanos(long now) {
    return Math.max(0, nextLook - now);
  }
}
