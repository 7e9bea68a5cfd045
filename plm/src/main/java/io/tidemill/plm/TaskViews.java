package io.tidemill.plm;

import com.google.protobuf.UnsafeByteOperations;
import io.tidemill.shm.instance.Regions;
import io.tidemill.shm.journal.OutcomeDecoder;
import io.tidemill.shm.journal.RecordView;
import io.tidemill.shm.journal.SubmissionDecoder;
import io.tidemill.shm.journal.Terms;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.Lane;
import io.tidemill.shm.region.NoteTable;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskOrder;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.shm.region.TermsTable;
import io.tidemill.shm.region.TypeTable;
import io.tidemill.shm.region.WorkerTable;
import io.tidemill.v1.RetryPolicy;
import io.tidemill.v1.StoredExtra;
import io.tidemill.v1.Task;
import io.tidemill.v1.TaskFilter;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Tasks as clients see them: of the slot while they are in it, of the journals once they have left
 * it. Any thread.
 */
final class TaskViews {
  private final Control control;
  private final TaskTable tasks;
  private final TermsTable terms;
  private final TypeTable types;
  private final WorkerTable workers;
  private final NoteTable progressNotes;
  private final RecordReaders submissions;
  private final RecordReaders outcomes;
  private final Ends ends;
  private final WaitNotes notes;

  /** The tasks that run ended ones again, by those. */
  private final Map<Long, Long> requeued;

  TaskViews(
      Regions regions,
      RecordReaders submissions,
      RecordReaders outcomes,
      Ends ends,
      WaitNotes notes,
      Map<Long, Long> requeued) {
    this.requeued = requeued;
    this.control = regions.control();
    this.tasks = regions.tasks();
    this.terms = regions.terms();
    this.types = regions.newTypes();
    this.workers = regions.workers();
    this.progressNotes = regions.progressNotes();
    this.submissions = submissions;
    this.outcomes = outcomes;
    this.ends = ends;
    this.notes = notes;
  }

  /** A task wherever it is; null if it is neither live nor kept. */
  Task view(long id) {
    return ends.find(id, this::live, (outcome, submission) -> ended(id, outcome, submission));
  }

  /** Of the slot; null if the task is not there, or was moved while we looked. */
  Task live(long id) {
    int slot = TaskId.slot(id);
    long word = tasks.wordOf(id);
    if (word == -1 || StateWord.state(word) == TaskState.FILLING) {
      return null;
    }
    TaskState state = StateWord.state(word);
    if (state.isEnd()) {
      return endedInSlot(id, slot, word);
    }
    Task.Builder task = Task.newBuilder().setTaskId(id);
    slotFields(task, slot, word);
    progressFields(task, word);
    submissionFields(task, tasks.submission(slot));
    return tasks.wordOf(id) == word ? task.build() : null;
  }

  /** An end that has not been taken yet: shown if what its durability promises has been done. */
  private Task endedInSlot(long id, int slot, long word) {
    long outcome = tasks.outcome(slot);
    long submission = tasks.submission(slot);
    boolean told = ends.mayBeTold(slot);
    if (tasks.wordOf(id) != word) {
      return null;
    }
    if (told) {
      return ended(id, outcome, submission);
    }
    Task.Builder task = Task.newBuilder().setTaskId(id);
    slotFields(task, slot, StateWord.with(word, TaskState.RECORDING));
    submissionFields(task, submission);
    return task.build();
  }

  private void slotFields(Task.Builder task, int slot, long word) {
    TaskState state = StateWord.state(word);
    long nowNanos = control.nanoTime();
    long nowMillis = System.currentTimeMillis();
    Lane lane = lane(tasks.type(slot));
    laneFields(task, lane);
    task.setType(lane.type())
        .setPriority(tasks.priority(slot))
        .setStateValue(state.number())
        .setAttempt(tasks.attempts(slot) + 1)
        .setReturns(tasks.returns(slot))
        .setSubmittedMs(wall(tasks.submittedNanos(slot), nowNanos, nowMillis));
    int lease = StateWord.lease(word);
    if (lease != 0) {
      task.setLease(TaskId.lease(control.epoch(), lease))
          .setAssignedMs(wall(tasks.assignedNanos(slot), nowNanos, nowMillis));
    }
    if (tasks.isStartKnown(slot)) {
      task.setStartedMs(wall(tasks.startedNanos(slot), nowNanos, nowMillis));
    }
    int worker = StateWord.worker(word);
    if (worker != StateWord.NO_WORKER) {
      WorkerTable.Registration registration = workers.registration(worker);
      task.setWorkerId(registration == null ? "" : registration.workerId());
    }
    if (control.ageing() != 0) {
      task.setAgedPriority(new TaskOrder(tasks, control).agedPriority(slot));
    }
    if (state == TaskState.READY) {
      task.setNote(notes.ofReady(lane));
    } else if (state == TaskState.WAITING) {
      waitingFields(task, slot, nowNanos, nowMillis);
    }
  }

  private void waitingFields(Task.Builder task, int slot, long nowNanos, long nowMillis) {
    long due = terms.runAtMillis(slot);
    if (due == 0) {
      due = wall(terms.dueNanos(slot), nowNanos, nowMillis);
    }
    long left = Math.max(0, due - nowMillis);
    String what = tasks.attempts(slot) == 0 ? "is due" : "is tried again";
    task.setDueMs(due).setNote(what + " in " + left / 1_000.0 + " s");
  }

  /** What its worker says of this lease: an earlier one's progress went with it. */
  private void progressFields(Task.Builder task, long word) {
    if (StateWord.worker(word) == StateWord.NO_WORKER) {
      return;
    }
    NoteTable.Note note = progressNotes.read(task.getTaskId());
    if (note != null && note.lease() == StateWord.lease(word)) {
      task.setProgress(note.value()).setProgressMessage(note.text());
    }
  }

  private static long wall(long nanos, long nowNanos, long nowMillis) {
    return nanos == 0 ? 0 : nowMillis - TimeUnit.NANOSECONDS.toMillis(nowNanos - nanos);
  }

  /** Of the journals; null if the outcome is not there (any more). */
  Task ended(long id, long outcomePosition, long submissionPosition) {
    Task.Builder task = Task.newBuilder().setTaskId(id);
    if (!outcomeFields(task, outcomePosition)) {
      return null;
    }
    submissionFields(task, submissionPosition);
    if (!requeued.isEmpty()) {
      task.setRequeuedAs(requeued.getOrDefault(id, 0L));
    }
    return task.build();
  }

  private boolean outcomeFields(Task.Builder task, long position) {
    try (RecordReaders.Lent lent = outcomes.lend()) {
      RecordView view = lent.read(position);
      if (view == null) {
        return false;
      }
      OutcomeDecoder outcome = new OutcomeDecoder().wrap(view);
      task.setStateValue(outcome.state())
          .setLease(outcome.lease())
          .setEndedMs(control.wallMillis(outcome.endedMillis()))
          .setAssignedMs(control.wallMillis(outcome.assignedMillis()))
          .setStartedMs(control.wallMillis(outcome.startedMillis()))
          .setAttempt(outcome.attempt())
          .setReturns(outcome.returns())
          .setWorkerId(outcome.workerId())
          .setError(outcome.error())
          .setResult(UnsafeByteOperations.unsafeWrap(outcome.resultBytes()));
      return true;
    }
  }

  private void submissionFields(Task.Builder task, long position) {
    try (RecordReaders.Lent lent = submissions.lend()) {
      RecordView view = lent.read(position);
      if (view != null) {
        SubmissionDecoder submission = new SubmissionDecoder().wrap(view);
        if (submission.taskId() == task.getTaskId()) {
          laneFields(task, Lane.parse(submission.lane()));
          task.setType(submission.type())
              .setPriority(submission.priority())
              .setSubmittedMs(control.wallMillis(submission.submittedMillis()))
              .setPayloadBytes(submission.payloadLength());
          if (submission.hasTerms()) {
            Terms asked = submission.terms();
            task.setAffinityKey(asked.texts().affinity());
            task.setKey(asked.texts().key()).setTenant(asked.texts().tenant());
            termsFields(task, Extras.of(asked));
            timesFields(task, asked);
          }
        }
      }
    }
  }

  private void timesFields(Task.Builder task, Terms asked) {
    task.setStartByMs(control.wallMillis(asked.times().startBy()))
        .setDeadlineMs(control.wallMillis(asked.times().endBy()));
    Terms.Backoff backoff = asked.backoff();
    if (backoff.initialMillis() != 0) {
      task.setRetry(
          RetryPolicy.newBuilder()
              .setInitialMs(backoff.initialMillis())
              .setMaxMs(backoff.maxMillis())
              .setMultiplier(backoff.hundredths() / 100.0)
              .setJitter(backoff.jitterPercent() / 100.0));
    }
  }

  private static void laneFields(Task.Builder task, Lane lane) {
    task.setQueue(lane.queue());
    if (!lane.labels().isEmpty() || !lane.amounts().isEmpty()) {
      task.clearLabels().putAllLabels(lane.labels()).clearAmounts().putAllAmounts(lane.amounts());
    }
  }

  private static void termsFields(Task.Builder task, StoredExtra extra) {
    task.setRequeuedFrom(extra.getRequeuedFrom())
        .setSchedule(extra.getSchedule())
        .setOccurrenceMs(extra.getOccurrenceMs())
        .setUniqueKey(extra.getUniqueKey())
        .setUniqueUntil(extra.getUniqueUntil())
        .setUniqueForMs(extra.getUniqueForMs());
  }

  /** The class of work of a number. */
  Lane lane(int number) {
    synchronized (types) {
      return Lane.parse(types.name(number));
    }
  }

  /** What a slot's state is shown as: an end only if what its durability promises has been done. */
  TaskState shownState(int slot, long word) {
    TaskState state = StateWord.state(word);
    return state.isEnd() && !ends.mayBeTold(slot) ? TaskState.RECORDING : state;
  }

  /** The sequence of a submission's record; 0 if it is gone. */
  long sequence(long submissionPosition) {
    try (RecordReaders.Lent lent = submissions.lend()) {
      RecordView view = lent.read(submissionPosition);
      return view == null ? 0 : view.sequence();
    }
  }

  /** Looks at tasks as a filter, which was checked, says. */
  TaskMatcher matcher(TaskFilter filter) {
    TaskMatcher.LaneTexts texts =
        new TaskMatcher.LaneTexts() {
          @Override
          public int count() {
            return types.count();
          }

          @Override
          public String text(int number) {
            return types.name(number);
          }
        };
    synchronized (types) {
      return new TaskMatcher(filter, texts, control.wallMillis(1) - 1);
    }
  }
}
