package io.tidemill.scheduler;

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
  }

  /** Why nothing is taken. */
  enum Refusal {
    NONE,
    NOBODY_WAITS,
    NOBODY_IS_FREE,
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

  /** Null: nothing is to be taken, and {@link #refusal} says why. */
  Plan plan(Hands hands) {
    int victim = -1;
    int most = waitingMin - 1;
    int thief = -1;
    int free = 0;
    boolean busy = false;
    for (int place = 0; place < hands.count(); place++) {
      int row = hands.rowAt(place);
      int waiting = hands.inFlight(row) - hands.capacity(row);
      if (!hands.isReachable(row)) {
        continue;
      }
      if (waiting > most) {
        victim = row;
        most = waiting;
      } else if (-waiting > free) {
        boolean tooBusy = hands.cpu(row) > cpuMax * hands.capacity(row);
        busy |= tooBusy;
        thief = tooBusy ? thief : row;
        free = tooBusy ? free : -waiting;
      }
    }
    if (victim >= 0 && thief >= 0) {
      refusal = Refusal.NONE;
      return new Plan(thief, victim, Math.min(Math.min(batchMax, free), (most + 1) / 2));
    }
    refusal = victim < 0 ? Refusal.NOBODY_WAITS : busy ? Refusal.TOO_BUSY : Refusal.NOBODY_IS_FREE;
    return null;
  }

  /** Why the last plan was none. */
  Refusal refusal() {
    return refusal;
  }
}
