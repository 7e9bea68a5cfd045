package io.tidemill.shm.instance;

/** The main loop of a process, as far as it differs from the others'. */
public interface Agent {
  /**
   * One turn: every step has a limit a turn.
   *
   * @param nowNanos the turn's monotonic time, read once
   * @return how much was done; 0 lets the loop sleep
   */
  int doWork(long nowNanos);

  /** Whether a turn would find something to do. Cheap: asked while spinning before sleep. */
  boolean hasWork();

  /** How long the loop may sleep at most, for the next timer, in nanoseconds. */
  default long sleepNanosMax() {
    return Long.MAX_VALUE;
  }
}
