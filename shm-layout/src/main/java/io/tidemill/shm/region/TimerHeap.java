package io.tidemill.shm.region;

import io.tidemill.shm.memory.Memory;
import io.tidemill.shm.region.TaskHeap.LaneHeap;

/**
 * Which slots have to be looked at, and when: two heaps by time, one of the monotonic clock and one
 * of the wall clock, so that a jump of the wall clock moves nothing here. Only the Main Scheduler
 * moves entries. It is an index: an entry says that a slot is to be looked at, the slot and its
 * terms say what for; one that is over, or stands here twice, does no harm. A Main Scheduler that
 * starts clears it and fills it again from the slots, so no crash within it matters.
 */
public final class TimerHeap {
  /** The clocks, by the number of their lane. */
  public enum Clock {
    /** In ns. */
    MONOTONIC,
    /** In ms. */
    WALL
  }

  /** When there is no entry. */
  public static final long NEVER = Long.MAX_VALUE;

  private static final int LANES = Clock.values().length;

  private final TaskHeap heap;
  private final LaneHeap[] lanes = new LaneHeap[LANES];

  public TimerHeap(Memory memory, int tasksMax) {
    this.heap = new TaskHeap(memory, tasksMax, LANES);
  }

  public static long bytes(int tasksMax) {
    return TaskHeap.bytes(tasksMax, LANES);
  }

  /** Main Scheduler: before anything else, and before the slots are scanned. */
  public void clear() {
    heap.clear();
    for (int lane = 0; lane < LANES; lane++) {
      lanes[lane] = heap.lane(lane);
    }
  }

  /**
   * Main Scheduler: has a slot looked at, at a time above 0.
   *
   * @return false if there is no room: it is full of entries that are over, and wants a rebuild
   */
  public boolean push(Clock clock, long time, int slot, int generation) {
    return lanes[clock.ordinal()].push(
        Math.max(1, time), (long) generation << TaskId.SLOT_BITS | slot);
  }

  /** Main Scheduler: the time of the first entry, or {@link #NEVER}. */
  public long first(Clock clock) {
    LaneHeap lane = lanes[clock.ordinal()];
    return lane.isEmpty() ? NEVER : lane.first();
  }

  /** Main Scheduler: takes the first entry out, of which there is one. */
  public long pop(Clock clock) {
    LaneHeap lane = lanes[clock.ordinal()];
    long entry = lane.second();
    lane.pop();
    return entry;
  }

  /** Of an entry that was taken out. */
  public static int slot(long entry) {
    return TaskHeap.slot(entry);
  }

  /** Of an entry that was taken out. */
  public static int generation(long entry) {
    return (int) (entry >>> TaskId.SLOT_BITS) & StateWord.GENERATION_MAX;
  }

  /** Anyone: how many entries there are, those that are over included. */
  public long size(Clock clock) {
    return heap.size(clock.ordinal());
  }
}
