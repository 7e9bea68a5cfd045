package io.tidemill.client;

/**
 * How a {@link TaskSession} works.
 *
 * @param outstandingMax how many submissions may be without a result (or, without results, without
 *     an acknowledgement); submit blocks beyond that
 * @param unacknowledgedBytesMax how many bytes of tasks are held for sending again; submit blocks
 *     beyond that
 * @param results whether results are wanted; without them a submission is over when it is
 *     acknowledged
 */
public record SessionOptions(int outstandingMax, long unacknowledgedBytesMax, boolean results) {
  private static final int OUTSTANDING_DEFAULT = 100_000;
  private static final int OUTSTANDING_LIMIT = 1 << 24;
  private static final long BYTES_DEFAULT = 32L * 1024 * 1024;

  public SessionOptions {
    if (outstandingMax < 1 || outstandingMax > OUTSTANDING_LIMIT) {
      throw new IllegalArgumentException(
          "bad session option: outstandingMax="
              + outstandingMax
              + "; give 1 to "
              + OUTSTANDING_LIMIT);
    }
    if (unacknowledgedBytesMax < 1) {
      throw new IllegalArgumentException(
          "bad session option: unacknowledgedBytesMax="
              + unacknowledgedBytesMax
              + "; give 1 or more");
    }
  }

  public static SessionOptions defaults() {
    return new SessionOptions(OUTSTANDING_DEFAULT, BYTES_DEFAULT, true);
  }

  public SessionOptions withOutstandingMax(int max) {
    return new SessionOptions(max, unacknowledgedBytesMax, results);
  }

  public SessionOptions withResults(boolean wanted) {
    return new SessionOptions(outstandingMax, unacknowledgedBytesMax, wanted);
  }
}
