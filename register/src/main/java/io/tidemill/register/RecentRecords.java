package io.tidemill.register;

import io.tidemill.shm.region.TaskState;

/**
 * The last reports that were recorded, so that one that is sent again, after its verdict was lost,
 * is known even when the slot has another task by now. A ring of entries, each of which links to
 * the one before it in its hash chain; links to what the ring has overwritten are told by their
 * age. Guarded.
 */
final class RecentRecords {
  static final int CAPACITY = 1 << 16;

  private static final int MASK = CAPACITY - 1;
  private static final byte NO_END = -1;
  private static final TaskState[] STATES = TaskState.values();

  private final long[] ids = new long[CAPACITY];
  private final long[] leases = new long[CAPACITY];
  private final long[] positions = new long[CAPACITY];
  private final byte[] ends = new byte[CAPACITY];
  private final long[] olderInChain = new long[CAPACITY];
  private final long[] chains = new long[CAPACITY];
  private long count;

  /**
   * @param end null: the attempt ended and the task did not
   */
  void add(long taskId, long lease, long position, TaskState end) {
    count++;
    int at = (int) count & MASK;
    ids[at] = taskId;
    leases[at] = lease;
    positions[at] = position;
    ends[at] = end == null ? NO_END : (byte) end.ordinal();
    olderInChain[at] = chains[chain(taskId)];
    chains[chain(taskId)] = count;
  }

  /** Whether a report under this lease was recorded. */
  boolean contains(long taskId, long lease) {
    for (long n = chains[chain(taskId)]; isKept(n); n = olderInChain[(int) n & MASK]) {
      int at = (int) n & MASK;
      if (ids[at] == taskId && leases[at] == lease) {
        return true;
      }
    }
    return false;
  }

  /** The number of the entry that tells of a task's end, or 0. */
  long findEnd(long taskId) {
    for (long n = chains[chain(taskId)]; isKept(n); n = olderInChain[(int) n & MASK]) {
      int at = (int) n & MASK;
      if (ids[at] == taskId && ends[at] != NO_END) {
        return n;
      }
    }
    return 0;
  }

  long position(long entry) {
    return positions[(int) entry & MASK];
  }

  TaskState end(long entry) {
    return STATES[ends[(int) entry & MASK]];
  }

  private boolean isKept(long entry) {
    return entry > 0 && entry > count - CAPACITY;
  }

  private static int chain(long taskId) {
    return (int) ((taskId * 0x9e3779b97f4a7c15L) >>> 48) & MASK;
  }
}
