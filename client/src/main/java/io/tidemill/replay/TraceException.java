package io.tidemill.replay;

/** A trace that cannot be used, with a sentence for the user. */
public final class TraceException extends RuntimeException {
  private static final long serialVersionUID = 1;

  TraceException(String message) {
    super(message, null, false, false);
  }
}
