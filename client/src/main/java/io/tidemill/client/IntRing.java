package io.tidemill.client;

/**
 * A queue of slots in an array of fixed size. Never overflows: a slot stands in it at most once.
 * Not safe for threads.
 */
final class IntRing {
  private final int[] items;
  private final int mask;
  private long head;
  private long tail;

  IntRing(int capacity) {
    int size = Integer.highestOneBit(Math.max(2, capacity) * 2 - 1);
    items = new int[size];
    mask = size - 1;
  }

  int size() {
    return (int) (tail - head);
  }

  void add(int item) {
    if (size() == items.length) {
      throw new IllegalStateException("ring overrun: size=" + items.length + "; this is a bug");
    }
    items[(int) (tail++ & mask)] = item;
  }

  int peek() {
    return items[(int) (head & mask)];
  }

  int take() {
    return items[(int) (head++ & mask)];
  }
}
