package io.tidemill.scheduler;

import io.tidemill.shm.config.Key;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.Counter;
import io.tidemill.shm.region.DamagedException;
import io.tidemill.shm.region.LeaseEnd;
import io.tidemill.shm.region.Mapping;
import io.tidemill.shm.region.Ring;
import io.tidemill.shm.region.Rings;
import io.tidemill.shm.region.Role;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.shm.region.WakeUp;
import io.tidemill.shm.region.WorkerDeaths;
import java.util.BitSet;
import java.util.function.IntConsumer;

/**
 * Gives leases and takes them back. Both are one compare-and-set of the slot's word; the mapping
 * follows.
 */
final class Leases {
  private final TaskTable tasks;
  private final Mapping mapping;
  private final Control control;
  private final Ring toRegister;
  private final WakeUp registerWakeUp;
  private final DueTasks due;
  private final WorkerDeaths deaths;
  private final LeaseNotes notes;
  private final int workersMax;

  Leases(Instance instance, DueTasks due, LeaseNotes notes) {
    this.due = due;
    this.notes = notes;
    this.tasks = instance.regions().tasks();
    this.mapping = instance.regions().mapping();
    this.control = instance.control();
    this.toRegister = instance.regions().rings().schedulerToRegister();
    this.registerWakeUp = instance.regions().wakeUp(Role.REGISTER);
    this.workersMax = instance.regions().workers().capacity();
    this.deaths =
        new WorkerDeaths(
            tasks, instance.regions().terms(), instance.settings().integer(Key.TASK_RETURNS_MAX));
  }

  /**
   * Gives a ready task to a worker. A crash before the sending leaves it assigned: it is sent when
   * the worker's stream comes again and does not name the lease.
   *
   * @return the new word, or -1 if the task is not ready any more
   */
  long give(int slot, int worker, long nowNanos) {
    long word = tasks.word(slot);
    if (StateWord.state(word) != TaskState.READY || !due.mayStart(slot, nowNanos)) {
      return -1;
    }
    if (StateWord.lease(word) == StateWord.LEASE_MAX) {
      askDead(slot, tasks.id(slot));
      return -1;
    }
    // Before the move: whoever sees the lease finds its holder and its time.
    mapping.hold(slot, worker, StateWord.lease(word) + 1);
    tasks.assignedNanos(slot, nowNanos);
    return tasks.assign(slot, word, worker);
  }

  /** Takes a slot and its word, which is leased. */
  @FunctionalInterface
  interface Visitor {
    void onLease(int slot, long word);
  }

  /** Visits every lease: the mapping names the slots, their words decide. */
  void forEachLease(Visitor visitor) {
    forEachLease(0, control.slotsUsed(), visitor);
  }

  /** The same in the slots from one to another, which it does not include. */
  void forEachLease(int from, int to, Visitor visitor) {
    mapping.forEach(
        from,
        to,
        (slot, worker, lease) -> {
          long word = tasks.word(slot);
          if (StateWord.state(word).isLeased() && StateWord.worker(word) == worker) {
            holder(slot, word);
            visitor.onLease(slot, word);
          }
        });
  }

  /** The row of the worker that a slot's word names; it has to be one. */
  int holder(int slot, long word) {
    int worker = StateWord.worker(word);
    if (worker < 0 || worker >= workersMax) {
      throw new DamagedException("region=tasks slot=" + slot + " worker=" + worker);
    }
    return worker;
  }

  /**
   * Takes back all leases of the given workers; {@code ready} gets the slots that are to go into
   * the order again.
   */
  int takeBack(BitSet workers, IntConsumer ready) {
    int[] count = {0};
    forEachLease(
        (slot, word) -> {
          if (workers.get(StateWord.worker(word))
              && takeBack(slot, word, LeaseEnd.WORKER_LOST, ready)) {
            count[0]++;
          }
        });
    return count[0];
  }

  /** Takes one lease back; false if it was over already. */
  boolean takeBack(int slot, long leasedWord, LeaseEnd why, IntConsumer ready) {
    boolean ran = StateWord.state(leasedWord) == TaskState.RUNNING && tasks.isStartKnown(slot);
    // Before the move: from then on the task may end, and the slot go to another one.
    long id = tasks.id(slot);
    notes.note(slot, leasedWord, why);
    if (tasks.requeue(slot, leasedWord) == -1) {
      return false;
    }
    mapping.clear(slot);
    control.count(Counter.RETURNED, 1);
    int returns = tasks.countReturns(slot, leasedWord, ran ? 1 : 0);
    if (!ran) {
      tasks.suspect(slot, leasedWord);
    }
    if (!deaths.areTooMany(slot, returns) || !askDead(slot, id)) {
      ready.accept(slot);
    }
    return true;
  }

  /** Asks the Register to end a ready task as DEAD; false if it could not be asked. */
  private boolean askDead(int slot, long id) {
    boolean asked = toRegister.offer(Rings.event(Rings.TASK_DEAD, slot), id);
    registerWakeUp.wake();
    return asked;
  }

  /** Tells the Register that a worker cannot be reached. */
  void askLost(int worker, long incarnation) {
    toRegister.offer(Rings.event(Rings.WORKER_LOST, worker), incarnation);
    registerWakeUp.wake();
  }

  /** Whether its worker has to tell that the slot's task starts before it does. */
  boolean mustAnnounce(int slot) {
    return deaths.mustAnnounce(slot);
  }

  /** The token that a leased word stands for outside. */
  long token(long word) {
    return TaskId.lease(control.epoch(), StateWord.lease(word));
  }
}
