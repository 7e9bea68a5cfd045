package io.tidemill.register;

import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.region.Ring;
import io.tidemill.shm.region.Rings;

/**
 * What the Register tells the others over its rings. Under the guard, which makes it the rings' one
 * producer. A full ring raises its flag, and the reader finds by scanning what was left out.
 */
final class Signals {
  private final Guard guard;
  private final Ring toScheduler;
  private final Ring toPlm;

  Signals(Instance instance, Guard guard) {
    this.guard = guard;
    this.toScheduler = instance.regions().rings().registerToScheduler();
    this.toPlm = instance.regions().rings().registerToPlm();
  }

  /** So many leases of a worker are over. */
  void capacityReturned(int row, int count) {
    scheduler(Rings.CAPACITY_RETURNED, row, count);
  }

  /** A task may be assigned again. */
  void taskReady(int slot, long sequence) {
    scheduler(Rings.TASK_READY, slot, sequence);
  }

  /** A task may be assigned again, but not yet: its terms say when. */
  void taskWaiting(int slot, long sequence) {
    scheduler(Rings.TASK_WAITING, slot, sequence);
  }

  void workerChanged(int row, long incarnation) {
    scheduler(Rings.WORKER_CHANGED, row, incarnation);
  }

  /** The lease's execution timeout is over. */
  void taskOverrun(int slot, long lease) {
    scheduler(Rings.TASK_OVERRUN, slot, lease);
  }

  /** A task's outcome may be taken. */
  void taskEnded(int slot, long taskId) {
    toPlm.stage(Rings.event(Rings.TASK_ENDED, slot), taskId);
    guard.tellPlmAfterwards(toPlm);
  }

  private void scheduler(int kind, int index, long value) {
    toScheduler.offer(Rings.event(kind, index), value);
    guard.wakeSchedulerAfterwards();
  }
}
