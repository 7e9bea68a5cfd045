package io.tidemill.shm.region;

/**
 * The 64 bits that are the truth of a task's slot.
 *
 * <pre>
 *  63            36 35         18 17        4 3     0
 * +----------------+-------------+-----------+-------+
 * | generation  28 | lease    18 | owner  14 | state |
 * +----------------+-------------+-----------+-------+
 * </pre>
 *
 * The generation counts the tasks that the slot has held, the lease how often this one was
 * assigned, the owner is the worker's row plus one, 0 for nobody.
 */
public final class StateWord {
  public static final int STATE_BITS = 4;
  public static final int OWNER_BITS = 14;
  public static final int LEASE_BITS = 18;
  public static final int GENERATION_BITS = 28;

  private static final int OWNER_SHIFT = STATE_BITS;
  private static final int LEASE_SHIFT = OWNER_SHIFT + OWNER_BITS;
  private static final int GENERATION_SHIFT = LEASE_SHIFT + LEASE_BITS;

  public static final int OWNERS_MAX = (1 << OWNER_BITS) - 1;
  public static final int LEASE_MAX = (1 << LEASE_BITS) - 1;
  public static final int GENERATION_MAX = (1 << GENERATION_BITS) - 1;

  /** Nobody, where a worker's row is asked for. */
  public static final int NO_WORKER = -1;

  private StateWord() {}

  public static long of(TaskState state, int worker, int lease, int generation) {
    return ((long) generation << GENERATION_SHIFT)
        | ((long) lease << LEASE_SHIFT)
        | ((long) (worker + 1) << OWNER_SHIFT)
        | state.ordinal();
  }

  public static TaskState state(long word) {
    return TaskState.of((int) (word & ((1 << STATE_BITS) - 1)));
  }

  /** The worker's row, or {@link #NO_WORKER}. */
  public static int worker(long word) {
    return (int) ((word >>> OWNER_SHIFT) & OWNERS_MAX) - 1;
  }

  public static int lease(long word) {
    return (int) ((word >>> LEASE_SHIFT) & LEASE_MAX);
  }

  public static int generation(long word) {
    return (int) (word >>> GENERATION_SHIFT);
  }

  /** The same word in another state. */
  public static long with(long word, TaskState state) {
    return (word & -(1L << STATE_BITS)) | state.ordinal();
  }

  static long withoutWorker(long word, TaskState state) {
    return of(state, NO_WORKER, lease(word), generation(word));
  }

  public static String describe(long word) {
    return state(word)
        + " worker="
        + worker(word)
        + " lease="
        + lease(word)
        + " generation="
        + generation(word);
  }
}
