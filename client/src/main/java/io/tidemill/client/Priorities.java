package io.tidemill.client;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Names for priorities. A priority is any 32-bit integer, higher goes first; these four are what
 * people say, with room between them for what they do not.
 */
public final class Priorities {
  /** After everything that says nothing. */
  public static final int LOW = -100;

  /** What a task has that says nothing. */
  public static final int NORMAL = 0;

  public static final int HIGH = 100;

  /** Before all the others. */
  public static final int URGENT = 1_000;

  private static final Map<String, Integer> BY_NAME = new LinkedHashMap<>();

  static {
    BY_NAME.put("low", LOW);
    BY_NAME.put("normal", NORMAL);
    BY_NAME.put("high", HIGH);
    BY_NAME.put("urgent", URGENT);
  }

  private Priorities() {}

  /**
   * Reads a name, in any case, or a number from -2147483648 to 2147483647.
   *
   * @throws IllegalArgumentException with a sentence, if it is neither
   */
  public static int parse(String text) {
    Integer named = BY_NAME.get(text.toLowerCase(Locale.ROOT));
    if (named != null) {
      return named;
    }
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "bad priority: value='"
              + text
              + "'; say low, normal, high or urgent, or a whole number from "
              + Integer.MIN_VALUE
              + " to "
              + Integer.MAX_VALUE);
    }
  }

  /** The name of a priority; empty: it has none. */
  public static String name(int priority) {
    for (Map.Entry<String, Integer> each : BY_NAME.entrySet()) {
      if (each.getValue() == priority) {
        return each.getKey();
      }
    }
    return "";
  }

  /** As people read it: the number, and the name where there is one. */
  public static String format(int priority) {
    String name = name(priority);
    return name.isEmpty() ? Integer.toString(priority) : priority + " (" + name + ")";
  }
}
