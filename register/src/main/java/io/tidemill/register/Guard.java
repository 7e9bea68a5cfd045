package io.tidemill.register;

import io.tidemill.shm.instance.Fatal;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.region.Ring;
import io.tidemill.shm.region.Role;
import io.tidemill.shm.region.WakeUp;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The process's one lock. Whoever holds it is the one producer of our rings and the one writer of
 * the outcome journal, the worker table and our counters. What speaks to others (waking them,
 * writing to streams) is done after it is let go, in this order: rings are published, then their
 * readers woken, then workers and callers answered.
 */
final class Guard {
  private final Instance instance;
  private final ReentrantLock lock = new ReentrantLock();
  private final WakeUp scheduler;
  private final WakeUp plm;

  // Guarded by the lock.
  private List<Runnable> afterwards = new ArrayList<>();
  private boolean wakeScheduler;
  private Ring toPlm;

  Guard(Instance instance) {
    this.instance = instance;
    this.scheduler = instance.regions().wakeUp(Role.SCHEDULER);
    this.plm = instance.regions().wakeUp(Role.PLM);
  }

  /** Runs a change under the lock. What it throws is a broken invariant and ends the process. */
  void run(Runnable change) {
    After after = locked(change);
    if (after.scheduler()) {
      scheduler.wake();
    }
    if (after.plm()) {
      plm.wake();
    }
    after.actions().forEach(Runnable::run);
  }

  /** What is to be done once the lock is let go. */
  private record After(boolean scheduler, boolean plm, List<Runnable> actions) {}

  private static final After NOTHING = new After(false, false, List.of());

  private After locked(Runnable change) {
    lock.lock();
    try {
      change.run();
      return takeAfter();
    } catch (Throwable broken) {
      Fatal.halt(instance, "the register's state is broken", broken);
      return NOTHING;
    } finally {
      lock.unlock();
    }
  }

  private After takeAfter() {
    boolean wakePlm = toPlm != null;
    if (!wakeScheduler && !wakePlm && afterwards.isEmpty()) {
      return NOTHING;
    }
    if (wakePlm) {
      toPlm.publish();
    }
    After after = new After(wakeScheduler, wakePlm, afterwards);
    afterwards = new ArrayList<>(4);
    wakeScheduler = false;
    toPlm = null;
    return after;
  }

  /** Under the lock: done once it is let go. */
  void afterwards(Runnable action) {
    afterwards.add(action);
  }

  void wakeSchedulerAfterwards() {
    wakeScheduler = true;
  }

  /** Under the lock: what was staged on the PLM's ring is published before it is let go. */
  void tellPlmAfterwards(Ring staged) {
    toPlm = staged;
  }

  Condition newCondition() {
    return lock.newCondition();
  }
}
