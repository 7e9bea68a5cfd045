package io.tidemill.worker;

/**
 * How many unfinished tasks the worker wants to hold: {@code capacity + prefetch + awaiting}.
 *
 * <ul>
 *   <li><b>prefetch</b> is what {@code capacity} executors do in {@code prefetchMillis}: thousands
 *       of microsecond tasks, none of long ones, since what waits here behind a long task could
 *       start elsewhere. Before anything was measured it is one task for each executor.
 *   <li><b>awaiting</b> is how many tasks are done and have no verdict yet. The server counts them
 *       as held until they are recorded, so without this share a slow force to disk would starve
 *       the executors. It is measured, and smoothed.
 * </ul>
 *
 * The two together never exceed {@code prefetchMax}. A changed window is told only when it differs
 * by a fifth.
 */
final class WindowPolicy {
  private static final int SMOOTHING = 8;

  private final int capacity;
  private final int prefetchMax;
  private final long prefetchNanos;
  private double awaiting;

  WindowPolicy(int capacity, int prefetchMax, long prefetchNanos) {
    this.capacity = capacity;
    this.prefetchMax = prefetchMax;
    this.prefetchNanos = prefetchNanos;
  }

  /**
   * Called by one thread at a time.
   *
   * @param serviceNanos the smoothed time in the handler; negative: unknown
   * @param unsettled reports without verdict now
   */
  int window(long serviceNanos, int unsettled) {
    awaiting += (unsettled - awaiting) / SMOOTHING;
    double ahead =
        serviceNanos < 0
            ? capacity
            : (double) prefetchNanos * capacity / Math.max(1, serviceNanos) + awaiting;
    return capacity + (int) Math.min(prefetchMax, Math.floor(ahead));
  }

  static boolean isMaterial(int told, int wanted) {
    return told != wanted && Math.abs((long) wanted - told) * 5 >= told;
  }
}
