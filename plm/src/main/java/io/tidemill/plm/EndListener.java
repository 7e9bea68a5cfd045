package io.tidemill.plm;

/** Waits for the end of a task. */
@FunctionalInterface
interface EndListener {
  /**
   * The task has ended; its outcome stands at this position. Called on the main loop, under no
   * lock.
   */
  void onEnd(long taskId, long outcome);
}
