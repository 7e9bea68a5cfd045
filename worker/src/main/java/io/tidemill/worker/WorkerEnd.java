package io.tidemill.worker;

/**
 * How a worker ended.
 *
 * @param kind what happened
 * @param message a sentence for people
 */
public record WorkerEnd(Kind kind, String message) {
  /** What ends a worker. */
  public enum Kind {
    /** It finished what it held, every result has its verdict, and it has left. */
    DRAINED,
    /** The time to drain was over first; what was left goes back to the order by itself. */
    DRAIN_TIMED_OUT,
    /** The Register knows another live worker under this id. */
    ID_TAKEN,
    /** The Register refused the registration as wrong; asking again would not help. */
    REFUSED,
    /** It was closed without a drain. */
    CLOSED
  }
}
