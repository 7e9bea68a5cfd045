package io.tidemill.shm.instance;

import io.tidemill.shm.journal.RecordView;
import io.tidemill.shm.journal.SubmissionDecoder;
import io.tidemill.shm.journal.Terms;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.KeyHash;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.shm.region.TermsTable;
import java.util.concurrent.TimeUnit;

/**
 * Writes slots as their submission records say: while the mapped files are made, and where a PLM
 * died between the record and the slot. All but the state word.
 */
public final class SlotFiller {
  private final Control control;
  private final TaskTable tasks;
  private final TermsTable terms;
  private final long nowNanos;
  private final long nowMillis;

  public SlotFiller(Regions regions) {
    this.control = regions.control();
    this.tasks = regions.tasks();
    this.terms = regions.terms();
    this.nowNanos = control.nanoTime();
    this.nowMillis = control.millisAt(nowNanos);
  }

  /**
   * All of the slot, as of a task that nobody has touched yet.
   *
   * @param submission set on the record
   * @param lane the number of its class of work
   */
  public void fill(int slot, RecordView record, SubmissionDecoder submission, int lane) {
    tasks.clearLife(slot);
    tasks.id(slot, submission.taskId());
    tasks.sequence(slot, record.sequence());
    tasks.priority(slot, submission.priority());
    tasks.type(slot, lane);
    tasks.submission(slot, record.position());
    long ageMillis = Math.max(0, nowMillis - submission.submittedMillis());
    tasks.submittedNanos(slot, nowNanos - TimeUnit.MILLISECONDS.toNanos(ageMillis));
    tasks.session(slot, submission.sessionId(), submission.sessionNumber());
    tasks.timeoutMs(slot, submission.executionTimeoutMillis());
    tasks.attemptsMax(slot, submission.maxAttempts());
    boolean disk = submission.durability() == TaskTable.DURABILITY_DISK;
    int flags = disk ? TaskTable.FLAG_DISK : 0;
    if (submission.hasTerms()) {
      fillTerms(slot, submission.terms());
      flags |= TaskTable.FLAG_TERMS;
    }
    tasks.flags(slot, flags);
  }

  /** Where the task of a slot that was filled belongs: the Main Scheduler looks at what waits. */
  public TaskState stateOf(int slot) {
    return tasks.hasTerms(slot) && terms.isHeldBack(slot) ? TaskState.WAITING : TaskState.READY;
  }

  /** The slot's record in the terms; its flag is the caller's to set. */
  public void fillTerms(int slot, Terms asked) {
    Terms.Times times = asked.times();
    Terms.Backoff backoff = asked.backoff();
    terms.clear(slot);
    terms.due(slot, nanos(times.due()), times.runAt());
    terms.deadlines(slot, nanos(times.startBy()), nanos(times.endBy()));
    terms.backoff(
        slot,
        backoff.initialMillis(),
        backoff.maxMillis(),
        backoff.hundredths(),
        backoff.jitterPercent());
    terms.workerDeathsMax(
        slot, asked.workerDeathsMax(), KeyHash.affinity(asked.texts().affinity()));
    terms.key(slot, KeyHash.of(asked.texts().key()));
    terms.tenant(slot, KeyHash.ofTenant(asked.texts().tenant()));
    terms.pending(slot, asked.pending());
  }

  /** 0 stays 0: none. A moment before this boot is before all others. */
  private long nanos(long instanceMillis) {
    return instanceMillis == 0 ? 0 : Math.max(1, control.nanosAt(instanceMillis));
  }
}
