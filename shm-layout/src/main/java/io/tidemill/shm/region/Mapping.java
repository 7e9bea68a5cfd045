package io.tidemill.shm.region;

import io.tidemill.shm.memory.Memory;

/**
 * Which worker holds which task, under which lease: one long a slot. From the task's end it is one
 * load; from the worker's end a scan of 8 bytes a slot. The Main Scheduler writes an entry before
 * it assigns, so a task under a lease always has one; an entry that outlived its lease is found out
 * by the slot's word, which is the truth.
 */
public final class Mapping {
  public static final Layout LAYOUT = new Layout("mapping entry");
  static final int ENTRY =
      LAYOUT.longField(
          "holder",
          "Main Scheduler sets, Register clears",
          "worker row plus one << 32 | lease number; 0: none");
  static final int STRIDE = LAYOUT.stride(8);

  /** Takes a slot that may be held. */
  @FunctionalInterface
  public interface Visitor {
    void onHeld(int slot, int worker, int lease);
  }

  private final Memory memory;
  private final int capacity;

  public Mapping(Memory memory) {
    this.memory = memory;
    this.capacity = Math.toIntExact(RegionHeader.capacity(memory));
  }

  public static long bytes(int capacity) {
    return RegionHeader.BYTES + (long) capacity * STRIDE;
  }

  /** Main Scheduler, before it assigns. */
  public void hold(int slot, int worker, int lease) {
    memory.putLongRelease(at(slot), entry(worker, lease));
  }

  /** What stands there for a worker's row and a lease number. */
  public static long entry(int worker, int lease) {
    return ((long) (worker + 1) << 32) | lease;
  }

  /** Anyone: what stands there for a slot; 0: nobody holds it. */
  public long entry(int slot) {
    return memory.getLongAcquire(at(slot));
  }

  /** When a lease is over: by whoever holds the slot then. */
  public void clear(int slot) {
    memory.putLongRelease(at(slot), 0);
  }

  /** The worker's row, or {@link StateWord#NO_WORKER}. */
  public int worker(int slot) {
    return (int) (memory.getLongAcquire(at(slot)) >>> 32) - 1;
  }

  /** Visits the slots that have a holder, up to a limit of slots. */
  public void forEach(int slots, Visitor visitor) {
    forEach(0, slots, visitor);
  }

  /** The same from a slot to another, which it does not include. */
  public void forEach(int from, int to, Visitor visitor) {
    for (int slot = from; slot < to; slot++) {
      long entry = memory.getLongAcquire(at(slot));
      if (entry != 0) {
        visitor.onHeld(slot, (int) (entry >>> 32) - 1, (int) entry);
      }
    }
  }

  public int capacity() {
    return capacity;
  }

  private long at(int slot) {
    if (slot < 0 || slot >= capacity) {
      throw new IndexOutOfBoundsException("no such slot: slot=" + slot + " capacity=" + capacity);
    }
    return RegionHeader.BYTES + (long) slot * STRIDE;
  }
}
