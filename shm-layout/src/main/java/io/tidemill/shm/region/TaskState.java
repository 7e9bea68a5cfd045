package io.tidemill.shm.region;

import java.util.EnumSet;
import java.util.Set;

/** Where a task's slot stands. The ordinal is what the state word holds: append only. */
public enum TaskState {
  /** Nobody's; the PLM may take it. */
  FREE,
  /** The PLM writes it and journals the submission. */
  FILLING,
  /** Accepted, not due yet. */
  WAITING,
  /** In the order of ready tasks. */
  READY,
  /** Under a lease, sent or about to be sent. */
  ASSIGNED,
  /** Under a lease, and the worker said that it started. */
  RUNNING,
  /** The Register writes it and journals the outcome. */
  RECORDING,
  SUCCEEDED,
  FAILED,
  CANCELLED,
  EXPIRED,
  DEAD;

  private static final TaskState[] ALL = values();

  static TaskState of(int ordinal) {
    if (ordinal >= ALL.length) {
      throw new DamagedException("region=tasks state=" + ordinal);
    }
    return ALL[ordinal];
  }

  /** Ended, with the outcome in the journal. */
  public boolean isEnd() {
    return ordinal() >= SUCCEEDED.ordinal();
  }

  /** Accepted and not ended. */
  public boolean isLive() {
    return ordinal() >= WAITING.ordinal() && ordinal() <= RECORDING.ordinal();
  }

  /** Under a lease of a worker. */
  public boolean isLeased() {
    return this == ASSIGNED || this == RUNNING;
  }

  /**
   * The number that journals and the wire have for it (TaskState in task.proto). A slot that is
   * being recorded is still running as far as anyone outside can tell; FREE and FILLING are 0.
   */
  public int number() {
    return switch (this) {
      case FREE, FILLING -> 0;
      case WAITING, READY, ASSIGNED, RUNNING -> ordinal() - 1;
      case RECORDING, SUCCEEDED, FAILED, CANCELLED, EXPIRED, DEAD -> ordinal() - 2;
    };
  }

  /** The end that a number in a journal stands for, or null if it is none. */
  public static TaskState endOf(int number) {
    int ordinal = number + 2;
    return ordinal >= SUCCEEDED.ordinal() && ordinal < ALL.length ? ALL[ordinal] : null;
  }

  /**
   * Where a slot may go from here. Every move of a state word passes {@link TaskTable}, which asks
   * this.
   */
  public Set<TaskState> successors() {
    return switch (this) {
      case FREE -> EnumSet.of(FILLING);
      case FILLING -> EnumSet.of(READY, WAITING, FREE);
      case WAITING -> EnumSet.of(READY, RECORDING);
      case READY -> EnumSet.of(ASSIGNED, RECORDING);
      case ASSIGNED -> EnumSet.of(RUNNING, READY, RECORDING);
      case RUNNING -> EnumSet.of(READY, RECORDING);
      case RECORDING ->
          EnumSet.of(SUCCEEDED, FAILED, CANCELLED, EXPIRED, DEAD, RUNNING, READY, WAITING);
      case SUCCEEDED, FAILED, CANCELLED, EXPIRED, DEAD -> EnumSet.of(FREE);
    };
  }
}
