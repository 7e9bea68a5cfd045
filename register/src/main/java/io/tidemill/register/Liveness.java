package io.tidemill.register;

import io.tidemill.rpc.Hearing;
import io.tidemill.shm.config.Key;
import io.tidemill.shm.config.Settings;
import io.tidemill.shm.region.WorkerTable;
import java.util.concurrent.TimeUnit;

/**
 * Finds workers that fell silent. Silence counts only while we listened: after a start, and after
 * our own process did not turn for longer than a beat's interval, every worker has its full time
 * again; and it ends where the last thing was read that came. Guarded.
 */
final class Liveness {
  private static final long PERIOD_NANOS_MIN = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long PERIOD_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(500);

  /** While somebody is overdue who may not have been heard. */
  private static final long LISTENING_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private static final long SLACK_NANOS_MIN = TimeUnit.MILLISECONDS.toNanos(100);

  private final WorkerTable table;
  private final Workers workers;
  private final Takeovers takeovers;
  private final Hearing hearing;
  private final long intervalNanos;
  private final long deadNanos;
  private final long periodNanos;
  private long listeningSince;
  private long lastTurn;
  private long nextLook;

  Liveness(
      Settings settings,
      WorkerTable table,
      Workers workers,
      Takeovers takeovers,
      Hearing hearing,
      long nowNanos) {
    this.table = table;
    this.workers = workers;
    this.takeovers = takeovers;
    this.hearing = hearing;
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
    nextLook = now + (look(now) ? LISTENING_NANOS : periodNanos);
  }

  /** True: somebody is overdue whose beat may have come, and was not read yet. */
  private boolean look(long now) {
    long heardThrough = hearing.heardThrough();
    boolean listens = false;
    for (Worker worker : workers.all()) {
      if (worker.isServed() && isOverdue(worker, now)) {
        if (isOverdue(worker, heardThrough)) {
          workers.dead(worker, "no beat came in time", now);
          takeovers.onGone(worker);
        } else {
          listens = true;
        }
      }
    }
    if (listens) {
      hearing.listen();
    }
    return listens;
  }

  private boolean isOverdue(Worker worker, long at) {
    long heard = table.lastBeat(worker.row());
    return at - (heard - listeningSince > 0 ? heard : listeningSince) > deadNanos;
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
