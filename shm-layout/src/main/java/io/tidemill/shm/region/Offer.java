package io.tidemill.shm.region;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a worker offers beside its types: the queues that it takes tasks from and how it goes about
 * them, its labels, and how much of what it has.
 *
 * @param queues none: all
 * @param order among its queues
 */
public record Offer(
    List<Share> queues,
    QueueOrder order,
    SortedMap<String, String> labels,
    SortedMap<String, Long> amounts) {

  /** A queue and its weight, 1 to 1,000. */
  public record Share(String queue, int weight) {}

  /** Which of its queues a worker is served from first. */
  public enum QueueOrder {
    /** The instance's order: the best task of all of them. */
    PRIORITY,
    /** The first of them that has a task, always. */
    STRICT,
    /** By turns, as often as their weights say. */
    WEIGHTED
  }

  /** Of a worker that takes from all queues and says nothing else. */
  public static final Offer NONE = new Offer(List.of(), QueueOrder.PRIORITY, Map.of(), Map.of());

  /** The longest text that a row of the worker table has room for. */
  static final int TEXT_MAX = 1_600;

  private static final String AMOUNT = ":";

  public Offer {
    queues = List.copyOf(queues);
    labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
    amounts = Collections.unmodifiableSortedMap(new TreeMap<>(amounts));
  }

  public Offer(
      List<Share> queues, QueueOrder order, Map<String, String> labels, Map<String, Long> amounts) {
    this(queues, order, new TreeMap<>(labels), new TreeMap<>(amounts));
  }

  /** Whether its text fits into a row of the worker table. */
  public boolean fits() {
    return text().length() <= TEXT_MAX;
  }

  /** Whether a worker of this offer may ever run a lane whose type it handles. */
  public boolean meets(Lane lane) {
    return subscribes(lane.queue())
        && labels.entrySet().containsAll(lane.labels().entrySet())
        && lane.amounts().entrySet().stream()
            .allMatch(need -> amounts.getOrDefault(need.getKey(), 0L) >= need.getValue());
  }

  public boolean subscribes(String queue) {
    return queues.isEmpty() || queues.stream().anyMatch(share -> share.queue().equals(queue));
  }

  /** Whether the worker has an order of its own among queues. */
  public boolean isOrdered() {
    return order != QueueOrder.PRIORITY && queues.size() > 1;
  }

  /** As it stands in a row: parts with blanks between. */
  String text() {
    List<String> parts = new ArrayList<>();
    if (order != QueueOrder.PRIORITY) {
      parts.add("!" + order.name());
    }
    queues.forEach(share -> parts.add("@" + share.queue() + "*" + share.weight()));
    labels.forEach((name, value) -> parts.add(name + "=" + value));
    amounts.forEach((name, amount) -> parts.add(name + AMOUNT + amount));
    return String.join(" ", parts);
  }

  /**
   * Reads what {@link #text} wrote.
   *
   * @throws DamagedException if it did not
   */
  static Offer parse(String text) {
    if (text.isEmpty()) {
      return NONE;
    }
    List<Share> queues = new ArrayList<>();
    QueueOrder order = QueueOrder.PRIORITY;
    SortedMap<String, String> labels = new TreeMap<>();
    SortedMap<String, Long> amounts = new TreeMap<>();
    try {
      for (String part : text.split(" ")) {
        if (part.startsWith("!")) {
          order = QueueOrder.valueOf(part.substring(1));
        } else if (part.startsWith("@")) {
          int star = part.lastIndexOf('*');
          queues.add(
              new Share(part.substring(1, star), Integer.parseInt(part.substring(star + 1))));
        } else if (part.contains("=")) {
          Lane.readLabel(part, labels);
        } else {
          Lane.readAmount(part, AMOUNT, amounts);
        }
      }
    } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
      throw new DamagedException(
          "region=workers what a worker offers cannot be read: bytes=" + text.length());
    }
    return new Offer(queues, order, labels, amounts);
  }
}
