package io.tidemill.shm.region;

/**
 * How a lease was over without its task having ended. The ordinal is what mapped files and journals
 * hold: append only.
 */
public enum LeaseEnd {
  /** Another release wrote it. */
  UNKNOWN,
  /** The attempt failed, and another one was left. */
  FAILED,
  /** Taken back: its worker died, left, or registered again. */
  WORKER_LOST,
  /** Taken back: the attempt overran its execution timeout. */
  OVERRAN,
  /** The worker handed it back without having started it: it drained. */
  HANDED_BACK,
  /** The same, since it was asked to, for a worker with free hands. */
  STOLEN,
  /** The same, since it was asked to, for a better task. */
  RECALLED;

  private static final LeaseEnd[] ALL = values();

  /** What a number stands for. */
  public static LeaseEnd of(int ordinal) {
    return ordinal >= 0 && ordinal < ALL.length ? ALL[ordinal] : UNKNOWN;
  }

  /** Whether the Main Scheduler asked the worker for it. */
  public boolean isAsked() {
    return this == STOLEN || this == RECALLED;
  }
}
