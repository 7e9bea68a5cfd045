package io.tidemill.plm;

import io.tidemill.shm.instance.Fatal;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.journal.Journal;
import io.tidemill.shm.journal.Position;
import io.tidemill.shm.journal.RecordDescriptor;
import io.tidemill.shm.journal.RecordView;
import io.tidemill.shm.journal.RunWriter;
import io.tidemill.shm.journal.SubmissionDecoder;
import io.tidemill.shm.journal.SubmissionEncoder;
import io.tidemill.shm.journal.Terms;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.Counter;
import io.tidemill.shm.region.Ring;
import io.tidemill.shm.region.Rings;
import io.tidemill.shm.region.Role;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.shm.region.WakeUp;
import io.tidemill.v1.StoredExtra;

/**
 * Gives tasks that wait another priority: writes their submission anew, under its sequence, with
 * the priority; then points the slot to it, gives the slot the priority and tells the Main
 * Scheduler, whose old entry is stale from then on.
 *
 * <p>A task that is assigned in the same moment was assigned before: its new priority counts when
 * it comes back. What a crash leaves: a record that the slot does not point to, which the next
 * start makes hold; or a changed slot of which nobody was told, which the Main Scheduler's sweep
 * finds. Or a change that is not counted.
 *
 * <p>The new record has the task's changes so far in it, as every record has its history.
 */
final class PriorityChanges {
  /** What became of one. */
  enum Result {
    DONE,
    /** It is not live, or a worker has it. */
    NOT_WAITING,
    REFUSED
  }

  /**
   * The answer.
   *
   * @param disk it is to be on the disk before it is acknowledged
   * @param refused why not, if it was refused
   */
  record Change(Result result, boolean disk, Refused refused) {
    private static final Change NOT_WAITING = new Change(Result.NOT_WAITING, false, null);
  }

  private final Instance instance;
  private final Control control;
  private final TaskTable tasks;
  private final Journal journal;
  private final Acceptance acceptance;
  private final Ends ends;
  private final CycleUse cycles;
  private final RecordReaders submissions;
  private final Ring toScheduler;
  private final WakeUp scheduler;
  private final SubmissionDecoder decoder = new SubmissionDecoder();
  private final SubmissionEncoder encoder = new SubmissionEncoder();

  PriorityChanges(
      Instance instance,
      Journal journal,
      Acceptance acceptance,
      Ends ends,
      CycleUse cycles,
      RecordReaders submissions) {
    this.instance = instance;
    this.control = instance.control();
    this.tasks = instance.regions().tasks();
    this.journal = journal;
    this.acceptance = acceptance;
    this.ends = ends;
    this.cycles = cycles;
    this.submissions = submissions;
    this.toScheduler = instance.regions().rings().plmToScheduler();
    this.scheduler = instance.regions().wakeUp(Role.SCHEDULER);
  }

  /** Changes it, in the journal and in the slot; the force is the caller's. */
  Change set(long id, int priority) {
    Change change = acceptance.whileNothingIsAccepted(() -> change(id, priority));
    scheduler.wake();
    return change;
  }

  private Change change(long id, int priority) {
    // Before the look at the state: see CycleUse.
    long before = control.lastSequence();
    long word = tasks.wordOf(id);
    if (word == -1 || !isWaiting(StateWord.state(word))) {
      return Change.NOT_WAITING;
    }
    int slot = TaskId.slot(id);
    Refused refused = tasks.priority(slot) == priority ? null : write(id, slot, priority, before);
    return refused == null
        ? new Change(Result.DONE, tasks.isDisk(slot), null)
        : new Change(Result.REFUSED, false, refused);
  }

  private static boolean isWaiting(TaskState state) {
    return state == TaskState.READY || state == TaskState.WAITING;
  }

  private Refused write(long id, int slot, int priority, long before) {
    try (RecordReaders.Lent lent = submissions.lend()) {
      RecordView record = lent.read(tasks.submission(slot));
      if (record == null) {
        throw new IllegalStateException(
            "a live task's submission is not in the journal: slot="
                + slot
                + " position="
                + Position.format(tasks.submission(slot)));
      }
      encode(record, priority);
      Refused full = acceptance.room(encoder.length() + RecordDescriptor.OVERHEAD_MAX);
      if (full == null) {
        append(record.sequence(), id, priority, before);
      }
      return full;
    } catch (Throwable broken) {
      Fatal.halt(instance, "a change of a priority broke off", broken);
      throw broken;
    }
  }

  private void encode(RecordView record, int priority) {
    Terms asked = decoder.wrap(record).terms();
    StoredExtra extra =
        PastPriorities.with(Extras.of(asked), decoder.priority(), control.nowMillis());
    encoder
        .again(decoder)
        .priority(priority)
        .terms(asked.withExtra(extra.toByteString().asReadOnlyByteBuffer()));
  }

  private void append(long sequence, long id, int priority, long before) {
    RunWriter run = journal.begin();
    long position = run.append(sequence, encoder);
    cycles.record(position, sequence, before);
    run.commit();
    ends.moved(id, position);
    int slot = TaskId.slot(id);
    // If it has ended meanwhile the slot is nobody's, since nothing is accepted.
    tasks.priorityChanged(slot, priority);
    control.count(Counter.PRIORITY_CHANGES, 1);
    toScheduler.offer(Rings.event(Rings.TASK_READY, slot), sequence);
  }
}
