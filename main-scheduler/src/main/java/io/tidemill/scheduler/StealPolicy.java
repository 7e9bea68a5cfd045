package io.tidemill.scheduler;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * Decides who takes work from whom: a worker with free hands, from the one with most tasks waiting
 * in its own queue. Sees the workers and returns a plan; {@link Recalls} carries it out.
 */
final class StealPolicy {
  /** One worker takes from another. */
  record Plan(int thief, int victim, int tasksMax) {}

  /** What it sees of the workers that can be given tasks. */
  interface Hands {
    int count();

    /** The worker at a place, from 0 to {@link #count}. */
    int rowAt(int place);

    int inFlight(int row);

    /** How many tasks it runs at one time. */
    int capacity(int row);

    /** Whether more can be sent to it now. */
    boolean isReachable(int row);

    /** The cores that its process uses, as of its last beat. */
    float cpu(int row);

    /** Where it stands: work goes between workers of the same place only. */
    String neighbourhood(int row);
  }

  /** Why nothing is taken. */
  enum Refusal {
    NONE,
    NOBODY_WAITS,
    NOBODY_IS_FREE,
    TOO_FAR,
    TOO_BUSY
  }

  private final int waitingMin;
  private final int batchMax;
  private final double cpuMax;
  private Refusal refusal = Refusal.NONE;

  /**
   * @param waitingMin how many tasks have to wait in a worker's queue
   * @param batchMax how many are taken at a time
   * @param cpuMax a worker whose process uses more of its capacity than this takes nothing; 1 is
   *     all
   */
  StealPolicy(int waitingMin, int batchMax, double cpuMax) {
    this.waitingMin = waitingMin;
    this.batchMax = batchMax;
    this.cpuMax = cpuMax;
  }

  /** The one with most tasks waiting and the one with most hands free, of one neighbourhood. */
  private static final class Pair {
    private int victim = -1;
    private int most;
    private int thief = -1;
    private int free;

    boolean isWhole() {
      return victim >= 0 && thief >= 0;
    }
  }

  /** Null: nothing is to be taken, and {@link #refusal} says why. */
  Plan plan(Hands hands) {
    Map<String, Pair> pairs = new HashMap<>();
    boolean busy = false;
    for (int place = 0; place < hands.count(); place++) {
      int row = hands.rowAt(place);
      if (hands.isReachable(row)) {
        Pair pair = pairs.computeIfAbsent(hands.neighbourhood(row), where -> new Pair());
        busy |= look(hands, row, pair);
      }
    }
    Pair best = null;
    for (Pair pair : pairs.values()) {
      if (pair.isWhole() && (best == null || pair.most > best.most)) {
        best = pair;
      }
    }
    refusal = best == null ? whyNone(pairs.values(), busy) : Refusal.NONE;
    return best == null
        ? null
        : new Plan(
            best.thief, best.victim, Math.min(Math.min(batchMax, best.free), (best.most + 1) / 2));
  }

  /** Whether it has free hands, and a processor that is too busy for them. */
  private boolean look(Hands hands, int row, Pair pair) {
    int waiting = hands.inFlight(row) - hands.capacity(row);
    if (waiting >= waitingMin) {
      if (waiting > pair.most) {
        pair.victim = row;
        pair.most = waiting;
      }
    } else if (-waiting > pair.free) {
      if (hands.cpu(row) > cpuMax * hands.capacity(row)) {
        return true;
      }
      pair.thief = row;
      pair.free = -waiting;
    }
    return false;
  }

  private static Refusal whyNone(Collection<Pair> pairs, boolean busy) {
    if (pairs.stream().noneMatch(pair -> pair.victim >= 0)) {
      return Refusal.NOBODY_WAITS;
    }
    if (busy) {
      return Refusal.TOO_BUSY;
    }
    boolean free = pairs.stream().anyMatch(pair -> pair.thief >= 0);
    return free ? Refusal.TOO_FAR : Refusal.NOBODY_IS_FREE;
  }

  /** Why the last plan was none. */
  Refusal refusal() {
    return refusal;
  }
}
