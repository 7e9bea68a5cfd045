package io.tidemill.register;

import io.tidemill.shm.instance.Backoffs;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.instance.LeaseHistory;
import io.tidemill.shm.journal.AttemptDecoder;
import io.tidemill.shm.journal.JournalReader;
import io.tidemill.shm.journal.PastLeases;
import io.tidemill.shm.journal.Position;
import io.tidemill.shm.journal.RecordKind;
import io.tidemill.shm.journal.RecordView;
import io.tidemill.shm.region.LeaseEnd;
import io.tidemill.shm.region.LeaseTable;
import io.tidemill.shm.region.PastLease;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.v1.TaskReport;

/**
 * What records tell of the leases that a task had before, and the note of one that was handed back.
 * A task that ends under its first lease has none: nothing is looked for, and nothing is written.
 * Guarded.
 */
final class LeaseNotes implements AutoCloseable {
  private final TaskTable tasks;
  private final LeaseTable returned;
  private final LeaseHistory history;
  private final Backoffs backoffs;
  private final JournalReader reader;
  private final RecordView view = new RecordView();
  private final AttemptDecoder attempt = new AttemptDecoder();

  LeaseNotes(Instance instance) {
    this.tasks = instance.regions().tasks();
    this.returned = instance.regions().leasesReturned();
    this.history = new LeaseHistory(instance.regions());
    this.backoffs = new Backoffs(instance.regions());
    this.reader = instance.journals().readOutcomes();
  }

  /** What the record of a report may tell at most: nothing, of a task that ends under its first. */
  int bytesMax(TaskReport report) {
    if (report.getKind() == TaskReport.Kind.KIND_FAILED) {
      return PastLeases.BYTES_MAX;
    }
    int slot = TaskId.slot(report.getTaskId());
    boolean hasPast =
        tasks.contains(slot) && LeaseHistory.hasPast(tasks.word(slot), tasks.attempts(slot));
    return hasPast ? PastLeases.BYTES_MAX : 0;
  }

  /** For a slot that is being recorded, if {@link LeaseHistory#hasPast}. */
  PastLeases before(Recording recording) {
    long position = tasks.outcome(recording.slot);
    PastLeases journaled = PastLeases.NONE;
    long token = 0;
    if (position != Position.NONE
        && reader.read(position, view)
        && view.kind() == RecordKind.ATTEMPT) {
      attempt.wrap(view);
      journaled = attempt.past();
      token = attempt.lease();
    }
    return history.of(recording.taskId, recording.word, journaled, token);
  }

  /** For the record of a failed attempt: with its own lease. */
  PastLeases withFailed(Recording recording, int attempts, long nowMillis) {
    int slot = recording.slot;
    PastLease note = note(recording, LeaseEnd.FAILED, attempts);
    long due = backoffs.dueMillis(slot, attempts, nowMillis);
    PastLease failed =
        new PastLease(
            note.token(),
            note.end(),
            note.workerId(),
            note.assignedMillis(),
            note.startedMillis() == 0
                ? Math.max(note.assignedMillis(), nowMillis - recording.runMicros / 1_000)
                : note.startedMillis(),
            nowMillis,
            attempts,
            due,
            recording.error);
    return LeaseHistory.with(before(recording), failed);
  }

  /** Before a slot goes back that its worker handed back. */
  void handedBack(Recording recording) {
    int attempts = tasks.attempts(recording.slot);
    returned.write(recording.taskId, note(recording, LeaseEnd.HANDED_BACK, attempts));
  }

  private PastLease note(Recording recording, LeaseEnd end, int attempts) {
    int slot = recording.slot;
    String worker = recording.worker == null ? "" : recording.worker.id();
    return history.note(
        recording.lease,
        end,
        worker,
        tasks.assignedNanos(slot),
        tasks.startedNanos(slot),
        attempts);
  }

  /** Now and then: lets go of files that may have been deleted. */
  void tidy() {
    reader.trim();
  }

  @Override
  public void close() {
    reader.close();
  }
}
