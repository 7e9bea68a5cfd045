package io.tidemill.shm.inspect;

import io.tidemill.shm.inspect.InstanceReport.WithTerms;
import io.tidemill.shm.instance.DataDir;
import io.tidemill.shm.instance.Journals;
import io.tidemill.shm.instance.Regions;
import io.tidemill.shm.journal.JournalReader;
import io.tidemill.shm.journal.RecordKind;
import io.tidemill.shm.journal.RecordView;
import io.tidemill.shm.journal.SubmissionDecoder;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.shm.region.TermsTable;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** The first live tasks that ask for more than every task does, with what they ask for. */
final class TermsSurvey {
  private static final int STATE_MASK = (1 << StateWord.STATE_BITS) - 1;
  private static final TaskState[] STATES = TaskState.values();
  private static final double HUNDREDTHS = 100;

  private final Control control;
  private final TaskTable tasks;
  private final TermsTable terms;
  private final Types types;
  private final RecordView record = new RecordView();
  private final SubmissionDecoder submission = new SubmissionDecoder();

  private TermsSurvey(Regions regions, Types types) {
    this.control = regions.control();
    this.tasks = regions.tasks();
    this.terms = regions.terms();
    this.types = types;
  }

  /**
   * @param slots so many were ever taken
   * @param limit so many at most
   * @param type of this type only; null: all
   */
  static List<WithTerms> survey(
      DataDir dir, Regions regions, Types types, int slots, int limit, String type) {
    TermsSurvey survey = new TermsSurvey(regions, types);
    List<WithTerms> found = new ArrayList<>();
    try (JournalReader journal = Journals.read(dir.submissions())) {
      for (int slot = 0; slot < slots && found.size() < limit; slot++) {
        if (survey.isLive(slot)
            && regions.tasks().hasTerms(slot)
            && (type == null || type.equals(types.name(regions.tasks().type(slot))))) {
          found.add(survey.look(slot, journal));
        }
      }
    }
    return found;
  }

  private boolean isLive(int slot) {
    int state = (int) (tasks.word(slot) & STATE_MASK);
    return state < STATES.length && STATES[state].isLive() && STATES[state] != TaskState.FILLING;
  }

  private WithTerms look(int slot, JournalReader journal) {
    long key = terms.key(slot);
    return new WithTerms(
        Hex.of(tasks.id(slot)),
        slot,
        STATES[(int) (tasks.word(slot) & STATE_MASK)].name(),
        types.name(tasks.type(slot)),
        millis(terms.dueNanos(slot)),
        terms.runAtMillis(slot),
        millis(terms.startByNanos(slot)),
        millis(terms.endByNanos(slot)),
        terms.backoffInitialMillis(slot),
        terms.backoffMaxMillis(slot),
        terms.backoffHundredths(slot) / HUNDREDTHS,
        terms.jitterPercent(slot),
        terms.workerDeathsMax(slot),
        tasks.returns(slot),
        tasks.isSuspect(slot) || terms.workerDeathsMax(slot) != 0,
        key == 0 ? "" : Hex.of(key),
        terms.pending(slot),
        extra(slot, journal));
  }

  private long millis(long nanos) {
    return nanos == 0 ? 0 : control.millisAt(nanos);
  }

  /** None if the record is not there (any more), or is another task's. */
  private byte[] extra(int slot, JournalReader journal) {
    if (!journal.read(tasks.submission(slot), record)
        || record.kind() != RecordKind.SUBMISSION
        || submission.wrap(record).taskId() != tasks.id(slot)) {
      return new byte[0];
    }
    ByteBuffer extra = submission.terms().extra().duplicate();
    byte[] bytes = new byte[extra.remaining()];
    extra.get(bytes);
    return bytes;
  }
}
