package io.tidemill.client;

import io.tidemill.v1.TaskState;
import java.util.Locale;

/** What task states mean and are called. */
public final class TaskStates {
  private static final String PREFIX = "TASK_STATE_";

  private TaskStates() {}

  /** Whether a task in this state stays so for good. */
  public static boolean isEnd(TaskState state) {
    return switch (state) {
      case TASK_STATE_SUCCEEDED,
          TASK_STATE_FAILED,
          TASK_STATE_CANCELLED,
          TASK_STATE_EXPIRED,
          TASK_STATE_DEAD ->
          true;
      default -> false;
    };
  }

  /** The state without its prefix, as {@code SUCCEEDED}. */
  public static String name(TaskState state) {
    return state == TaskState.UNRECOGNIZED ? "UNKNOWN" : state.name().substring(PREFIX.length());
  }

  /**
   * Reads what {@link #name} wrote, in either case.
   *
   * @throws IllegalArgumentException with a sentence for the user, if there is no such state
   */
  public static TaskState parse(String name) {
    for (TaskState state : TaskState.values()) {
      boolean real = state != TaskState.UNRECOGNIZED && state != TaskState.TASK_STATE_UNSPECIFIED;
      if (real && name(state).equals(name.toUpperCase(Locale.ROOT))) {
        return state;
      }
    }
    throw new IllegalArgumentException(
        "no such state: '"
            + name
            + "'; one of WAITING, READY, ASSIGNED, RUNNING, SUCCEEDED, FAILED, CANCELLED, EXPIRED,"
            + " DEAD");
  }
}
