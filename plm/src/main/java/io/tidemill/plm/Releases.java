package io.tidemill.plm;

import com.google.protobuf.ByteString;
import io.tidemill.shm.instance.Fatal;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.journal.Journal;
import io.tidemill.shm.journal.RecordDescriptor;
import io.tidemill.shm.journal.RecordView;
import io.tidemill.shm.journal.SubmissionDecoder;
import io.tidemill.shm.journal.SubmissionEncoder;
import io.tidemill.shm.journal.Terms;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.Ring;
import io.tidemill.shm.region.Rings;
import io.tidemill.shm.region.Role;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.shm.region.TermsTable;
import io.tidemill.shm.region.WakeUp;
import io.tidemill.v1.ParentResult;
import io.tidemill.v1.StoredExtra;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes tasks that waited for others ready: writes their submission anew, under its sequence, with
 * how the others ended; then lets go of the slot, and tells the Main Scheduler, which alone moves
 * it.
 *
 * <p>What a crash leaves: a copy of the record that the slot does not point to yet, or a task that
 * waits for nothing and that nobody was told of. The next start decides again in the one case, the
 * Main Scheduler's sweep finds the other.
 */
final class Releases {
  /** At a time, as a run of submissions. */
  private static final int COUNT_MAX = 256;

  private static final long BYTES_MAX = 2 << 20;

  private final Instance instance;
  private final Control control;
  private final TaskTable tasks;
  private final TermsTable terms;
  private final Journal journal;
  private final Acceptance acceptance;
  private final Rewrites rewrites;
  private final RecordReaders submissions;
  private final Ring toScheduler;
  private final WakeUp scheduler;
  private final SubmissionDecoder decoder = new SubmissionDecoder();
  private final SubmissionEncoder encoder = new SubmissionEncoder();

  Releases(
      Instance instance,
      Journal journal,
      Acceptance acceptance,
      Rewrites rewrites,
      RecordReaders submissions) {
    this.instance = instance;
    this.control = instance.control();
    this.tasks = instance.regions().tasks();
    this.terms = instance.regions().terms();
    this.journal = journal;
    this.acceptance = acceptance;
    this.rewrites = rewrites;
    this.submissions = submissions;
    this.toScheduler = instance.regions().rings().plmToScheduler();
    this.scheduler = instance.regions().wakeUp(Role.SCHEDULER);
  }

  /**
   * Releases the first of them, as many as may hold up submissions together; answers how many; 0:
   * the disk has no room.
   */
  int release(List<Dependent> ready, Dependencies dependencies) {
    int done = acceptance.whileNothingIsAccepted(() -> write(ready, dependencies));
    scheduler.wake();
    return done;
  }

  private int write(List<Dependent> ready, Dependencies dependencies) {
    try (RecordReaders.Lent lent = submissions.lend()) {
      int count = 0;
      long bytes = 0;
      for (; count < ready.size() && count < COUNT_MAX && bytes < BYTES_MAX; count++) {
        bytes += bytes(lent, ready.get(count));
      }
      if (!journal.reserveToCarry(bytes)) {
        return 0;
      }
      Rewrites.Rewrite rewrite = rewrites.begin();
      for (Dependent dependent : ready.subList(0, count)) {
        RecordView record = waiting(lent, dependent.id());
        if (record != null) {
          encode(record, dependencies.results(dependent));
          rewrite.append(dependent.id(), record.sequence(), encoder);
        }
      }
      rewrite.commit(this::letGo);
      return count;
    } catch (Throwable broken) {
      Fatal.halt(instance, "tasks that waited for others could not be released", broken);
      throw broken;
    }
  }

  private long bytes(RecordReaders.Lent lent, Dependent dependent) {
    RecordView record = waiting(lent, dependent.id());
    long results = DependencyTurn.RESULT_BYTES_MAX + 32L * dependent.parents().length;
    return record == null ? 0 : record.length() + results + RecordDescriptor.OVERHEAD_MAX;
  }

  /** The record of a task that waits still; null: it has been cancelled, or has expired. */
  private RecordView waiting(RecordReaders.Lent lent, long id) {
    long word = tasks.wordOf(id);
    return word == -1 || StateWord.state(word) != TaskState.WAITING
        ? null
        : rewrites.read(lent, id);
  }

  private void encode(RecordView record, List<ParentResult> results) {
    Terms asked = decoder.wrap(record).terms();
    StoredExtra extra =
        Extras.of(asked).toBuilder()
            .clearDependsOn()
            .clearParents()
            .addAllParents(cut(results))
            .setReleasedMs(control.nowMillis())
            .build();
    encoder
        .again(decoder)
        .terms(asked.withPending(0).withExtra(extra.toByteString().asReadOnlyByteBuffer()));
  }

  /** As many results as there is room for. */
  private static List<ParentResult> cut(List<ParentResult> results) {
    List<ParentResult> fitting = new ArrayList<>(results.size());
    int left = DependencyTurn.RESULT_BYTES_MAX;
    for (ParentResult result : results) {
      int size = result.getResult().size();
      boolean fits = size <= left;
      left -= fits ? size : 0;
      fitting.add(
          fits ? result : result.toBuilder().setResult(ByteString.EMPTY).setLeftOut(true).build());
    }
    return fitting;
  }

  private void letGo(long id) {
    int slot = TaskId.slot(id);
    terms.pending(slot, 0);
    toScheduler.offer(Rings.event(Rings.TASK_READY, slot), tasks.sequence(slot));
  }
}
