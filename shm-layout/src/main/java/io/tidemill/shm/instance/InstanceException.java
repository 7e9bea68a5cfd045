package io.tidemill.shm.instance;

/** The instance cannot be opened as it is; the message is for the user, in one sentence. */
public final class InstanceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public InstanceException(String message) {
    super(message);
  }

  public InstanceException(String message, Throwable cause) {
    super(message, cause);
  }
}
