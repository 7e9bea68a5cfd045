package io.tidemill.shm.region;

import io.tidemill.shm.memory.Memory;

/**
 * A ring of 16-byte entries from one process to another: one producing thread at a time, one
 * consuming thread. Entries are hints: whoever takes one checks it against the slot that it names.
 * A full ring refuses nobody: it raises a flag, and the consumer, seeing it, finds what it missed
 * by scanning.
 *
 * <p>A producer that dies before the tail moved has published nothing; a consumer that dies before
 * the head moved leaves the entries to be taken again.
 */
public final class Ring {
  /** Takes the two longs of an entry. */
  @FunctionalInterface
  public interface Handler {
    void onEntry(long a, long b);
  }

  public static final Layout LAYOUT = new Layout("ring");
  static final int TAIL = LAYOUT.longField("tail", "producer", "entries ever published");

  static {
    LAYOUT.alignTo(64);
  }

  static final int HEAD = LAYOUT.longField("head", "consumer", "entries ever taken");

  static {
    LAYOUT.alignTo(64);
  }

  static final int OVERFLOW =
      LAYOUT.longField(
          "overflow", "producer sets, consumer clears", "not 0: entries were left out");
  static final int ENTRIES = LAYOUT.stride(192);

  private static final int ENTRY_BYTES = 16;

  private final Memory memory;
  private final long start;
  private final int capacity;
  private final long mask;

  /** Producer: entries behind the tail that are written and not published. */
  private int staged;

  /**
   * @param capacity in entries, a power of two
   */
  Ring(Memory memory, long start, int capacity) {
    if (Integer.bitCount(capacity) != 1) {
      throw new IllegalArgumentException("ring capacity is no power of two: capacity=" + capacity);
    }
    this.memory = memory;
    this.start = start;
    this.capacity = capacity;
    this.mask = capacity - 1L;
  }

  static long bytes(int capacity) {
    return ENTRIES + (long) capacity * ENTRY_BYTES;
  }

  /** Producer: publishes an entry; false if the ring is full, with the flag raised. */
  public boolean offer(long a, long b) {
    boolean room = stage(a, b);
    publish();
    return room;
  }

  /**
   * Producer: writes an entry that the next {@link #publish} shows, so that a run of them costs the
   * consumer's processor one cache miss; false if the ring is full, with the flag raised. A crash
   * before that leaves what a crash before an {@link #offer} leaves.
   */
  public boolean stage(long a, long b) {
    long next = memory.getLong(start + TAIL) + staged;
    long used = next - memory.getLongAcquire(start + HEAD);
    if (used < 0 || used >= capacity) {
      memory.putLongRelease(start + OVERFLOW, 1);
      return false;
    }
    long at = entry(next);
    memory.putLong(at, a);
    memory.putLong(at + 8, b);
    staged++;
    return true;
  }

  /** Producer: publishes what was staged. */
  public void publish() {
    if (staged > 0) {
      memory.putLongRelease(start + TAIL, memory.getLong(start + TAIL) + staged);
      staged = 0;
    }
  }

  /** Consumer: hands over up to {@code limit} entries; answers how many. */
  public int drain(Handler handler, int limit) {
    long head = memory.getLong(start + HEAD);
    long tail = memory.getLongAcquire(start + TAIL);
    long used = tail - head;
    if (used < 0 || used > capacity) {
      abandon(tail);
      return 0;
    }
    int count = (int) Math.min(used, limit);
    for (int i = 0; i < count; i++) {
      long at = entry(head + i);
      handler.onEntry(memory.getLong(at), memory.getLong(at + 8));
    }
    if (count > 0) {
      memory.putLongRelease(start + HEAD, head + count);
    }
    return count;
  }

  /** Consumer: head and tail cannot be right. It goes on from the tail, and finds all by a scan. */
  private void abandon(long tail) {
    memory.putLongRelease(start + OVERFLOW, 1);
    memory.putLongRelease(start + HEAD, tail);
  }

  public boolean isEmpty() {
    return memory.getLongAcquire(start + TAIL) == memory.getLongAcquire(start + HEAD);
  }

  /** As far as it can be told while both ends move, and never more than there is room for. */
  public int size() {
    long used = memory.getLongAcquire(start + TAIL) - memory.getLongAcquire(start + HEAD);
    return (int) Math.max(0, Math.min(used, capacity));
  }

  public boolean isOverflown() {
    return memory.getLongAcquire(start + OVERFLOW) != 0;
  }

  /** Consumer, before it scans: what is left out from now on raises the flag anew. */
  public void clearOverflow() {
    // By an exchange, so that what the producer did before it raised the flag is seen after it.
    memory.casLong(start + OVERFLOW, memory.getLongAcquire(start + OVERFLOW), 0);
  }

  private long entry(long index) {
    return start + ENTRIES + (index & mask) * ENTRY_BYTES;
  }
}
