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

  /** Where a slot may go from here. Every move of a state word passes {@link TaskTable}, which asks this. */
  public Set<TaskState> successors() {
    switch (this) {
      case FREE:
        return EnumSet.of(FILLING);
      case FILLING:
        return EnumSet.of(READY, WAITING, FREE);
      case WAITING:
        return EnumSet.of(READY, RECORDING);
      case READY:
        return EnumSet.of(ASSIGNED, RECORDING);
      case ASSIGNED:
        return EnumSet.of(RUNNING, READY, RECORDING);
      case RUNNING:
        return EnumSet.of(READY, RECORDING);
      case RECORDING:
        return EnumSet.of(SUCCEEDED, FAILED, CANCELLED, EXPIRED, DEAD, RUNNING, READY, WAITING);
      default:
        return EnumSet.of(FREE);
    }
  }
}
