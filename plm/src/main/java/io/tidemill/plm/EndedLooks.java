package io.tidemill.plm;

import io.grpc.Status;
import io.tidemill.rpc.TaskIds;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Looks for the records of ended tasks with which something is to be done. Any thread that may
 * wait.
 */
final class EndedLooks {
  /**
   * For ends that have been recorded to be taken out of their slots: it takes a turn of the loop.
   * Where it takes longer the disk or the Register is in the way.
   */
  private static final long TAKE_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(200);

  private static final long PAUSE_NANOS = 200_000;

  private final TaskTable tasks;
  private final Ends ends;

  EndedLooks(TaskTable tasks, Ends ends) {
    this.tasks = tasks;
    this.ends = ends;
  }

  /**
   * Of a kept task, or why there is none.
   *
   * @param submission where it stands; 0: it is gone
   */
  record Look(TaskState state, long submission, Refused refused) {}

  /** Until when a call waits for ends to be taken: for all that it names together. */
  static long patience() {
    return System.nanoTime() + TAKE_NANOS_MAX;
  }

  /**
   * @param until see {@link #patience}
   */
  Look look(long id, long until) {
    awaitTaking(id, until);
    Look found =
        ends.whileStill(
            kept -> {
              int at = kept.find(id);
              return at < 0 ? null : new Look(kept.state(at), kept.submission(at), null);
            });
    return found == null ? new Look(null, 0, refused(id)) : found;
  }

  boolean isKept(long id) {
    return ends.where(id) == Ends.Where.KEPT;
  }

  private void awaitTaking(long id, long until) {
    long word = tasks.wordOf(id);
    while (word != -1 && StateWord.state(word).isEnd() && System.nanoTime() - until < 0) {
      LockSupport.parkNanos(PAUSE_NANOS);
      word = tasks.wordOf(id);
    }
  }

  private Refused refused(long id) {
    return switch (ends.where(id)) {
      case IN_SLOT ->
          refused(
              Status.Code.FAILED_PRECONDITION,
              "TASK_NOT_ENDED",
              "the task has not ended: task_id=",
              id,
              "; wait for its end, or cancel it");
      case KEPT, EXPIRED -> gone(id);
      case UNKNOWN ->
          refused(
              Status.Code.NOT_FOUND,
              "TASK_UNKNOWN",
              "no such task: task_id=",
              id,
              "; check the id");
    };
  }

  /** Its records are no longer there. */
  Refused gone(long id) {
    return refused(
        Status.Code.NOT_FOUND,
        "TASK_EXPIRED",
        "the task has ended and is no longer kept, or was discarded: task_id=",
        id,
        "; see result.keep.seconds and result.keep.count");
  }

  private static Refused refused(
      Status.Code code, String reason, String what, long id, String advice) {
    String text = TaskIds.format(id);
    return new Refused(
        code, reason, what + text + advice, Map.of("field", "task_id", "value", text), 0);
  }
}
