package io.tidemill.shm.region;

import io.tidemill.shm.region.TaskHeap.Entry;
import java.util.Arrays;
import java.util.function.Predicate;

/**
 * The task heap as somebody else than its writer sees it at a moment: which chunks each lane has
 * then. It goes on moving meanwhile, so what is counted is exact only while it rests. So many
 * entries are looked at and no more.
 */
public final class HeapView {
  private static final int ARITY = 4;

  private final TaskHeap heap;
  private final int[][] chunks;
  private int left;
  private boolean cut;

  /**
   * @param lookedAtMax entries, in all lanes together
   */
  public HeapView(TaskHeap heap, int lookedAtMax) {
    this.heap = heap;
    this.chunks = heap.chunksOfLanes();
    this.left = lookedAtMax;
  }

  /** Whether something was left out, since it would have been too many. */
  public boolean isCut() {
    return cut;
  }

  /**
   * How many entries of a lane are better than one: only these are looked at, and their children.
   *
   * @param counts which of them count: stale ones stay in the heap until they surface
   */
  public int countBefore(int lane, Entry than, Predicate<Entry> counts) {
    long size = heap.size(lane);
    int[] stack = new int[64];
    int depth = 1;
    int found = 0;
    while (depth > 0) {
      int index = stack[--depth];
      Entry entry = index < size ? entry(lane, index) : null;
      if (entry == null || entry.compareTo(than) >= 0) {
        continue; // So are its children.
      }
      if (left == 0) {
        cut = true;
        return found;
      }
      left--;
      found += counts.test(entry) ? 1 : 0;
      if (depth + ARITY > stack.length) {
        stack = Arrays.copyOf(stack, 2 * stack.length);
      }
      for (int child = ARITY; child >= 1; child--) {
        stack[depth++] = ARITY * index + child;
      }
    }
    return found;
  }

  /** Null: it is not to be seen now. */
  private Entry entry(int lane, int index) {
    int ordinal = index / TaskHeap.CHUNK_ENTRIES;
    int[] its = chunks[lane];
    return its == null || ordinal >= its.length || its[ordinal] < 0
        ? null
        : heap.entry(its[ordinal], index % TaskHeap.CHUNK_ENTRIES);
  }

  /** Whether a lane does not have an entry; false too if that would take too long to find out. */
  public boolean lacks(int lane, Entry entry) {
    boolean[] seen = {false};
    Entry next = new Entry(entry.first(), entry.second() + 1); // Nothing stands between both.
    countBefore(
        lane,
        next,
        each -> {
          seen[0] |= each.equals(entry);
          return false;
        });
    return !cut && !seen[0];
  }
}
