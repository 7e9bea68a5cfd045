package io.tidemill.shm.region;

/**
 * What a registered worker shows on its streams: which row it has, and for which registration.
 *
 * <pre>
 * epoch 12 | incarnation 38 | row 14
 * </pre>
 *
 * The epoch makes keys void once the mapped files were rebuilt, since incarnations begin again
 * then.
 */
public final class WorkerKey {
  private static final int INCARNATION_BITS = 38;
  private static final long INCARNATION_MASK = (1L << INCARNATION_BITS) - 1;

  private WorkerKey() {}

  public static long of(int epoch, long incarnation, int row) {
    return ((long) epoch << (INCARNATION_BITS + StateWord.OWNER_BITS))
        | ((incarnation & INCARNATION_MASK) << StateWord.OWNER_BITS)
        | row;
  }

  public static int row(long key) {
    return (int) (key & ((1 << StateWord.OWNER_BITS) - 1));
  }

  public static long incarnation(long key) {
    return (key >>> StateWord.OWNER_BITS) & INCARNATION_MASK;
  }

  public static int epoch(long key) {
    return (int) (key >>> (INCARNATION_BITS + StateWord.OWNER_BITS));
  }
}
