package io.tidemill.plm;

import io.tidemill.shm.instance.Regions;
import io.tidemill.shm.region.Mapping;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.shm.region.TermsTable;

/**
 * Counts leases as they stand: one pass over the mapping, 8 bytes a slot, whose entries the slots'
 * words decide. A lease whose end is being recorded counts still, as it does for the Main
 * Scheduler. Any thread.
 */
final class LeaseCensus {
  /** Takes a slot that is under a lease, and its word. */
  @FunctionalInterface
  interface Visitor {
    void onLease(int slot, long word);
  }

  private final TaskTable tasks;
  private final TermsTable terms;
  private final Mapping mapping;
  private final FreeSlots free;

  LeaseCensus(Regions regions, FreeSlots free) {
    this.tasks = regions.tasks();
    this.terms = regions.terms();
    this.mapping = regions.mapping();
    this.free = free;
  }

  void forEach(Visitor visitor) {
    mapping.forEach(
        free.frontier(),
        (slot, worker, lease) -> {
          long word = tasks.word(slot);
          TaskState state = StateWord.state(word);
          boolean held = state.isLeased() || state == TaskState.RECORDING;
          if (held && StateWord.worker(word) == worker && StateWord.lease(word) == lease) {
            visitor.onLease(slot, word);
          }
        });
  }

  /** How many tasks of a key are under a lease. */
  long ofKey(long hash) {
    long[] count = {0};
    forEach((slot, word) -> count[0] += tasks.hasTerms(slot) && terms.key(slot) == hash ? 1 : 0);
    return count[0];
  }
}
