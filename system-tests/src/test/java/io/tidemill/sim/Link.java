package io.tidemill.sim;

import java.util.ArrayDeque;
import java.util.function.BooleanSupplier;

/** One direction of a connection: what was sent arrives in order, when the world says so. */
final class Link {
  private record Item(Runnable arrival, boolean always) {}

  private final ArrayDeque<Item> queue = new ArrayDeque<>();
  private final BooleanSupplier takes;

  /**
   * @param takes whether the receiver takes messages now
   */
  Link(BooleanSupplier takes) {
    this.takes = takes;
  }

  /** A message, for when the receiver takes one. */
  void message(Runnable arrival) {
    queue.add(new Item(arrival, false));
  }

  /** The beginning or the end of the connection, which the receiver cannot put off. */
  void event(Runnable arrival) {
    queue.add(new Item(arrival, true));
  }

  void clear() {
    queue.clear();
  }

  boolean isReady() {
    return !queue.isEmpty() && (queue.peek().always || takes.getAsBoolean());
  }

  boolean isEmpty() {
    return queue.isEmpty();
  }

  /** Lets the next thing arrive; false if there is none, or the receiver does not take it. */
  boolean deliver() {
    if (!isReady()) {
      return false;
    }
    queue.remove().arrival.run();
    return true;
  }
}
