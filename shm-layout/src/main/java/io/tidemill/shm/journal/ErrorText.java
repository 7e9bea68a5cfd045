package io.tidemill.shm.journal;

/** The text of a task's error: cut where it is too long. */
public final class ErrorText {
  public static final int CHARACTERS_MAX = 4_000;
  public static final int BYTES_MAX = 4 * CHARACTERS_MAX;

  private ErrorText() {}

  /** The first {@link #CHARACTERS_MAX} characters. */
  public static String cut(String text) {
    if (text.length() <= CHARACTERS_MAX
        || text.codePointCount(0, text.length()) <= CHARACTERS_MAX) {
      return text;
    }
    return text.substring(0, text.offsetByCodePoints(0, CHARACTERS_MAX));
  }
}
