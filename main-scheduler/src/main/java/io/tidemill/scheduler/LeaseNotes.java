package io.tidemill.scheduler;

import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.instance.LeaseHistory;
import io.tidemill.shm.region.LeaseEnd;
import io.tidemill.shm.region.LeaseTable;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskTable;
import java.util.function.IntFunction;

/**
 * Notes for the tasks' histories which leases are taken back and asked back: before it is done, so
 * that whoever sees that a lease is over finds the note. By the agent's thread.
 */
final class LeaseNotes {
  private final TaskTable tasks;
  private final LeaseTable taken;
  private final LeaseHistory history;
  private final int epoch;
  private final IntFunction<String> holders;

  /**
   * @param holders the id of the worker whose leases those of a row are
   */
  LeaseNotes(Instance instance, IntFunction<String> holders) {
    this.tasks = instance.regions().tasks();
    this.taken = instance.regions().leasesTaken();
    this.history = new LeaseHistory(instance.regions());
    this.epoch = instance.control().epoch();
    this.holders = holders;
  }

  /** A leased slot is about to go back, or its worker has been asked for it. */
  void note(int slot, long leasedWord, LeaseEnd end) {
    taken.write(
        tasks.id(slot),
        history.note(
            TaskId.lease(epoch, StateWord.lease(leasedWord)),
            end,
            holders.apply(StateWord.worker(leasedWord)),
            tasks.assignedNanos(slot),
            tasks.startedNanos(slot),
            tasks.attempts(slot)));
  }
}
