package io.tidemill.rpc;

import java.util.HexFormat;

/** Task ids as people see them: 16 lower-case hexadecimal digits of the 64-bit id. */
public final class TaskIds {
  private static final int DIGITS = 16;

  private TaskIds() {}

  public static String format(long taskId) {
    return HexFormat.of().toHexDigits(taskId);
  }

  /**
   * Reads what {@link #format} wrote; upper case is taken too.
   *
   * @throws IllegalArgumentException with a sentence for the user, if the text is not a task id
   */
  public static long parse(String text) {
    if (text.length() != DIGITS || !text.chars().allMatch(HexFormat::isHexDigit)) {
      throw new IllegalArgumentException(
          "not a task id: '"
              + text
              + "'; a task id has 16 hexadecimal digits, as `task submit` prints it");
    }
    return HexFormat.fromHexDigitsToLong(text);
  }
}
