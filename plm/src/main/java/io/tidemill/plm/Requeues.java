package io.tidemill.plm;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.tidemill.rpc.TaskIds;
import io.tidemill.shm.journal.RecordView;
import io.tidemill.shm.journal.SubmissionDecoder;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.TaskState;
import io.tidemill.v1.ParentResult;
import io.tidemill.v1.StoredExtra;
import io.tidemill.v1.Task;
import io.tidemill.v1.TaskSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Submits ended tasks again, each once. A new run is a new task (decision 0025): with the old one's
 * submission, and its id in the new record's extra part. So the record that makes the new task also
 * says that the old one has been requeued, and a crash leaves both or neither; a start finds it
 * again. All requeues come here one after the other.
 *
 * <p>The old task is kept, and lets go of the index before the new one does, since it ended before
 * that was submitted. So as long as it can be asked for, the new one's record is in the journal.
 */
final class Requeues {
  /** Payloads that are in memory at a time. */
  private static final int BYTES_AT_A_TIME = 1 << 20;

  private final Control control;
  private final Intake intake;
  private final EndedLooks looks;
  private final RecordReaders submissions;
  private final TaskViews views;
  private final Map<Long, Long> requeuedAs;
  private final SubmissionDecoder decoder = new SubmissionDecoder();

  /**
   * @param requeuedAs new tasks by the old ones, as a start has found them
   */
  Requeues(
      Control control,
      Intake intake,
      EndedLooks looks,
      RecordReaders submissions,
      TaskViews views,
      Map<Long, Long> requeuedAs) {
    this.control = control;
    this.intake = intake;
    this.looks = looks;
    this.submissions = submissions;
    this.views = views;
    this.requeuedAs = requeuedAs;
  }

  /** What came of one of them: a new task or a refusal. */
  record Outcome(long newId, boolean already, Refused refused) {
    static Outcome refused(Refused why) {
      return new Outcome(0, false, why);
    }
  }

  /** What came of all of them, in their order, and whether what is promised has to wait. */
  record Outcomes(List<Outcome> all, boolean waitsForDisk) {}

  /** Those that are accepted together. */
  private static final class Part {
    private final List<Integer> indexes = new ArrayList<>();
    private final List<Long> ids = new ArrayList<>();
    private final List<TaskSpec> specs = new ArrayList<>();
    private final List<StoredExtra> origins = new ArrayList<>();
    private long bytes;
  }

  /**
   * Reads journals and writes one: not for a transport's thread.
   *
   * @param succeeded whether SUCCEEDED ones are, too
   */
  synchronized Outcomes requeue(List<Long> ids, boolean succeeded) {
    Outcome[] outcomes = new Outcome[ids.size()];
    Part part = new Part();
    long until = EndedLooks.patience();
    boolean disk = false;
    for (int i = 0; i < outcomes.length; i++) {
      if (part.ids.contains(ids.get(i)) || part.bytes > BYTES_AT_A_TIME) {
        disk |= accept(part, outcomes);
        part = new Part();
      }
      Long known = requeuedAs.get(ids.get(i));
      if (known != null) {
        outcomes[i] = new Outcome(known, true, null);
        disk = true; // whoever asked first may not have been told yet
      } else {
        outcomes[i] = choose(part, i, ids.get(i), looks.look(ids.get(i), until), succeeded);
      }
    }
    disk |= accept(part, outcomes);
    return new Outcomes(List.of(outcomes), disk);
  }

  /** Adds one to those that are to be accepted; null, or why not. */
  private Outcome choose(Part part, int index, long id, EndedLooks.Look look, boolean succeeded) {
    if (look.refused() != null) {
      return Outcome.refused(look.refused());
    }
    if (look.state() == TaskState.SUCCEEDED && !succeeded) {
      return Outcome.refused(hasSucceeded(id));
    }
    try (RecordReaders.Lent lent = submissions.lend()) {
      RecordView record = lent.read(look.submission());
      if (record == null || decoder.wrap(record).taskId() != id) {
        return Outcome.refused(looks.gone(id));
      }
      StoredExtra extra = Extras.of(decoder.terms());
      TaskSpec spec = SpecOfRecord.of(decoder, extra, control);
      StoredExtra origin = origin(id, extra);
      part.indexes.add(index);
      part.ids.add(id);
      part.specs.add(spec);
      part.origins.add(origin);
      part.bytes += spec.getSerializedSize() + origin.getSerializedSize();
      return null;
    }
  }

  /** What it waited for counts as ended as it has, and is handed on as far as it is known. */
  private StoredExtra origin(long id, StoredExtra old) {
    StoredExtra.Builder origin =
        StoredExtra.newBuilder()
            .addAllParents(old.getParentsList())
            .setSchedule(old.getSchedule())
            .setScheduleId(old.getScheduleId())
            .setOccurrenceMs(old.getOccurrenceMs())
            .setRequeuedFrom(id);
    int left = DependencyTurn.RESULT_BYTES_MAX;
    for (long parent : old.getDependsOnList()) {
      Task task = views.view(parent);
      ParentResult.Builder result = ParentResult.newBuilder().setTaskId(parent);
      if (task != null && Waits.isEnd(task)) {
        boolean fits = task.getResult().size() <= left;
        left -= fits ? task.getResult().size() : 0;
        result
            .setState(task.getState())
            .setResult(fits ? task.getResult() : ByteString.EMPTY)
            .setLeftOut(!fits);
      }
      origin.addParents(result);
    }
    return origin.build();
  }

  private boolean accept(Part part, Outcome[] outcomes) {
    if (part.ids.isEmpty()) {
      return false;
    }
    Batch batch = Batch.ofRequeues(part.specs, part.origins);
    Refused notTried = intake.acceptNow(batch);
    boolean disk = batch.waitsForDisk();
    for (int i = 0; i < part.ids.size(); i++) {
      long id = part.ids.get(i);
      Outcome outcome;
      if (notTried != null) {
        outcome = Outcome.refused(notTried);
      } else if (batch.isAccepted(i)) {
        outcome = made(id, batch.id(i));
      } else if (batch.id(i) == id) {
        // It holds its unique key after its end itself, and goes on: the new run needs none.
        TaskSpec spec =
            part.specs.get(i).toBuilder()
                .clearUniqueKey()
                .clearUniqueUntil()
                .clearUniqueForMs()
                .build();
        Batch alone = Batch.ofRequeues(List.of(spec), List.of(part.origins.get(i)));
        intake.acceptNow(alone);
        disk |= alone.waitsForDisk();
        outcome = alone.isAccepted(0) ? made(id, alone.id(0)) : Outcome.refused(alone.refused(0));
      } else {
        outcome = Outcome.refused(batch.id(i) == 0 ? batch.refused(i) : held(id, batch.id(i)));
      }
      outcomes[part.indexes.get(i)] = outcome;
    }
    return disk;
  }

  private Outcome made(long id, long newId) {
    requeuedAs.put(id, newId);
    return new Outcome(newId, false, null);
  }

  private static Refused held(long id, long holder) {
    return new Refused(
        Status.Code.ALREADY_EXISTS,
        "UNIQUE_KEY_HELD",
        "another task holds the unique key of this one: task_id="
            + TaskIds.format(id)
            + " holder="
            + TaskIds.format(holder)
            + "; requeue it when that one has ended",
        Map.of("field", "task_id", "value", TaskIds.format(id)),
        0);
  }

  private static Refused hasSucceeded(long id) {
    return new Refused(
        Status.Code.FAILED_PRECONDITION,
        "TASK_SUCCEEDED",
        "the task has succeeded: task_id="
            + TaskIds.format(id)
            + "; to run it again all the same say so expressly (succeeded, --succeeded)",
        Map.of("field", "task_id", "value", TaskIds.format(id)),
        0);
  }

  /** Now and then: forgets those whose old task is no longer kept. Locks for each look alone. */
  void tidy() {
    requeuedAs.keySet().removeIf(id -> !looks.isKept(id));
  }
}
