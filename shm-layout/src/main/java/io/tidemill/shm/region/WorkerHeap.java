package io.tidemill.shm.region;

import io.tidemill.shm.memory.Memory;
import java.util.SplittableRandom;

/**
 * The worker heap: the workers that can be given tasks, the least loaded relative to its window
 * first, at random among equals. Only the Main Scheduler writes; it fills it anew when it starts.
 *
 * <p>A binary heap of rows in order, and for each row its place, its key, what it holds and how
 * much it may hold.
 */
public final class WorkerHeap {
  public static final Layout LAYOUT = new Layout("worker load");
  static final int KEY = LAYOUT.longField("key", "Main Scheduler", "load << 32 | random");
  static final int IN_FLIGHT =
      LAYOUT.intField("in flight", "Main Scheduler", "leases that it holds");
  static final int WINDOW = LAYOUT.intField("window", "Main Scheduler", "leases that it may hold");
  static final int PLACE =
      LAYOUT.intField("place", "Main Scheduler", "place in the heap plus one; 0: not in it");
  static final int ROW_AT_PLACE =
      LAYOUT.intField("row", "Main Scheduler", "the row that stands at this place");
  static final int INCARNATION =
      LAYOUT.longField(
          "incarnation",
          "Main Scheduler",
          "the registration that the leases of this row belong to");
  static final int STRIDE = LAYOUT.stride(32);

  private static final int SIZE_AT = RegionHeader.BYTES;
  private static final int ROWS_AT = RegionHeader.BYTES + 64;

  private final Memory memory;
  private final int capacity;

  /** The same in each run, so that a run can be repeated; it only has to spread. */
  private final SplittableRandom ties = new SplittableRandom(1);

  public WorkerHeap(Memory memory) {
    this.memory = memory;
    this.capacity = Math.toIntExact(RegionHeader.capacity(memory));
  }

  public static long bytes(int capacity) {
    return ROWS_AT + (long) capacity * STRIDE;
  }

  public int capacity() {
    return capacity;
  }

  /** How many workers stand in it. */
  public int size() {
    return memory.getIntAcquire(SIZE_AT);
  }

  /**
   * Takes everybody out: half a move that a crash left is forgotten. What each worker holds stays
   * for others to read until it is counted anew.
   */
  public void clear() {
    memory.putIntRelease(SIZE_AT, 0);
    for (int row = 0; row < capacity; row++) {
      memory.putInt(at(row, PLACE), 0);
      memory.putInt(at(row, WINDOW), 0);
    }
  }

  /** The row at a place, 0 being the least loaded. */
  public int rowAt(int place) {
    return memory.getInt(at(place, ROW_AT_PLACE));
  }

  public int inFlight(int row) {
    return memory.getIntAcquire(at(row, IN_FLIGHT));
  }

  public int window(int row) {
    return memory.getIntAcquire(at(row, WINDOW));
  }

  /**
   * The registration that the leases of this row belong to. It outlives {@link #clear}: a Main
   * Scheduler that starts tells by it that the worker registered again meanwhile, and that the
   * leases are void.
   */
  public long incarnation(int row) {
    return memory.getLong(at(row, INCARNATION));
  }

  /** After the leases of former registrations were taken back. */
  public void incarnation(int row, long incarnation) {
    memory.putLong(at(row, INCARNATION), incarnation);
  }

  /** How many more leases it may hold now. */
  public int room(int row) {
    return Math.max(0, window(row) - inFlight(row));
  }

  public boolean contains(int row) {
    return memory.getInt(at(row, PLACE)) != 0;
  }

  /**
   * Sets what a worker holds and may hold, and moves it to its place; one without a window stands
   * in no heap.
   */
  public void update(int row, int inFlight, int window) {
    memory.putInt(at(row, IN_FLIGHT), inFlight);
    memory.putInt(at(row, WINDOW), window);
    if (window <= 0) {
      remove(row);
      return;
    }
    long load = ((long) inFlight << 16) / window;
    long random = ties.nextInt() & 0xFFFF_FFFFL;
    memory.putLong(at(row, KEY), (Math.min(load, Integer.MAX_VALUE) << 32) | random);
    if (!contains(row)) {
      int size = size();
      place(row, size);
      memory.putIntRelease(SIZE_AT, size + 1);
    }
    int place = memory.getInt(at(row, PLACE)) - 1;
    siftDown(siftUp(place));
  }

  private void remove(int row) {
    int place = memory.getInt(at(row, PLACE)) - 1;
    if (place < 0) {
      return;
    }
    int last = size() - 1;
    int moved = rowAt(last);
    memory.putIntRelease(SIZE_AT, last);
    memory.putInt(at(row, PLACE), 0);
    if (place < last) {
      place(moved, place);
      siftDown(siftUp(place));
    }
  }

  private int siftUp(int place) {
    int row = rowAt(place);
    while (place > 0) {
      int parent = (place - 1) >> 1;
      int parentRow = rowAt(parent);
      if (key(parentRow) <= key(row)) {
        break;
      }
      place(parentRow, place);
      place = parent;
    }
    place(row, place);
    return place;
  }

  private void siftDown(int place) {
    int row = rowAt(place);
    int size = size();
    for (int child = 2 * place + 1; child < size; child = 2 * place + 1) {
      if (child + 1 < size && key(rowAt(child + 1)) < key(rowAt(child))) {
        child++;
      }
      int childRow = rowAt(child);
      if (key(row) <= key(childRow)) {
        break;
      }
      place(childRow, place);
      place = child;
    }
    place(row, place);
  }

  private void place(int row, int place) {
    memory.putInt(at(place, ROW_AT_PLACE), row);
    memory.putInt(at(row, PLACE), place + 1);
  }

  private long key(int row) {
    return memory.getLong(at(row, KEY));
  }

  private long at(int row, int field) {
    if (row < 0 || row >= capacity) {
      throw new IndexOutOfBoundsException("no such worker row: row=" + row + " rows=" + capacity);
    }
    return ROWS_AT + (long) row * STRIDE + field;
  }
}
