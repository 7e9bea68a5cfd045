package io.tidemill.plm;

import io.tidemill.shm.instance.LeaseHistory;
import io.tidemill.shm.instance.Regions;
import io.tidemill.shm.journal.AttemptDecoder;
import io.tidemill.shm.journal.OutcomeDecoder;
import io.tidemill.shm.journal.PastLeases;
import io.tidemill.shm.journal.Position;
import io.tidemill.shm.journal.RecordKind;
import io.tidemill.shm.journal.RecordView;
import io.tidemill.shm.journal.SubmissionDecoder;
import io.tidemill.shm.journal.Terms;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.NoteTable;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.shm.region.WorkerTable;
import io.tidemill.v1.StoredExtra;

/**
 * Puts together what is known of tasks' lives: from the slot and the notes of past leases while
 * they live, from the journals always. Any thread.
 */
final class TaskLives {
  private final Control control;
  private final TaskTable tasks;
  private final WorkerTable workers;
  private final NoteTable cancelNotes;
  private final LeaseHistory leases;
  private final Ends ends;
  private final RecordReaders submissions;
  private final RecordReaders outcomes;

  TaskLives(Regions regions, Ends ends, RecordReaders submissions, RecordReaders outcomes) {
    this.control = regions.control();
    this.tasks = regions.tasks();
    this.workers = regions.workers();
    this.cancelNotes = regions.cancelNotes();
    this.leases = new LeaseHistory(regions);
    this.ends = ends;
    this.submissions = submissions;
    this.outcomes = outcomes;
  }

  /** Null: the task is neither live nor kept. */
  TaskLife of(long id) {
    return ends.find(id, this::live, (outcome, submission) -> ended(id, outcome, submission));
  }

  /** Of the slot; null if the task is not there, or was moved while we looked. */
  private TaskLife live(long id) {
    int slot = TaskId.slot(id);
    long word = tasks.wordOf(id);
    if (word == -1 || StateWord.state(word) == TaskState.FILLING) {
      return null;
    }
    long submission = tasks.submission(slot);
    long outcome = tasks.outcome(slot);
    boolean ended = StateWord.state(word).isEnd();
    boolean told = ends.mayBeTold(slot);
    if (tasks.wordOf(id) != word) {
      return null;
    }
    if (ended && told) {
      return ended(id, outcome, submission);
    }
    // An end whose record is not on the disk yet is none as far as anybody may tell.
    TaskLife life = live(id, slot, word, submission, outcome);
    return tasks.wordOf(id) == word ? life : null;
  }

  private TaskLife live(long id, int slot, long word, long submission, long record) {
    PastLeases past = record == Position.NONE ? before(id, word, null) : read(id, word, record);
    TaskState state = StateWord.state(word);
    return new TaskLife(
        id,
        state.isEnd() ? TaskState.RECORDING : state,
        tasks.attempts(slot) + 1,
        accepted(id, submission, control.millisAt(tasks.submittedNanos(slot))),
        past,
        LeaseHistory.missing(past, LeaseHistory.leasesOver(word)),
        isFromBeforeReboot(id, control.epoch()),
        held(slot, word),
        null,
        cancel(id, slot));
  }

  /** By the last failed attempt; where an end is being recorded, by that. */
  private PastLeases read(long id, long word, long position) {
    try (RecordReaders.Lent lent = outcomes.lend()) {
      RecordView view = lent.read(position);
      if (view != null && view.kind() == RecordKind.OUTCOME) {
        return new OutcomeDecoder().wrap(view).past();
      }
      return before(id, word, view == null ? null : new AttemptDecoder().wrap(view));
    }
  }

  private PastLeases before(long id, long word, AttemptDecoder attempt) {
    return attempt == null
        ? leases.of(id, word, PastLeases.NONE, 0)
        : leases.of(id, word, attempt.past(), attempt.lease());
  }

  private TaskLife.Held held(int slot, long word) {
    int worker = StateWord.worker(word);
    if (worker == StateWord.NO_WORKER) {
      return null;
    }
    WorkerTable.Registration registration = workers.registration(worker);
    long assigned = tasks.assignedNanos(slot);
    return new TaskLife.Held(
        TaskId.lease(control.epoch(), StateWord.lease(word)),
        registration == null ? "" : registration.workerId(),
        control.millisAt(assigned),
        tasks.isStartKnown(slot) ? control.millisAt(tasks.startedNanos(slot)) : 0);
  }

  private String cancel(long id, int slot) {
    if (!tasks.isCancelAsked(slot)) {
      return null;
    }
    NoteTable.Note note = cancelNotes.read(id);
    return note == null ? "" : note.text();
  }

  /** Of the journals; null if the outcome is not there (any more). */
  private TaskLife ended(long id, long outcomePosition, long submissionPosition) {
    try (RecordReaders.Lent lent = outcomes.lend()) {
      RecordView view = lent.read(outcomePosition);
      if (view == null) {
        return null;
      }
      OutcomeDecoder outcome = new OutcomeDecoder().wrap(view);
      boolean byLease = !outcome.workerId().isEmpty();
      int number = TaskId.leaseNumber(outcome.lease());
      PastLeases past = outcome.past();
      return new TaskLife(
          id,
          TaskState.endOf(outcome.state()),
          outcome.attempt(),
          accepted(id, submissionPosition, 0),
          past,
          LeaseHistory.missing(past, byLease ? Math.max(0, number - 1) : number),
          outcome.lease() != 0 && isFromBeforeReboot(id, TaskId.leaseEpoch(outcome.lease())),
          byLease
              ? new TaskLife.Held(
                  outcome.lease(),
                  outcome.workerId(),
                  outcome.assignedMillis(),
                  outcome.startedMillis())
              : null,
          new TaskLife.End(outcome.endedMillis(), outcome.error(), outcome.runMicros()),
          null);
    }
  }

  private static boolean isFromBeforeReboot(long id, int epoch) {
    return TaskId.epoch(id) != (epoch & TaskId.EPOCH_MAX);
  }

  /**
   * What the submission says.
   *
   * @param millis when it was accepted, where that is not there any more
   */
  private TaskLife.Accepted accepted(long id, long position, long millis) {
    try (RecordReaders.Lent lent = submissions.lend()) {
      RecordView view = position == Position.NONE ? null : lent.read(position);
      if (view == null) {
        return TaskLife.Accepted.at(millis);
      }
      SubmissionDecoder submission = new SubmissionDecoder().wrap(view);
      return submission.taskId() == id ? accepted(submission) : TaskLife.Accepted.at(millis);
    }
  }

  private static TaskLife.Accepted accepted(SubmissionDecoder submission) {
    Terms terms = submission.terms();
    StoredExtra extra = Extras.of(terms);
    // A task that runs again what another one did has what that one waited for.
    boolean waited =
        extra.getReleasedMs() == 0 || extra.getReleasedMs() >= submission.submittedMillis();
    return new TaskLife.Accepted(
        submission.submittedMillis(),
        terms.times().due(),
        terms.times().runAt(),
        waited ? Math.max(extra.getParentsCount(), extra.getDependsOnCount()) : 0,
        waited ? extra.getReleasedMs() : 0,
        PastPriorities.of(extra, submission.priority()),
        PastPriorities.gone(extra));
  }
}
