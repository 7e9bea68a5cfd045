package io.tidemill.register;

import io.tidemill.shm.instance.Backoffs;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.instance.LeaseHistory;
import io.tidemill.shm.journal.AttemptEncoder;
import io.tidemill.shm.journal.ErrorText;
import io.tidemill.shm.journal.Journal;
import io.tidemill.shm.journal.OutcomeEncoder;
import io.tidemill.shm.journal.PastLeases;
import io.tidemill.shm.journal.RecordDescriptor;
import io.tidemill.shm.journal.RunWriter;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.Counter;
import io.tidemill.shm.region.Mapping;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records how tasks end, a run at a time: {@link #reserve}, {@link #take} the slots, {@link
 * #write}. Between take and write the slots are RECORDING, which keeps everybody else from them.
 *
 * <p>A crash before the run's commit leaves RECORDING slots without a record, which {@link
 * Settlement} gives back to their leases; one after it leaves slots with a record, which it ends by
 * that. Guarded.
 */
final class Recorder {
  /** Why an attempt record was written. */
  static final byte CAUSE_FAILED = 1;

  private static final int UTF8_BYTES_MAX = 4;
  private static final Logger LOG = LoggerFactory.getLogger(Recorder.class);

  private final Control control;
  private final TaskTable tasks;
  private final Mapping mapping;
  private final Journal journal;
  private final Signals signals;
  private final RecentRecords recent;
  private final Committer committer;
  private final Figures figures;
  private final Backoffs backoffs;
  private final LeaseNotes notes;
  private final OutcomeEncoder outcome = new OutcomeEncoder();
  private final AttemptEncoder attempt = new AttemptEncoder();
  private final int recordBytesBase;

  private final List<Recording> pool = new ArrayList<>();
  private final int[] ends = new int[TaskState.values().length];
  private int taken;
  private int journaled;
  private long journaledMillis;

  Recorder(
      Instance instance,
      Journal journal,
      Signals signals,
      RecentRecords recent,
      Committer committer,
      Figures figures,
      LeaseNotes notes) {
    this.control = instance.control();
    this.tasks = instance.regions().tasks();
    this.mapping = instance.regions().mapping();
    this.journal = journal;
    this.signals = signals;
    this.recent = recent;
    this.committer = committer;
    this.figures = figures;
    this.backoffs = new Backoffs(instance.regions());
    this.notes = notes;
    String longestId = "x".repeat(io.tidemill.shm.region.WorkerTable.ID_BYTES_MAX);
    this.recordBytesBase =
        outcome.task(0, 0, (byte) 0, 0, longestId).length() + RecordDescriptor.OVERHEAD_MAX;
  }

  /**
   * What a record takes at most, with a result and an error of these lengths, but without what it
   * tells of leases before: see {@link LeaseNotes#bytesMax}.
   */
  long bytesMax(int resultBytes, int errorCharacters) {
    return recordBytesBase
        + resultBytes
        + (long) UTF8_BYTES_MAX * Math.min(errorCharacters, ErrorText.CHARACTERS_MAX);
  }

  /** The longest result that fits into a record, whatever else is in it. */
  int resultBytesMax() {
    long others = bytesMax(0, ErrorText.CHARACTERS_MAX) + PastLeases.BYTES_MAX;
    return (int) (journal.recordBytesMax() - others);
  }

  /** Before anything is taken: false if the disk has no room for so much. */
  boolean reserve(long bytes) {
    return journal.reserve(bytes);
  }

  /**
   * Takes a slot into this run.
   *
   * @return what is to become of it, to be filled in; null if the word is not the slot's any more,
   *     or if the task was found to have an outcome, by which it is ended
   */
  Recording take(int slot, long word) {
    long taskId = tasks.id(slot);
    long recording = tasks.record(slot, word);
    if (recording == -1) {
      return null;
    }
    long earlier = recent.findEnd(taskId);
    if (earlier != 0) {
      endByEarlier(slot, recording, taskId, earlier);
      return null;
    }
    if (taken == pool.size()) {
      pool.add(new Recording());
    }
    Recording next = pool.get(taken++);
    next.clear(slot, recording);
    next.taskId = taskId;
    next.lease = lease(word);
    return next;
  }

  private long lease(long word) {
    int number = StateWord.lease(word);
    return number == 0 ? 0 : TaskId.lease(control.epoch(), number);
  }

  /**
   * Cannot happen while the state word is the truth. The first outcome holds; the figure tells of
   * it.
   */
  private void endByEarlier(int slot, long word, long taskId, long earlier) {
    String what = "a live task has an outcome already: task=" + Long.toHexString(taskId);
    LOG.error(what);
    control.errors().record(io.tidemill.shm.region.Role.REGISTER, what, System.currentTimeMillis());
    control.count(Counter.RECORDED_TWICE, 1);
    tasks.outcome(slot, recent.position(earlier));
    mapping.clear(slot);
    require(tasks.end(slot, word, recent.end(earlier)), slot);
    signals.taskEnded(slot, taskId);
  }

  /**
   * Journals what was taken, moves the slots on and tells the others. Answers whether a verdict
   * must wait for the disk.
   */
  boolean write(long nowNanos) {
    if (taken == 0) {
      return false;
    }
    journal();
    boolean disk = false;
    int attemptsFailed = 0;
    for (int i = 0; i < taken; i++) {
      Recording recording = pool.get(i);
      disk |= finish(recording, nowNanos);
      attemptsFailed += recording.attemptFailed ? 1 : 0;
      recording.result = null;
      recording.worker = null;
    }
    count(attemptsFailed);
    // The run is counted: a successor counts what it finds from here on.
    control.outcomeRun(journal.appendedThrough());
    taken = 0;
    return disk;
  }

  private void journal() {
    journaled = 0;
    for (int i = 0; i < taken; i++) {
      journaled += pool.get(i).isJournaled() ? 1 : 0;
    }
    if (journaled == 0) {
      return;
    }
    // Settlement looks for what a crash from here on leaves behind the end of the run before.
    long sequence = control.drawSequences(journaled);
    long nowMillis = control.nowMillis();
    journaledMillis = nowMillis;
    RunWriter run = journal.begin();
    for (int i = 0; i < taken; i++) {
      Recording recording = pool.get(i);
      if (recording.isJournaled()) {
        recording.position = append(run, sequence++, recording, nowMillis);
      }
    }
    run.commit();
  }

  private long append(RunWriter run, long sequence, Recording recording, long nowMillis) {
    String workerId = recording.worker == null ? "" : recording.worker.id();
    int attempts = tasks.attempts(recording.slot) + 1;
    if (recording.end == null) {
      attempt
          .task(recording.taskId, recording.lease, nowMillis, attempts, CAUSE_FAILED, workerId)
          .error(recording.error)
          .past(notes.withFailed(recording, attempts, nowMillis));
      return run.append(sequence, attempt);
    }
    outcome
        .task(recording.taskId, recording.lease, (byte) recording.end.number(), nowMillis, workerId)
        .counts(attempts, tasks.returns(recording.slot))
        .error(recording.error)
        .result(recording.result.asReadOnlyByteBuffer());
    addTimes(recording, nowMillis);
    if (LeaseHistory.hasPast(recording.word, attempts - 1)) {
      outcome.past(notes.before(recording));
    }
    return run.append(sequence, outcome);
  }

  private void addTimes(Recording recording, long nowMillis) {
    if (recording.lease == 0) {
      return;
    }
    long assigned = tasks.assignedNanos(recording.slot);
    long assignedMillis = control.millisAt(assigned);
    long startedMillis = 0;
    if (tasks.isStartKnown(recording.slot)) {
      startedMillis = control.millisAt(tasks.startedNanos(recording.slot));
    } else if (recording.worker != null) {
      startedMillis = Math.max(assignedMillis, nowMillis - recording.runMicros / 1_000);
    }
    outcome.times(assignedMillis, startedMillis, recording.runMicros);
  }

  /**
   * The record is in the journal. A crash anywhere here is settled by it. Answers whether it must
   * be on disk.
   */
  private boolean finish(Recording recording, long nowNanos) {
    int slot = recording.slot;
    boolean disk = tasks.isDisk(slot);
    if (recording.worker != null) {
      figures.onRecorded(nowNanos - tasks.assignedNanos(slot));
    }
    if (recording.end == null) {
      putBack(recording);
      return disk && recording.attemptFailed;
    }
    tasks.outcome(slot, recording.position);
    mapping.clear(slot);
    require(tasks.end(slot, recording.word, recording.end), slot);
    ends[recording.end.ordinal()]++;
    recent.add(recording.taskId, recording.lease, recording.position, recording.end);
    if (disk) {
      committer.endedUnforced(slot, recording.taskId);
    } else {
      signals.taskEnded(slot, recording.taskId);
    }
    return disk;
  }

  private void putBack(Recording recording) {
    int slot = recording.slot;
    boolean waits = false;
    if (recording.attemptFailed) {
      int attempts = tasks.attempts(slot) + 1;
      tasks.attempts(slot, attempts);
      tasks.outcome(slot, recording.position);
      waits = backoffs.postpone(slot, attempts, journaledMillis);
    } else {
      notes.handedBack(recording);
    }
    long sequence = tasks.sequence(slot);
    mapping.clear(slot);
    recent.add(recording.taskId, recording.lease, recording.position, null);
    if (waits) {
      require(tasks.postpone(slot, recording.word), slot);
      signals.taskWaiting(slot, sequence);
    } else {
      require(tasks.retry(slot, recording.word), slot);
      signals.taskReady(slot, sequence);
    }
  }

  private void count(int attemptsFailed) {
    int ended = 0;
    for (TaskState state : TaskState.values()) {
      int count = ends[state.ordinal()];
      if (count > 0) {
        ended += count;
        ends[state.ordinal()] = 0;
        control.count(Counter.ofEnd(state), count);
      }
    }
    if (attemptsFailed > 0) {
      control.count(Counter.ATTEMPTS_FAILED, attemptsFailed);
    }
    control.count(Counter.RECORDED, ended);
  }

  private static void require(long moved, int slot) {
    if (moved == -1) {
      throw new IllegalStateException("a slot was moved while it was being recorded: slot=" + slot);
    }
  }
}
