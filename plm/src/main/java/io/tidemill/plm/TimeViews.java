package io.tidemill.plm;

import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.LeaseEnd;
import io.tidemill.shm.region.PastLease;
import io.tidemill.v1.LeaseTime;
import io.tidemill.v1.TimeSpent;
import java.util.concurrent.TimeUnit;

/** Where tasks' time went. Any thread. */
final class TimeViews {
  private final Control control;

  TimeViews(Control control) {
    this.control = control;
  }

  TimeSpent of(TaskLife life) {
    return new Sum(life).make();
  }

  /** One task's. */
  private final class Sum {
    private final TaskLife life;
    private final long now;
    private final TimeSpent.Builder time = TimeSpent.newBuilder();

    /** From when on it has been in the order; 0: it is not. */
    private long readySince;

    Sum(TaskLife life) {
      this.life = life;
      this.now = life.end() == null ? control.nowMillis() : life.end().millis();
    }

    TimeSpent make() {
      readySince = Waited.readyMillis(control, life);
      time.setWaitingMs(between(life.accepted().millis(), readySince == 0 ? now : readySince));
      life.past().leases().forEach(this::addPast);
      if (life.held() != null) {
        addHeld(life.held());
      } else if (readySince != 0 && readySince <= now) {
        time.setQueuedMs(time.getQueuedMs() + between(readySince, now));
      }
      return time.setTotalMs(between(life.accepted().millis(), now))
          .setLeasesGone(life.leasesGone())
          .build();
    }

    private void addPast(PastLease lease) {
      queuedUntil(lease.assignedMillis());
      long started = lease.startedMillis();
      int attempt = lease.end() == LeaseEnd.FAILED ? lease.attempt() : lease.attempt() + 1;
      addLease(
          lease.token(),
          lease.workerId(),
          started == 0 ? 0 : attempt,
          between(lease.assignedMillis(), started == 0 ? lease.overMillis() : started),
          started == 0 ? 0 : between(started, lease.overMillis()));
      readySince = Math.max(lease.overMillis(), lease.dueMillis());
      time.setBackoffMs(
          time.getBackoffMs() + between(lease.overMillis(), Math.min(now, readySince)));
    }

    private void addHeld(TaskLife.Held held) {
      queuedUntil(held.assignedMillis());
      long started = held.startedMillis();
      if (started == 0) {
        long until = life.end() == null ? now : life.end().millis();
        addLease(held.token(), held.workerId(), 0, between(held.assignedMillis(), until), 0);
        return;
      }
      long ran = between(started, now);
      if (life.end() != null && life.end().runMicros() > 0) {
        long handler = Math.min(ran, TimeUnit.MICROSECONDS.toMillis(life.end().runMicros()));
        time.setRecordingMs(ran - handler);
        ran = handler;
      }
      addLease(
          held.token(),
          held.workerId(),
          life.attempt(),
          between(held.assignedMillis(), started),
          ran);
    }

    private void queuedUntil(long assigned) {
      if (readySince != 0 && assigned != 0) {
        time.setQueuedMs(time.getQueuedMs() + between(readySince, assigned));
      }
    }

    private void addLease(long token, String worker, int attempt, long queued, long ran) {
      time.setWorkerQueueMs(time.getWorkerQueueMs() + queued)
          .setRunningMs(time.getRunningMs() + ran)
          .addLeases(
              LeaseTime.newBuilder()
                  .setLease(token)
                  .setWorkerId(worker)
                  .setAttempt(attempt)
                  .setWorkerQueueMs(queued)
                  .setRunningMs(ran));
    }
  }

  private static long between(long from, long to) {
    return from == 0 || to == 0 ? 0 : Math.max(0, to - from);
  }
}
