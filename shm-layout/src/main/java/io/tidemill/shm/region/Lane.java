package io.tidemill.shm.region;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A class of work: everything that decides who may run a task. All tasks of a lane are alike to the
 * workers, so a lane has one heap, and one number, which stands in their slots.
 *
 * <p>Its text names it, in the table of types and in the journal. Of a task in the default queue
 * that requires nothing it is the type alone; else, in this order and with one blank between:
 *
 * <pre>
 * TYPE [@QUEUE] [LABEL=VALUE]... [AMOUNT&gt;=NUMBER]...
 * </pre>
 *
 * @param type which handler runs it
 * @param queue where it waits
 * @param labels what a worker has to have
 * @param amounts how much of what a worker has to have left
 */
public record Lane(
    String type, String queue, SortedMap<String, String> labels, SortedMap<String, Long> amounts) {
  public static final String DEFAULT_QUEUE = "default";
  public static final int TEXT_MAX = TypeTable.NAME_BYTES_MAX;

  private static final String NEEDS = ">=";

  public Lane {
    labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
    amounts = Collections.unmodifiableSortedMap(new TreeMap<>(amounts));
  }

  /** Of names that have been checked; an empty queue is the default one. */
  public static Lane of(
      String type, String queue, Map<String, String> labels, Map<String, Long> amounts) {
    return new Lane(
        type,
        queue.isEmpty() ? DEFAULT_QUEUE : queue,
        new TreeMap<>(labels),
        new TreeMap<>(amounts));
  }

  /** Whether a text is a type alone. */
  public static boolean isType(String text) {
    return text.indexOf(' ') < 0;
  }

  /**
   * Reads a lane's text.
   *
   * @throws DamagedException if it is none
   */
  public static Lane parse(String text) {
    String[] parts = text.split(" ", -1);
    String queue = DEFAULT_QUEUE;
    SortedMap<String, String> labels = new TreeMap<>();
    SortedMap<String, Long> amounts = new TreeMap<>();
    try {
      for (int i = 1; i < parts.length; i++) {
        if (parts[i].startsWith("@")) {
          queue = parts[i].substring(1);
        } else if (parts[i].contains(NEEDS)) {
          readAmount(parts[i], NEEDS, amounts);
        } else {
          readLabel(parts[i], labels);
        }
      }
    } catch (IndexOutOfBoundsException | NumberFormatException e) {
      throw new DamagedException("region=types lane='" + text + "'");
    }
    return new Lane(parts[0], queue, labels, amounts);
  }

  public String text() {
    StringBuilder text = new StringBuilder(type);
    if (!queue.equals(DEFAULT_QUEUE)) {
      text.append(" @").append(queue);
    }
    labels.forEach((name, value) -> text.append(' ').append(name).append('=').append(value));
    amounts.forEach((name, need) -> text.append(' ').append(name).append(NEEDS).append(need));
    return text.toString();
  }

  /** Reads {@code name MARK number}. */
  static void readAmount(String part, String mark, Map<String, Long> into) {
    int at = part.indexOf(mark);
    into.put(part.substring(0, at), Long.parseLong(part.substring(at + mark.length())));
  }

  /** Reads {@code name=value}. */
  static void readLabel(String part, Map<String, String> into) {
    int at = part.indexOf('=');
    into.put(part.substring(0, at), part.substring(at + 1));
  }

  @Override
  public String toString() {
    return text();
  }
}
