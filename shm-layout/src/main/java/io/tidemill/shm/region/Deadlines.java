package io.tidemill.shm.region;

/** Whether the deadlines of tasks with terms are over, by the monotonic clock. Reads only. */
public final class Deadlines {
  private final TaskTable tasks;
  private final TermsTable terms;

  public Deadlines(TaskTable tasks, TermsTable terms) {
    this.tasks = tasks;
    this.terms = terms;
  }

  /** Whether one of both is over for a slot with terms whose task is in this state. */
  public boolean isOver(int slot, TaskState state, long nowNanos) {
    return isEndOver(slot, nowNanos) || isStartOver(slot, state, nowNanos);
  }

  /** The task should have ended. */
  public boolean isEndOver(int slot, long nowNanos) {
    long endBy = terms.endByNanos(slot);
    return endBy != 0 && nowNanos - endBy >= 0;
  }

  /** The task should have started, and nobody has said that it did. */
  public boolean isStartOver(int slot, TaskState state, long nowNanos) {
    long startBy = terms.startByNanos(slot);
    return startBy != 0 && nowNanos - startBy >= 0 && !hasStarted(slot, state);
  }

  /** The next deadline of a task of which none is over, or {@link TimerHeap#NEVER}. */
  public long next(int slot, TaskState state) {
    long endBy = terms.endByNanos(slot);
    long startBy = terms.startByNanos(slot);
    boolean startCounts = startBy != 0 && !hasStarted(slot, state);
    long next = endBy == 0 ? TimerHeap.NEVER : endBy;
    return startCounts ? Math.min(next, startBy) : next;
  }

  /** It has, or had once: under an earlier lease, or in an attempt that failed. */
  private boolean hasStarted(int slot, TaskState state) {
    return state == TaskState.RUNNING || tasks.attempts(slot) > 0 || tasks.startedNanos(slot) != 0;
  }
}
