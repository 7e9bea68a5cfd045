package io.tidemill.shm.region;

/**
 * Task ids and lease tokens as they leave the host.
 *
 * <pre>
 * task id   epoch 12 | generation 28 | slot 24
 * lease     epoch 32 | lease number 32
 * </pre>
 *
 * The epoch counts how often the mapped files were rebuilt, durably, so that neither repeats after
 * a reboot.
 */
public final class TaskId {
  public static final int SLOT_BITS = 24;
  public static final int EPOCH_BITS = 12;
  public static final int EPOCH_MAX = (1 << EPOCH_BITS) - 1;

  private TaskId() {}

  public static long of(int epoch, int generation, int slot) {
    return ((long) epoch << (SLOT_BITS + StateWord.GENERATION_BITS))
        | ((long) generation << SLOT_BITS)
        | slot;
  }

  public static int slot(long id) {
    return (int) (id & ((1 << SLOT_BITS) - 1));
  }

  public static int generation(long id) {
    return (int) ((id >>> SLOT_BITS) & StateWord.GENERATION_MAX);
  }

  public static int epoch(long id) {
    return (int) (id >>> (SLOT_BITS + StateWord.GENERATION_BITS));
  }

  /** The fencing token for a lease number of this epoch. */
  public static long lease(int epoch, int number) {
    return ((long) epoch << 32) | number;
  }

  public static int leaseEpoch(long lease) {
    return (int) (lease >>> 32);
  }

  public static int leaseNumber(long lease) {
    return (int) lease;
  }
}
