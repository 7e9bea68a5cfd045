package io.tidemill.register;

import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.journal.Journal;
import io.tidemill.shm.journal.JournalReader;
import io.tidemill.shm.journal.Position;
import io.tidemill.shm.journal.RecordDescriptor;
import io.tidemill.shm.journal.RecordView;
import io.tidemill.shm.journal.RunWriter;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskTable;

/**
 * Before old cycles of the outcome journal go: copies the last failed attempt of each live task
 * that stands in them, so that a rebuild still knows how many a task has had. Each slot says where
 * its one is, so nothing is searched. The copy has the same sequence; a crash leaves one too many,
 * of which a rebuild takes the later. Guarded: no slot is being recorded, and none ends.
 */
final class AttemptCarrying {
  private static final int SLOTS_A_TURN = 65_536;
  private static final int RECORDS_A_TURN = 1_024;

  private final Control control;
  private final TaskTable tasks;
  private final Journal journal;
  private final JournalReader reader;
  private final RecordView view = new RecordView();
  private final int[] found = new int[RECORDS_A_TURN];
  private int before;
  private int slot;
  private int copied;

  AttemptCarrying(Instance instance, Journal journal, JournalReader reader) {
    this.control = instance.control();
    this.tasks = instance.regions().tasks();
    this.journal = journal;
    this.reader = reader;
  }

  /** Begins: everything before this cycle is to go. */
  void begin(int beforeCycle) {
    before = beforeCycle;
    slot = 0;
    copied = 0;
  }

  /** How many were copied since the begin. */
  int copied() {
    return copied;
  }

  /**
   * Goes on through the slots. What enters one meanwhile is recorded in a later cycle.
   *
   * @return whether that was the last of them; false too if there is no room on the disk
   */
  boolean turn() {
    int end = control.slotsUsed();
    int stop = Math.min(end, slot + SLOTS_A_TURN);
    int from = slot;
    int count = 0;
    long bytes = 0;
    for (; slot < stop && count < RECORDS_A_TURN; slot++) {
      if (stands(slot)) {
        found[count++] = slot;
        bytes += read(slot).length() + RecordDescriptor.OVERHEAD_MAX;
      }
    }
    if (count > 0 && !journal.reserve(bytes)) {
      slot = from;
      return false;
    }
    if (count > 0) {
      copy(count);
    }
    return slot >= end;
  }

  private boolean stands(int candidate) {
    long attempt = tasks.outcome(candidate);
    return attempt != Position.NONE
        && Position.cycle(attempt) < before
        && StateWord.state(tasks.word(candidate)).isLive();
  }

  private void copy(int count) {
    RunWriter run = journal.begin();
    long[] positions = new long[count];
    for (int i = 0; i < count; i++) {
      positions[i] = run.copy(read(found[i]));
    }
    run.commit();
    for (int i = 0; i < count; i++) {
      tasks.outcome(found[i], positions[i]);
    }
    control.outcomeRun(journal.appendedThrough());
    copied += count;
  }

  private RecordView read(int candidate) {
    if (!reader.read(tasks.outcome(candidate), view)) {
      throw new IllegalStateException(
          "a live task's last attempt is not in the journal: slot="
              + candidate
              + " position="
              + Position.format(tasks.outcome(candidate)));
    }
    return view;
  }
}
