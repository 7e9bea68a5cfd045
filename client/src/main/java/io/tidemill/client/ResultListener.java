package io.tidemill.client;

import io.tidemill.v1.DuplicateReason;
import io.tidemill.v1.Refusal;
import io.tidemill.v1.TaskResult;

/**
 * Learns what becomes of a submission of a {@link TaskSession}. Exactly one of {@link #ended},
 * {@link #refused} and {@link #abandoned} is called, once, for each handle (of a session without
 * results: one of {@link #accepted}, {@link #refused} and {@link #abandoned}). Runs on the
 * transport's thread: it must be quick and must not block; it may submit with {@link
 * TaskSession#tryOffer}.
 */
public interface ResultListener {
  /**
   * The task has ended. A state of TASK_STATE_UNSPECIFIED means that the server no longer keeps the
   * result, and the error says so.
   *
   * @param latencyNanos from the submission's call to now
   */
  void ended(long handle, TaskResult result, long latencyNanos);

  /** The server did not accept it, for the given reason, and would not if it were sent again. */
  void refused(long handle, Refusal refusal);

  /** The server has accepted it under this task id. */
  default void accepted(long handle, long taskId, long latencyNanos) {}

  /**
   * The submission made no task, since it is this one already: it has the task's request id, or a
   * unique key that the task holds. Before {@link #accepted}; what follows is of that task.
   */
  default void duplicate(long handle, long taskId, DuplicateReason reason) {}

  /**
   * The session was closed, or cannot go on, before more was known.
   *
   * @param taskId 0 if it was not acknowledged: it may have been accepted or not
   */
  default void abandoned(long handle, long taskId, String why) {}
}
