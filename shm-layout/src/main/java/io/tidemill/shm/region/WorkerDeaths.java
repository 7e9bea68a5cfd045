package io.tidemill.shm.region;

/**
 * How many leases a task may lose while it runs before it is DEAD, and of which tasks a start has
 * to be known before it happens. Reads only.
 */
public final class WorkerDeaths {
  private final TaskTable tasks;
  private final TermsTable terms;
  private final int max;

  /**
   * @param max where the task does not say
   */
  public WorkerDeaths(TaskTable tasks, TermsTable terms, int max) {
    this.tasks = tasks;
    this.terms = terms;
    this.max = max;
  }

  /** Whether so many are too many for the slot's task. */
  public boolean areTooMany(int slot, int returns) {
    return returns >= max(slot);
  }

  /**
   * Whether the handler of the slot's task may begin only when its start is known: it is suspected
   * of having killed a worker, or has a number of its own.
   */
  public boolean mustAnnounce(int slot) {
    return tasks.isSuspect(slot) || (tasks.hasTerms(slot) && terms.workerDeathsMax(slot) != 0);
  }

  private int max(int slot) {
    int own = tasks.hasTerms(slot) ? terms.workerDeathsMax(slot) : 0;
    return own == 0 ? max : own;
  }
}
