package io.tidemill.shm.region;

/** How many leases a task may lose while it runs before it is DEAD. Reads only. */
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

  private int max(int slot) {
    int own = tasks.hasTerms(slot) ? terms.workerDeathsMax(slot) : 0;
    return own == 0 ? max : own;
  }
}
