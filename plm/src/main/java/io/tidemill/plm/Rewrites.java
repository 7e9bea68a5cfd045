package io.tidemill.plm;

import io.tidemill.shm.journal.Journal;
import io.tidemill.shm.journal.Position;
import io.tidemill.shm.journal.RecordEncoder;
import io.tidemill.shm.journal.RecordView;
import io.tidemill.shm.journal.RunWriter;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskTable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * Writes submissions of live tasks again, under their sequences, so that a rebuild takes the old
 * record and the new one for one of which the last counts; then has the slots follow. While nothing
 * is accepted, and in room that has been reserved.
 *
 * <p>What a crash leaves: records that the slots do not point to yet. The next start makes them
 * hold.
 */
final class Rewrites {
  private final Control control;
  private final TaskTable tasks;
  private final Journal journal;
  private final CycleUse cycles;
  private final Ends ends;

  Rewrites(Control control, TaskTable tasks, Journal journal, CycleUse cycles, Ends ends) {
    this.control = control;
    this.tasks = tasks;
    this.journal = journal;
    this.cycles = cycles;
    this.ends = ends;
  }

  /** Begins one, before the looks at the tasks' states: see {@link CycleUse#record}. */
  Rewrite begin() {
    return new Rewrite(control.lastSequence());
  }

  /**
   * A live task's record, which the slot points to while nothing is accepted; null: it has ended,
   * and been taken.
   */
  RecordView read(RecordReaders.Lent lent, long id) {
    long position = tasks.submission(TaskId.slot(id));
    RecordView record = lent.read(position);
    if (record == null && tasks.wordOf(id) != -1) {
      throw new IllegalStateException(
          "a live task's submission is not in the journal: slot="
              + TaskId.slot(id)
              + " position="
              + Position.format(position));
    }
    return record;
  }

  /** Some that are written together. */
  final class Rewrite {
    private final long before;
    private final List<Long> ids = new ArrayList<>();
    private final List<Long> positions = new ArrayList<>();
    private RunWriter run;

    private Rewrite(long before) {
      this.before = before;
    }

    /** What a task's record is to say from now on. */
    void append(long id, long sequence, RecordEncoder record) {
      note(id, sequence, run().append(sequence, record));
    }

    /** A task's record as it is. */
    void copy(long id, RecordView record) {
      note(id, record.sequence(), run().copy(record));
    }

    private RunWriter run() {
      run = run == null ? journal.begin() : run;
      return run;
    }

    private void note(long id, long sequence, long position) {
      cycles.record(position, sequence, before);
      ids.add(id);
      positions.add(position);
    }

    /**
     * They exist, and the slots say what they say and point to them. In this order: a slot that
     * points to an older place is made to follow by the next start, and one that points here is
     * taken to say all that the record does.
     *
     * @param slotSays makes a task's slot say it
     */
    void commit(LongConsumer slotSays) {
      if (run != null) {
        run.commit();
      }
      for (int i = 0; i < ids.size(); i++) {
        slotSays.accept(ids.get(i));
        ends.moved(ids.get(i), positions.get(i));
      }
    }
  }
}
