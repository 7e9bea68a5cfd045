package io.tidemill.plm;

import io.tidemill.shm.region.TaskState;

/**
 * The ended tasks that can still be asked for: where their records stand, first in, first out,
 * found by id through an open hash table of indexes. Primitive and growing: a quarter of a million
 * takes some 12 MB. Not safe for threads: {@link Ends} guards it.
 */
final class EndedTasks {
  private static final int CAPACITY_MIN = 1 << 10;
  private static final int STATE_BITS = 8;

  /** Let go of before its time: it is no longer found, and keeps its place until that is over. */
  private static final int DISCARDED = 1 << (STATE_BITS - 1);

  /** Of one whose lane has no number since the types were made anew: its record says which. */
  static final int LANE_UNKNOWN = (1 << 23) - 1;

  private final int keepCount;
  private final int keepSeconds;
  private final CycleUse cycles;

  private int capacity = CAPACITY_MIN;
  private long[] ids = new long[capacity];
  private long[] outcomes = new long[capacity];
  private long[] submissions = new long[capacity];
  private int[] endedSeconds = new int[capacity];
  private int[] kinds = new int[capacity];

  /** Index plus one into the arrays, 0: empty. */
  private int[] table = new int[2 * capacity];

  private long oldest;
  private long next;

  EndedTasks(int keepCount, int keepSeconds, CycleUse cycles) {
    this.keepCount = keepCount;
    this.keepSeconds = keepSeconds;
    this.cycles = cycles;
  }

  int size() {
    return (int) (next - oldest);
  }

  /** Adds a task as the newest; one that is there already stays as it is. */
  void add(long id, long outcome, long submission, long nowSeconds, int type, TaskState state) {
    if (find(id) >= 0) {
      return;
    }
    if (size() == keepCount) {
      removeOldest();
    }
    if (size() == capacity) {
      grow();
    }
    int at = index(next++);
    ids[at] = id;
    outcomes[at] = outcome;
    submissions[at] = submission;
    endedSeconds[at] = (int) nowSeconds;
    kinds[at] = type << STATE_BITS | state.ordinal();
    link(at);
    cycles.keepEnded(submission, outcome);
  }

  /** The index of a task for the methods below, until the next change; -1: it is not kept. */
  int find(long id) {
    int mask = table.length - 1;
    for (int probe = hash(id) & mask; table[probe] != 0; probe = (probe + 1) & mask) {
      if (ids[table[probe] - 1] == id) {
        return table[probe] - 1;
      }
    }
    return -1;
  }

  boolean contains(long id) {
    return find(id) >= 0;
  }

  long id(int at) {
    return ids[at];
  }

  /** Journal position of the outcome. */
  long outcome(int at) {
    return outcomes[at];
  }

  /** Journal position of the submission, 0 if it is gone. */
  long submission(int at) {
    return submissions[at];
  }

  /** The number of its lane, or {@link #LANE_UNKNOWN}. */
  int type(int at) {
    return kinds[at] >>> STATE_BITS;
  }

  /** When it was taken out of its slot, or ended, by the instance's clock. */
  long endedSeconds(int at) {
    return endedSeconds[at];
  }

  TaskState state(int at) {
    return STATES[kinds[at] & (DISCARDED - 1)];
  }

  boolean isDiscarded(int at) {
    return (kinds[at] & DISCARDED) != 0;
  }

  /** Lets go of a task that was found; answers its number. */
  long discard(int at) {
    unlink(at);
    kinds[at] |= DISCARDED;
    return oldest + ((at - index(oldest)) & (capacity - 1));
  }

  private static final TaskState[] STATES = TaskState.values();

  /**
   * A start: the submission of a kept task has been found, perhaps again, where it was carried to.
   */
  void submission(int at, long position, int type) {
    cycles.drop(submissions[at]);
    submissions[at] = position;
    kinds[at] = type << STATE_BITS | (kinds[at] & ((1 << STATE_BITS) - 1));
    cycles.keep(position);
  }

  /** Numbers that the kept tasks have, in the order of their ends: from here ... */
  long oldestNumber() {
    return oldest;
  }

  /** ... to before here. */
  long nextNumber() {
    return next;
  }

  /** The index that a number stands at. */
  int index(long number) {
    return (int) number & (capacity - 1);
  }

  /** Lets go of tasks whose time is over, up to a limit; answers how many. */
  int expire(long nowSeconds, int limit) {
    int removed = 0;
    while (removed < limit
        && size() > 0
        && nowSeconds - endedSeconds[index(oldest)] >= keepSeconds) {
      removeOldest();
      removed++;
    }
    return removed;
  }

  /** Where the outcome of the one that ended first stands; 0: there is none. */
  long oldestOutcome() {
    return size() == 0 ? 0 : outcomes[index(oldest)];
  }

  /**
   * The number of the first one whose outcome stands at a position or behind it. Looks at all in
   * front of that: not often.
   */
  long firstNumberFrom(long outcome) {
    long number = oldest;
    while (number < next && outcomes[index(number)] < outcome) {
      number++;
    }
    return number;
  }

  private void removeOldest() {
    int at = index(oldest++);
    if (!isDiscarded(at)) {
      unlink(at);
    }
    cycles.drop(submissions[at]);
  }

  private void link(int at) {
    int mask = table.length - 1;
    int probe = hash(ids[at]) & mask;
    while (table[probe] != 0) {
      probe = (probe + 1) & mask;
    }
    table[probe] = at + 1;
  }

  /** Takes an entry out of its chain and closes the gap, so that later ones are still found. */
  private void unlink(int at) {
    int mask = table.length - 1;
    int gap = hash(ids[at]) & mask;
    while (table[gap] != at + 1) {
      gap = (gap + 1) & mask;
    }
    for (int probe = (gap + 1) & mask; table[probe] != 0; probe = (probe + 1) & mask) {
      int home = hash(ids[table[probe] - 1]) & mask;
      if (((probe - home) & mask) >= ((probe - gap) & mask)) {
        table[gap] = table[probe];
        gap = probe;
      }
    }
    table[gap] = 0;
  }

  /** Numbers stay as they are, since page tokens hold them. */
  private void grow() {
    ids = moved(ids);
    outcomes = moved(outcomes);
    submissions = moved(submissions);
    endedSeconds = moved(endedSeconds);
    kinds = moved(kinds);
    capacity *= 2;
    table = new int[2 * capacity];
    for (long number = oldest; number < next; number++) {
      if (!isDiscarded(index(number))) {
        link(index(number));
      }
    }
  }

  private long[] moved(long[] ring) {
    long[] larger = new long[2 * capacity];
    for (long number = oldest; number < next; number++) {
      larger[(int) number & (larger.length - 1)] = ring[index(number)];
    }
    return larger;
  }

  private int[] moved(int[] ring) {
    int[] larger = new int[2 * capacity];
    for (long number = oldest; number < next; number++) {
      larger[(int) number & (larger.length - 1)] = ring[index(number)];
    }
    return larger;
  }

  private static int hash(long id) {
    long mixed = id * 0x9e3779b97f4a7c15L;
    return (int) (mixed >>> 32);
  }
}
