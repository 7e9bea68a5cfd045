package io.tidemill.shm.region;

/**
 * What is counted in the control region, each by one role, so that the figures outlive the
 * processes.
 */
public enum Counter {
  ACCEPTED(Role.PLM, "tasks accepted"),
  DUPLICATES(Role.PLM, "submissions that named a known request"),
  REFUSED(Role.PLM, "submissions refused"),
  TAKEN(Role.PLM, "outcomes taken from the slots"),
  ASSIGNED(Role.SCHEDULER, "leases given"),
  RETURNED(Role.SCHEDULER, "leases taken back"),
  INVERSIONS(Role.SCHEDULER, "tasks assigned before a better one that could have been"),
  REBUILDS(Role.SCHEDULER, "times that the heaps were rebuilt"),
  RECORDED(Role.REGISTER, "outcomes recorded"),
  RECORDED_TWICE(Role.REGISTER, "outcomes found recorded already"),
  SUCCEEDED(Role.REGISTER, "tasks ended SUCCEEDED"),
  FAILED(Role.REGISTER, "tasks ended FAILED"),
  CANCELLED(Role.REGISTER, "tasks ended CANCELLED"),
  EXPIRED(Role.REGISTER, "tasks ended EXPIRED"),
  DEAD(Role.REGISTER, "tasks ended DEAD"),
  ATTEMPTS_FAILED(Role.REGISTER, "failed attempts that were not the last"),
  SUPERSEDED(Role.REGISTER, "reports refused since the task has another lease"),
  STALE(Role.REGISTER, "reports refused since the task has ended"),
  WORKERS_LOST(Role.REGISTER, "workers marked dead"),
  STEALS(Role.SCHEDULER, "times that a worker's waiting tasks were asked for, for another one"),
  TASKS_STOLEN(Role.SCHEDULER, "tasks that another worker got so"),
  STEALS_REFUSED_STARTED(Role.SCHEDULER, "tasks that were asked for and had started"),
  STEALS_REFUSED_FAR(Role.SCHEDULER, "looks that found free hands too far away"),
  STEALS_REFUSED_TIMES(Role.SCHEDULER, "looks at tasks that had been stolen often enough"),
  STEALS_REFUSED_BUSY(Role.SCHEDULER, "looks that found only workers with a busy processor"),
  RECALLED(Role.SCHEDULER, "tasks that were asked back for a better one"),
  AFFINITY_HITS(Role.SCHEDULER, "tasks with an affinity key that went to the first worker of it"),
  AFFINITY_FALLBACKS(Role.SCHEDULER, "tasks with an affinity key that went to another worker"),
  PRIORITY_CHANGES(Role.PLM, "times that a waiting task was given another priority");

  private final Role writer;
  private final String text;

  Counter(Role writer, String text) {
    this.writer = writer;
    this.text = text;
  }

  public Role writer() {
    return writer;
  }

  public String text() {
    return text;
  }

  /** The counter of tasks that ended so. */
  public static Counter ofEnd(TaskState end) {
    return valueOf(end.name());
  }
}
