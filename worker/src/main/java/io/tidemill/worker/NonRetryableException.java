package io.tidemill.worker;

/**
 * Thrown by a handler when trying again cannot help, such as for a bad payload: the task fails for
 * good.
 */
public class NonRetryableException extends Exception {
  private static final long serialVersionUID = 1L;

  public NonRetryableException(String message) {
    super(message);
  }

  public NonRetryableException(String message, Throwable cause) {
    super(message, cause);
  }
}
