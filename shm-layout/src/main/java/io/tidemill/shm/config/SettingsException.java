package io.tidemill.shm.config;

/** A setting is wrong; the message is for the user as it is. */
public final class SettingsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public SettingsException(String message) {
    super(message);
  }
}
