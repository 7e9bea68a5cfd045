package io.tidemill.shm.instance;

import io.tidemill.shm.journal.AttemptDecoder;
import io.tidemill.shm.journal.DefinitionFold;
import io.tidemill.shm.journal.JournalReader;
import io.tidemill.shm.journal.OutcomeDecoder;
import io.tidemill.shm.journal.RecordKind;
import io.tidemill.shm.journal.RecordView;
import io.tidemill.shm.journal.SubmissionDecoder;
import io.tidemill.shm.region.Counter;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * Fills fresh mapped files from the journals: an idempotent fold in which a task lives if its
 * submission stands in the journal and no outcome does. Tasks keep their ids and slots; all leases
 * are void, which the raised epoch makes true for workers elsewhere too.
 */
public final class Rebuild {
  private final Regions regions;
  private final LongConsumer sequences;
  private final SubmissionDecoder submission = new SubmissionDecoder();
  private final DefinitionFold definitions = new DefinitionFold();
  private final OutcomeDecoder outcome = new OutcomeDecoder();
  private final AttemptDecoder attempt = new AttemptDecoder();
  private final Map<Long, Long> beyond = new HashMap<>();
  private SlotFiller filler;
  private Backoffs backoffs;
  private long submissions;
  private long outcomes;
  private long lastSequence;
  private int slotsUsed;
  private int highestEpoch;

  /**
   * @param sequences told of every record's
   */
  Rebuild(Regions regions, LongConsumer sequences) {
    this.regions = regions;
    this.sequences = sequences;
  }

  /**
   * Makes fresh regions, whose headers are prepared, valid; answers how many tasks live. Before the
   * seal they are none, so a crash here is followed by another making.
   *
   * @param epoch higher than any before, durably
   */
  public static int fill(
      Regions regions, int epoch, JournalReader submissions, JournalReader outcomes) {
    int live = new Rebuild(regions, sequence -> {}).fold(epoch, submissions, outcomes);
    regions.seal();
    return live;
  }

  /** All but the seal. */
  int fold(int epoch, JournalReader submissionJournal, JournalReader outcomeJournal) {
    regions.control().create(epoch, System.currentTimeMillis(), regions.control().nanoTime());
    filler = new SlotFiller(regions);
    backoffs = new Backoffs(regions);
    Journals.requireIntact(submissionJournal.scan(0, this::onSubmission));
    Journals.requireIntact(outcomeJournal.scan(0, this::onOutcomeRecord));
    if (!beyond.isEmpty()) {
      throw new InstanceException(
          "tasks.max is too low for the tasks in the journals: tasks.max="
              + regions.tasks().capacity()
              + " needed="
              + (beyond.keySet().stream().mapToInt(TaskId::slot).max().orElse(0) + 1)
              + "; set it at least that high");
    }
    regions.rules().publish(RuleFold.of(definitions.live()));
    regions.control().lastSequence(lastSequence);
    regions.control().restoreCount(Counter.ACCEPTED, submissions);
    regions.control().restoreCount(Counter.RECORDED, outcomes);
    return publish();
  }

  /** The highest sequence of all records. */
  long lastSequence() {
    return lastSequence;
  }

  /** The highest epoch in the ids and leases of all records. */
  int highestEpoch() {
    return highestEpoch;
  }

  private void count(RecordView record) {
    sequences.accept(record.sequence());
    lastSequence = Math.max(lastSequence, record.sequence());
  }

  private void onSubmission(RecordView record) {
    count(record);
    if (record.kind() == RecordKind.DEFINITION) {
      definitions.read(record);
    }
    if (record.kind() != RecordKind.SUBMISSION) {
      return;
    }
    submission.wrap(record);
    highestEpoch = Math.max(highestEpoch, TaskId.epoch(submission.taskId()));
    TaskTable tasks = regions.tasks();
    int slot = TaskId.slot(submission.taskId());
    if (!tasks.contains(slot)) {
      submissions += beyond.put(submission.taskId(), record.sequence()) == null ? 1 : 0;
    } else if (record.sequence() > tasks.sequence(slot)) {
      submissions++;
      fill(slot, record);
    } else if (record.sequence() == tasks.sequence(slot)) {
      // It was carried forward, or changed: the later one stays.
      fill(slot, record);
    }
  }

  private void fill(int slot, RecordView record) {
    slotsUsed = Math.max(slotsUsed, slot + 1);
    filler.fill(slot, record, submission, typeOf(submission.lane()));
  }

  private int typeOf(String name) {
    int type = regions.types().intern(name);
    if (type < 0) {
      throw new InstanceException(
          "types.max is too low for the task types in the journals: types.max="
              + regions.types().capacity()
              + "; set it higher");
    }
    return type;
  }

  private void onOutcomeRecord(RecordView record) {
    count(record);
    if (record.kind() == RecordKind.OUTCOME) {
      outcomes++;
      onOutcome(outcome.wrap(record).taskId());
      highestEpoch = Math.max(highestEpoch, TaskId.leaseEpoch(outcome.lease()));
    } else if (record.kind() == RecordKind.ATTEMPT) {
      onAttempt(attempt.wrap(record), record.position());
      highestEpoch = Math.max(highestEpoch, TaskId.leaseEpoch(attempt.lease()));
    }
  }

  private void onOutcome(long taskId) {
    countEnd(TaskState.endOf(outcome.state()));
    beyond.remove(taskId);
    int slot = TaskId.slot(taskId);
    if (regions.tasks().contains(slot) && regions.tasks().id(slot) == taskId) {
      regions.tasks().submission(slot, 0);
    }
  }

  private void countEnd(TaskState end) {
    if (end != null) {
      Counter counter = Counter.ofEnd(end);
      regions.control().restoreCount(counter, regions.control().count(counter) + 1);
    }
  }

  /** The last one counts: those before it may have been carried forward behind it. */
  private void onAttempt(AttemptDecoder record, long position) {
    int slot = TaskId.slot(record.taskId());
    TaskTable tasks = regions.tasks();
    if (tasks.contains(slot)
        && tasks.id(slot) == record.taskId()
        && record.attempt() >= tasks.attempts(slot)) {
      tasks.attempts(slot, record.attempt());
      tasks.outcome(slot, position);
      backoffs.postpone(slot, record.attempt(), record.millis());
    }
  }

  /**
   * The slots whose submission has no outcome become ready, or wait; the others stay free, after
   * their generation; one whose generations are used up begins again, which the raised epoch
   * allows.
   */
  private int publish() {
    TaskTable tasks = regions.tasks();
    int live = 0;
    regions.control().slotsUsed(slotsUsed);
    for (int slot = 0; slot < slotsUsed; slot++) {
      if (tasks.id(slot) != 0) {
        boolean lives = tasks.submission(slot) != 0;
        int last = TaskId.generation(tasks.id(slot));
        int generation = lives || last < StateWord.GENERATION_MAX ? last : 0;
        TaskState state = lives ? filler.stateOf(slot) : TaskState.FREE;
        tasks.restore(slot, StateWord.of(state, StateWord.NO_WORKER, 0, generation));
        live += lives ? 1 : 0;
      }
    }
    return live;
  }
}
