package io.tidemill.plm;

import io.tidemill.shm.journal.Position;
import java.util.Map;
import java.util.TreeMap;

/**
 * How many live tasks and kept ended ones have their submission in each cycle of the journal: what
 * retention goes by. Any thread; rebuilt by a start.
 */
final class CycleUse {
  /** What is known of one cycle. */
  private static final class Use {
    private final long firstSequence;
    private long tasks;

    Use(long firstSequence) {
      this.firstSequence = firstSequence;
    }
  }

  private final TreeMap<Integer, Use> uses = new TreeMap<>();
  private int lastCycle = -1;
  private Use last;

  /**
   * A record stands in the journal. Called in the order of appending, so that the first one of a
   * cycle is known.
   */
  synchronized void record(long position, long sequence) {
    int cycle = Position.cycle(position);
    if (cycle != lastCycle) {
      last = uses.computeIfAbsent(cycle, c -> new Use(sequence));
      lastCycle = cycle;
    }
  }

  /** A task, live or kept, needs the record at a position; 0 is none. */
  synchronized void hold(long position) {
    add(position, 1);
  }

  /** It needs it no longer. */
  synchronized void release(long position) {
    add(position, -1);
  }

  private void add(long position, int change) {
    int cycle = Position.cycle(position);
    if (position == Position.NONE) {
      return;
    }
    Use use = cycle == lastCycle ? last : uses.get(cycle);
    if (use != null) {
      use.tasks += change;
    }
  }

  /** The oldest cycle that somebody needs, or the newest one. -1: there is none. */
  synchronized int oldestNeeded() {
    for (Map.Entry<Integer, Use> entry : uses.entrySet()) {
      if (entry.getValue().tasks > 0) {
        return entry.getKey();
      }
    }
    return uses.isEmpty() ? -1 : uses.lastKey();
  }

  /** The sequence of the first record in the oldest known cycle; 0: there is none. */
  synchronized long oldestSequence() {
    return uses.isEmpty() ? 0 : uses.firstEntry().getValue().firstSequence;
  }

  /** The files are gone. */
  synchronized void forgetBefore(int cycle) {
    uses.headMap(cycle).clear();
  }

  /** The newest cycle with a record, or -1. */
  synchronized int newest() {
    return uses.isEmpty() ? -1 : uses.lastKey();
  }
}
