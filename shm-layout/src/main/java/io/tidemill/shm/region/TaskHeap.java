package io.tidemill.shm.region;

import io.tidemill.shm.memory.Memory;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * The task heap: the order of ready tasks, one heap a lane (a task type) out of one arena of
 * chunks. Only the Main Scheduler moves entries; the others read. It is an index: a Main Scheduler
 * that starts clears it and fills it again from the slots, so no crash within it matters.
 *
 * <p>An entry is 16 bytes: the better one is the smaller one, as two unsigned longs.
 *
 * <pre>
 * first   priority, inverted 32 | sequence, high 32       with ageing: rank, inverted 64
 * second  sequence, low 40                   | slot 24
 * </pre>
 *
 * <p>Where both have a part of the sequence it is the same. {@link TaskOrder} makes entries.
 */
public final class TaskHeap {
  static final int CHUNK_ENTRIES = 1024;
  static final int ENTRY_BYTES = 16;

  public static final Layout CHUNK = new Layout("chunk directory entry");
  static final int LANE =
      CHUNK.intField("lane", "Main Scheduler", "lane plus one; 0: the chunk is free");
  static final int ORDINAL =
      CHUNK.intField("ordinal", "Main Scheduler", "place among the lane's chunks");
  static final int DIRECTORY_STRIDE = CHUNK.stride(8);

  public static final Layout LANE_LAYOUT = new Layout("lane");
  static final int SIZE =
      LANE_LAYOUT.longField("size", "Main Scheduler", "entries in the lane's heap");
  static final int LANE_STRIDE = LANE_LAYOUT.stride(8);

  /**
   * An entry as it was read; what it says of its slot may be over by now. Ordered as the heap is.
   */
  public record Entry(long first, long second) implements Comparable<Entry> {
    public int slot() {
      return TaskHeap.slot(second);
    }

    /** The low 40 bits of its task's place in the order of submission. */
    public long sequence() {
      return TaskHeap.sequence(second);
    }

    @Override
    public int compareTo(Entry other) {
      int order = Long.compareUnsigned(first, other.first);
      return order != 0 ? order : Long.compareUnsigned(second, other.second);
    }
  }

  private final Memory memory;
  private final int chunks;
  private final int lanesMax;
  private final long chunksAt;
  private final int[] free;
  private int freeCount;
  private final LaneHeap[] lanes;

  /**
   * @param tasksMax live tasks; the arena has room for twice as many entries, since stale ones stay
   *     until they surface
   */
  public TaskHeap(Memory memory, int tasksMax, int lanesMax) {
    this.memory = memory;
    this.lanesMax = lanesMax;
    this.chunks = chunks(tasksMax, lanesMax);
    this.chunksAt = chunksAt(chunks, lanesMax);
    this.free = new int[chunks];
    this.lanes = new LaneHeap[lanesMax];
  }

  public static long bytes(int tasksMax, int lanesMax) {
    int chunks = chunks(tasksMax, lanesMax);
    return chunksAt(chunks, lanesMax) + (long) chunks * CHUNK_ENTRIES * ENTRY_BYTES;
  }

  private static int chunks(int tasksMax, int lanesMax) {
    return 2 * ((tasksMax + CHUNK_ENTRIES - 1) / CHUNK_ENTRIES) + lanesMax;
  }

  private static long chunksAt(int chunks, int lanesMax) {
    long end =
        RegionHeader.BYTES + (long) lanesMax * LANE_STRIDE + (long) chunks * DIRECTORY_STRIDE;
    return (end + 63) / 64 * 64;
  }

  /** The first long of an entry. */
  public static long first(int priority, long sequence) {
    long inverted = (~priority & 0xFFFF_FFFFL) ^ 0x8000_0000L;
    return (inverted << 32) | (sequence >>> 32);
  }

  /** The first long of an entry in an order with ageing. */
  static long firstOfRank(long rank) {
    return ~rank ^ Long.MIN_VALUE;
  }

  /** The second long of an entry. */
  public static long second(long sequence, int slot) {
    return (sequence << TaskId.SLOT_BITS) | slot;
  }

  public static int slot(long second) {
    return (int) (second & ((1 << TaskId.SLOT_BITS) - 1));
  }

  /** The low bits of a sequence as entries have them. */
  public static long sequence(long second) {
    return second >>> TaskId.SLOT_BITS;
  }

  public static int priority(long first) {
    return (int) ~((first >>> 32) ^ 0x8000_0000L);
  }

  /** Whether one entry goes before another. */
  public static boolean isBefore(long firstA, long secondA, long firstB, long secondB) {
    int order = Long.compareUnsigned(firstA, firstB);
    return order < 0 || (order == 0 && Long.compareUnsigned(secondA, secondB) < 0);
  }

  /** Main Scheduler: forgets everything. */
  public void clear() {
    freeCount = 0;
    for (int chunk = chunks - 1; chunk >= 0; chunk--) {
      memory.putInt(directory(chunk) + LANE, 0);
      free[freeCount++] = chunk;
    }
    for (int lane = 0; lane < lanesMax; lane++) {
      memory.putLong(laneAt(lane), 0);
    }
    Arrays.fill(lanes, null);
  }

  /** Main Scheduler: the heap of a lane, made when it is first asked for. */
  public LaneHeap lane(int lane) {
    LaneHeap heap = lanes[lane];
    if (heap == null) {
      heap = new LaneHeap(lane);
      lanes[lane] = heap;
    }
    return heap;
  }

  /** Anyone: how many entries a lane has, stale ones included. */
  public long size(int lane) {
    return memory.getLongAcquire(laneAt(lane));
  }

  public int lanesMax() {
    return lanesMax;
  }

  /**
   * Anyone: the slots of a lane's best entries in heap order, as far as they can be read while it
   * moves.
   */
  public List<Integer> peek(int lane, int limit) {
    return best(lane, limit).stream().map(Entry::slot).toList();
  }

  /** Anyone: a lane's best entries, best first, as far as they can be read while it moves. */
  public List<Entry> best(int lane, int limit) {
    PriorityQueue<Entry> worstFirst = new PriorityQueue<>(Comparator.reverseOrder());
    long size = size(lane);
    for (int chunk = 0; chunk < chunks; chunk++) {
      if (memory.getIntAcquire(directory(chunk) + LANE) == lane + 1) {
        long base = (long) memory.getInt(directory(chunk) + ORDINAL) * CHUNK_ENTRIES;
        for (int i = 0; i < CHUNK_ENTRIES && base + i < size; i++) {
          long at = chunksAt + ((long) chunk * CHUNK_ENTRIES + i) * ENTRY_BYTES;
          keepBest(worstFirst, limit, new Entry(memory.getLong(at), memory.getLong(at + 8)));
        }
      }
    }
    return worstFirst.stream().sorted().toList();
  }

  /** Anyone: which chunks each lane holds, by their ordinals; -1 where one is not to be seen. */
  int[][] chunksOfLanes() {
    int[][] held = new int[lanesMax][];
    for (int chunk = 0; chunk < chunks; chunk++) {
      int lane = memory.getIntAcquire(directory(chunk) + LANE) - 1;
      int ordinal = memory.getInt(directory(chunk) + ORDINAL);
      if (lane >= 0 && lane < lanesMax && ordinal >= 0 && ordinal < chunks) {
        int[] its = held[lane] == null ? new int[0] : held[lane];
        if (ordinal >= its.length) {
          int before = its.length;
          its = Arrays.copyOf(its, ordinal + 1);
          Arrays.fill(its, before, its.length, -1);
        }
        its[ordinal] = chunk;
        held[lane] = its;
      }
    }
    return held;
  }

  /** Anyone: an entry of a chunk, as it can be read while it moves. */
  Entry entry(int chunk, int index) {
    long at = chunksAt + ((long) chunk * CHUNK_ENTRIES + index) * ENTRY_BYTES;
    return new Entry(memory.getLong(at), memory.getLong(at + 8));
  }

  private static void keepBest(PriorityQueue<Entry> worstFirst, int limit, Entry entry) {
    worstFirst.add(entry);
    if (worstFirst.size() > limit) {
      worstFirst.poll();
    }
  }

  private long directory(int chunk) {
    return RegionHeader.BYTES + (long) lanesMax * LANE_STRIDE + (long) chunk * DIRECTORY_STRIDE;
  }

  private long laneAt(int lane) {
    return RegionHeader.BYTES + (long) lane * LANE_STRIDE;
  }

  /** One lane's heap: 4-ary, over the chunks that the lane holds. */
  public final class LaneHeap {
    private final int lane;
    private int[] held = new int[4];
    private int heldCount;
    private int size;

    private LaneHeap(int lane) {
      this.lane = lane;
    }

    public int size() {
      return size;
    }

    public boolean isEmpty() {
      return size == 0;
    }

    /** The best entry's first long. Not of an empty heap. */
    public long first() {
      return memory.getLong(at(0));
    }

    /** The best entry's second long. Not of an empty heap. */
    public long second() {
      return memory.getLong(at(0) + 8);
    }

    /** Puts an entry in; false if the arena is full: stale entries must be cleared by a rebuild. */
    public boolean push(long first, long second) {
      if (size == heldCount * CHUNK_ENTRIES && !grow()) {
        return false;
      }
      int hole = size++;
      while (hole > 0) {
        int parent = (hole - 1) >> 2;
        long parentAt = at(parent);
        long parentFirst = memory.getLong(parentAt);
        long parentSecond = memory.getLong(parentAt + 8);
        if (!isBefore(first, second, parentFirst, parentSecond)) {
          break;
        }
        put(hole, parentFirst, parentSecond);
        hole = parent;
      }
      put(hole, first, second);
      publishSize();
      return true;
    }

    /** Takes the best entry out. Not from an empty heap. */
    public void pop() {
      size--;
      long lastAt = at(size);
      if (size > 0) {
        siftDown(memory.getLong(lastAt), memory.getLong(lastAt + 8));
      }
      publishSize();
      if (size <= (heldCount - 2) * CHUNK_ENTRIES) {
        shrink();
      }
    }

    private void siftDown(long first, long second) {
      int hole = 0;
      for (int child = 1; child < size; child = (hole << 2) + 1) {
        int best = bestOf(child, Math.min(child + 4, size));
        long bestAt = at(best);
        long bestFirst = memory.getLong(bestAt);
        long bestSecond = memory.getLong(bestAt + 8);
        if (!isBefore(bestFirst, bestSecond, first, second)) {
          break;
        }
        put(hole, bestFirst, bestSecond);
        hole = best;
      }
      put(hole, first, second);
    }

    private int bestOf(int from, int to) {
      int best = from;
      long bestFirst = memory.getLong(at(from));
      long bestSecond = memory.getLong(at(from) + 8);
      for (int i = from + 1; i < to; i++) {
        long first = memory.getLong(at(i));
        long second = memory.getLong(at(i) + 8);
        if (isBefore(first, second, bestFirst, bestSecond)) {
          best = i;
          bestFirst = first;
          bestSecond = second;
        }
      }
      return best;
    }

    private boolean grow() {
      if (freeCount == 0) {
        return false;
      }
      int chunk = free[--freeCount];
      memory.putInt(directory(chunk) + ORDINAL, heldCount);
      memory.putIntRelease(directory(chunk) + LANE, lane + 1);
      if (heldCount == held.length) {
        held = Arrays.copyOf(held, heldCount * 2);
      }
      held[heldCount++] = chunk;
      return true;
    }

    private void shrink() {
      int chunk = held[--heldCount];
      memory.putIntRelease(directory(chunk) + LANE, 0);
      free[freeCount++] = chunk;
    }

    private void publishSize() {
      memory.putLongRelease(laneAt(lane), size);
    }

    private void put(int index, long first, long second) {
      long at = at(index);
      memory.putLong(at, first);
      memory.putLong(at + 8, second);
    }

    private long at(int index) {
      int chunk = held[index / CHUNK_ENTRIES];
      return chunksAt + ((long) chunk * CHUNK_ENTRIES + index % CHUNK_ENTRIES) * ENTRY_BYTES;
    }
  }
}
