package io.tidemill.plm;

import io.tidemill.shm.instance.Fatal;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.journal.RecordDescriptor;
import io.tidemill.shm.journal.RecordView;
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
  private final Acceptance acceptance;
  private final Rewrites rewrites;
  private final RecordReaders submissions;
  private final Ring toScheduler;
  private final WakeUp scheduler;
  private final SubmissionDecoder decoder = new SubmissionDecoder();
  private final SubmissionEncoder encoder = new SubmissionEncoder();

  PriorityChanges(
      Instance instance, Acceptance acceptance, Rewrites rewrites, RecordReaders submissions) {
    this.instance = instance;
    this.control = instance.control();
    this.tasks = instance.regions().tasks();
    this.acceptance = acceptance;
    this.rewrites = rewrites;
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
    Rewrites.Rewrite rewrite = rewrites.begin();
    long word = tasks.wordOf(id);
    if (word == -1 || !isWaiting(StateWord.state(word))) {
      return Change.NOT_WAITING;
    }
    int slot = TaskId.slot(id);
    return tasks.priority(slot) == priority ? done(slot) : write(rewrite, id, priority);
  }

  private Change done(int slot) {
    return new Change(Result.DONE, tasks.isDisk(slot), null);
  }

  private static boolean isWaiting(TaskState state) {
    return state == TaskState.READY || state == TaskState.WAITING;
  }

  private Change write(Rewrites.Rewrite rewrite, long id, int priority) {
    try (RecordReaders.Lent lent = submissions.lend()) {
      RecordView record = rewrites.read(lent, id);
      if (record == null) {
        return Change.NOT_WAITING;
      }
      encode(record, priority);
      Refused full = acceptance.room(encoder.length() + RecordDescriptor.OVERHEAD_MAX);
      if (full != null) {
        return new Change(Result.REFUSED, false, full);
      }
      rewrite.append(id, record.sequence(), encoder);
      rewrite.commit(changed -> tell(TaskId.slot(changed), priority, record.sequence()));
      return done(TaskId.slot(id));
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

  /** If it has ended meanwhile the slot is nobody's, since nothing is accepted. */
  private void tell(int slot, int priority, long sequence) {
    tasks.priorityChanged(slot, priority);
    control.count(Counter.PRIORITY_CHANGES, 1);
    toScheduler.offer(Rings.event(Rings.TASK_READY, slot), sequence);
  }
}
