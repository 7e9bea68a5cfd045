package io.tidemill.shm.journal;

/**
 * A journal can no longer keep its promise: the disk failed, or a rule of ours was broken. Whoever
 * catches it acknowledges nothing and stops the process; what the files hold is found by the next
 * one.
 */
public final class JournalFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public JournalFailure(String message) {
    super(message);
  }

  public JournalFailure(String message, Throwable cause) {
    super(message, cause);
  }
}
