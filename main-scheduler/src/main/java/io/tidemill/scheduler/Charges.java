package io.tidemill.scheduler;

import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.Consumer;

/**
 * What leases hold beside a place at their worker (amounts of it, a place of their key): one entry
 * for each lease that holds any, in lists by worker. An index: the slot's word says whether a lease
 * is over, so nothing needs to be told with an end, and after a restart it is made anew from the
 * slots.
 */
final class Charges {
  /**
   * What a lease holds.
   *
   * @param word as it was when the lease was given
   * @param stock of the registration that the lease belongs to; null: its lane needs no amounts
   * @param key null: no rule limits its key
   */
  record Charge(int slot, long word, int row, int lane, Stock stock, LimitedKey key) {}

  private final TaskTable tasks;
  private final List<List<Charge>> byRow = new ArrayList<>();
  private final BitSet touched = new BitSet();

  Charges(TaskTable tasks) {
    this.tasks = tasks;
  }

  void clear() {
    byRow.clear();
    touched.clear();
  }

  void add(Charge charge) {
    while (byRow.size() <= charge.row()) {
      byRow.add(new ArrayList<>());
    }
    byRow.get(charge.row()).add(charge);
  }

  /** Leases of a worker may have ended. */
  void touch(int row) {
    if (row < byRow.size() && !byRow.get(row).isEmpty()) {
      touched.set(row);
    }
  }

  /** All of them may have. */
  void touchAll() {
    for (int row = 0; row < byRow.size(); row++) {
      touch(row);
    }
  }

  /** Hands out what is over, of the workers that were touched. */
  void settle(Consumer<Charge> over) {
    if (touched.isEmpty()) {
      return;
    }
    touched.stream().forEach(row -> settle(byRow.get(row), over));
    touched.clear();
  }

  private void settle(List<Charge> charges, Consumer<Charge> over) {
    charges.removeIf(
        charge -> {
          boolean holds = holds(charge, tasks.word(charge.slot()));
          if (!holds) {
            over.accept(charge);
          }
          return !holds;
        });
  }

  /** A lease whose end is being recorded has not ended yet: it may turn out not to. */
  private static boolean holds(Charge charge, long word) {
    TaskState state = StateWord.state(word);
    return (state.isLeased() || state == TaskState.RECORDING)
        && StateWord.worker(word) == charge.row()
        && StateWord.lease(word) == StateWord.lease(charge.word())
        && StateWord.generation(word) == StateWord.generation(charge.word());
  }
}
