package io.tidemill.plm;

import io.tidemill.shm.journal.Position;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the cycles of the submissions journal are still needed for: how many live tasks and kept
 * ended ones have their record in each. Retention and carrying forward go by it. Any thread;
 * rebuilt by a start.
 */
final class CycleUse {
  /** What is known of one cycle. */
  private static final class Use {
    /** Of its begin: all sequences up to here were drawn before. */
    private final long before;

    /** Of its begin: where the last outcome stood. */
    private final long outcome;

    private long lowest = Long.MAX_VALUE;
    private long records;
    private long live;
    private long kept;

    Use(long before, long outcome) {
      this.before = before;
      this.outcome = outcome;
    }

    boolean isNeeded() {
      return live + kept > 0;
    }
  }

  private final TreeMap<Integer, Use> uses = new TreeMap<>();
  private int lastCycle = -1;
  private Use last;
  private long lastOutcome;

  /**
   * A record stands in the journal. Called in the order of appending, so that the begin of a cycle
   * is seen.
   *
   * @param before no sequence up to this one is drawn any more; of a carried record: drawn before
   *     its task was last seen alive
   */
  synchronized void record(long position, long sequence, long before) {
    begin(position, before);
    last.records++;
    last.lowest = Math.min(last.lowest, sequence);
  }

  /**
   * The same of a run of records, all of one cycle and all of tasks that live.
   *
   * @param sequence the first one's, and the lowest
   */
  synchronized void holdRun(long position, long sequence, int count) {
    begin(position, sequence - 1);
    last.records += count;
    last.live += count;
    last.lowest = Math.min(last.lowest, sequence);
  }

  private void begin(long position, long before) {
    int cycle = Position.cycle(position);
    if (cycle != lastCycle) {
      last = uses.computeIfAbsent(cycle, c -> new Use(before, lastOutcome));
      lastCycle = cycle;
    }
  }

  /** A live task needs the record at a position; 0 is none. */
  synchronized void hold(long position) {
    live(position, 1);
  }

  /** It needs it no longer. */
  synchronized void release(long position) {
    live(position, -1);
  }

  private void live(long position, int change) {
    Use use = use(position);
    if (use != null) {
      use.live += change;
    }
  }

  /** A kept ended task needs it. */
  synchronized void keep(long position) {
    kept(position, 1);
  }

  /** It is no longer kept. */
  synchronized void drop(long position) {
    kept(position, -1);
  }

  private void kept(long position, int change) {
    Use use = use(position);
    if (use != null) {
      use.kept += change;
    }
  }

  private Use use(long position) {
    int cycle = Position.cycle(position);
    return cycle == lastCycle ? last : uses.get(cycle);
  }

  /** A task has ended, with its outcome there, and is kept from now on. */
  synchronized void keepEnded(long submission, long outcome) {
    kept(submission, 1);
    lastOutcome = Math.max(lastOutcome, outcome);
  }

  /** The oldest cycle that somebody needs, or the newest one. -1: there is none. */
  synchronized int oldestNeeded() {
    for (Map.Entry<Integer, Use> entry : uses.entrySet()) {
      if (entry.getValue().isNeeded()) {
        return entry.getKey();
      }
    }
    return uses.isEmpty() ? -1 : uses.lastKey();
  }

  /**
   * Every task with a record in the journal ends, or has ended, with an outcome of a higher
   * sequence; 0: not known. For an original it is above its own. A carried record's task was seen
   * alive after the cycle had begun, so its outcome was drawn after that.
   */
  synchronized long outcomesNeededAfter() {
    if (uses.isEmpty()) {
      return 0;
    }
    Use oldest = uses.firstEntry().getValue();
    return Math.max(oldest.before, oldest.lowest);
  }

  /** Whether live tasks have their record in a cycle, and no kept ones. */
  synchronized boolean isHeldByLiveOnly(int cycle) {
    Use use = uses.get(cycle);
    return use != null && use.live > 0 && use.kept == 0;
  }

  /** What part of a cycle's records somebody needs, from 0 to 1. */
  synchronized double neededPart(int cycle) {
    Use use = uses.get(cycle);
    return use == null || use.records == 0
        ? 0
        : Math.min(1.0, (double) (use.live + use.kept) / use.records);
  }

  /** The cycle of the outcome journal that was written when a cycle of ours began; 0: any. */
  synchronized int outcomeCycleAtBegin(int cycle) {
    Use use = uses.get(cycle);
    return use == null ? 0 : Position.cycle(use.outcome);
  }

  /** The highest position of a kept task's outcome; 0: there was none. */
  synchronized long lastOutcome() {
    return lastOutcome;
  }

  /** The cycle of the outcome journal that the last outcome stands in. */
  synchronized int outcomeCycle() {
    return Position.cycle(lastOutcome);
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
