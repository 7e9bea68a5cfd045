package io.tidemill.shm.region;

/**
 * A lease that was over before its task ended. Times are of the instance's clock, in ms; 0: has not
 * happened, or is not known.
 *
 * @param token the lease, see {@link TaskId#lease}
 * @param workerId who held it; empty: not known any more
 * @param attempt counts failed attempts, this one included if it failed
 * @param dueMillis before this the task is not tried again; 0: at once
 * @param error of the attempt, cut to {@link #ERROR_CHARACTERS_MAX}
 */
public record PastLease(
    long token,
    LeaseEnd end,
    String workerId,
    long assignedMillis,
    long startedMillis,
    long overMillis,
    int attempt,
    long dueMillis,
    String error) {
  public static final int ERROR_CHARACTERS_MAX = 160;

  public PastLease {
    error = error.length() > ERROR_CHARACTERS_MAX ? cut(error) : error;
  }

  private static String cut(String text) {
    int end = ERROR_CHARACTERS_MAX - 1;
    return text.substring(0, Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end) + "…";
  }

  /** The same lease, which was over in another way. */
  public PastLease with(LeaseEnd other) {
    return new PastLease(
        token,
        other,
        workerId,
        assignedMillis,
        startedMillis,
        overMillis,
        attempt,
        dueMillis,
        error);
  }
}
