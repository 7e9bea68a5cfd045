package io.tidemill.plm;

import java.util.function.IntConsumer;

/**
 * The free slots, first in, first out, so that a slot's generation lasts. Slots that were never
 * used join only while fewer than {@link #CIRCULATING} are free: a lightly loaded instance touches
 * few pages of the table. Kept on our own heap; a start rebuilds it from the slots.
 */
final class FreeSlots {
  static final int CIRCULATING = 65_536;
  private static final int RING_MIN = 1 << 12;

  private final int capacity;
  private int[] ring = new int[RING_MIN];
  private int head;
  private int count;
  private final IntConsumer onFrontier;
  private int frontier;
  private int retired;

  /**
   * @param frontier slots from here on were never used
   * @param onFrontier told how far slots are in use, before one of them is taken
   */
  FreeSlots(int capacity, int frontier, IntConsumer onFrontier) {
    this.capacity = capacity;
    this.frontier = frontier;
    this.onFrontier = onFrontier;
  }

  /** Takes up to {@code most} slots; answers how many there were. */
  synchronized int take(int[] into, int most) {
    int before = frontier;
    while (count < Math.max(CIRCULATING, most) && frontier < capacity) {
      add(frontier++);
    }
    if (frontier != before) {
      onFrontier.accept(frontier);
    }
    int taken = Math.min(count, most);
    for (int i = 0; i < taken; i++) {
      into[i] = ring[head];
      head = (head + 1) & (ring.length - 1);
    }
    count -= taken;
    return taken;
  }

  synchronized void give(int[] slots, int number) {
    for (int i = 0; i < number; i++) {
      add(slots[i]);
    }
  }

  synchronized void give(int slot) {
    add(slot);
  }

  /** A slot whose generations are used up: it is taken no more. */
  synchronized void retire() {
    retired++;
  }

  synchronized int retired() {
    return retired;
  }

  /** Whoever scans the slots may stop here: those behind it were never used. */
  synchronized int frontier() {
    return frontier;
  }

  private void add(int slot) {
    if (count == ring.length) {
      grow();
    }
    ring[(head + count) & (ring.length - 1)] = slot;
    count++;
  }

  private void grow() {
    int[] larger = new int[ring.length * 2];
    int untilEnd = ring.length - head;
    System.arraycopy(ring, head, larger, 0, untilEnd);
    System.arraycopy(ring, 0, larger, untilEnd, head);
    ring = larger;
    head = 0;
  }
}
