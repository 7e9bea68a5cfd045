package io.tidemill.plm;

/** A growing queue of longs. Not safe for threads. */
final class LongRing {
  private static final int CAPACITY_MIN = 16;

  private long[] ring = new long[CAPACITY_MIN];
  private int head;
  private int count;

  int size() {
    return count;
  }

  boolean isEmpty() {
    return count == 0;
  }

  void add(long value) {
    if (count == ring.length) {
      grow();
    }
    ring[(head + count) & (ring.length - 1)] = value;
    count++;
  }

  /** The value that is so far behind the first one. */
  long get(int index) {
    return ring[(head + index) & (ring.length - 1)];
  }

  void set(int index, long value) {
    ring[(head + index) & (ring.length - 1)] = value;
  }

  void removeFirst(int number) {
    head = (head + number) & (ring.length - 1);
    count -= number;
    if (count == 0 && ring.length > CAPACITY_MIN) {
      ring = new long[CAPACITY_MIN];
      head = 0;
    }
  }

  void clear() {
    removeFirst(count);
  }

  /** How many longs it has room for at the moment. */
  int capacity() {
    return ring.length;
  }

  private void grow() {
    long[] larger = new long[ring.length * 2];
    int untilEnd = ring.length - head;
    System.arraycopy(ring, head, larger, 0, untilEnd);
    System.arraycopy(ring, 0, larger, untilEnd, head);
    ring = larger;
    head = 0;
  }
}
