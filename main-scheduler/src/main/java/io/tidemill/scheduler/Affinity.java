package io.tidemill.scheduler;

import static io.tidemill.scheduler.PlacementPolicy.NOBODY;

import io.tidemill.scheduler.PlacementPolicy.Candidates;

/**
 * Where a task with an affinity key goes: to the worker that comes first for the key, by rendezvous
 * hashing over the workers that may run it. So when one of them goes, its keys go to others and
 * those of the others stay; when one comes, it gets its share of the keys from all of them.
 *
 * <p>The task never waits for that worker. If it has no free hand, the next one in the key's order
 * that has one gets the task; if nobody has, the first whose load is within a bound of the average;
 * and who that is not found for, is left to the placement policy.
 */
final class Affinity {
  /** What a worker may hold for its hands, in relation to all. */
  static final double LOAD_FACTOR = 1.25;

  private static final long GOLDEN = 0x9e3779b97f4a7c15L;

  /** Who comes first for the key that was looked at last. */
  private int home;

  private int holds;
  private int hands;

  /**
   * The row of a worker, or {@link PlacementPolicy#NOBODY}: the policy has to say.
   *
   * @param key what stands for the affinity key, not 0
   */
  int place(int key, int lane, Candidates workers) {
    int free = firstFree(key, lane, workers);
    return free == NOBODY && home != NOBODY ? firstWithinBound(key, lane, workers) : free;
  }

  /** Whether a worker is the one that comes first for the key that was placed last. */
  boolean isHome(int row) {
    return row == home;
  }

  private int firstFree(int key, int lane, Candidates workers) {
    int best = NOBODY;
    long bestScore = 0;
    long homeScore = 0;
    home = NOBODY;
    holds = 0;
    hands = 0;
    for (int place = 0; place < workers.count(); place++) {
      int row = workers.rowAt(place);
      if (!workers.mayRun(row, lane)) {
        continue;
      }
      long score = score(key, workers.identity(row));
      if (home == NOBODY || score > homeScore) {
        home = row;
        homeScore = score;
      }
      int held = workers.inFlight(row);
      holds += held;
      hands += workers.capacity(row);
      boolean better = best == NOBODY || score > bestScore;
      if (better && held < workers.capacity(row) && workers.takes(row, lane)) {
        best = row;
        bestScore = score;
      }
    }
    return best;
  }

  private int firstWithinBound(int key, int lane, Candidates workers) {
    int best = NOBODY;
    long bestScore = 0;
    double perHand = LOAD_FACTOR * (holds + 1) / hands;
    for (int place = 0; place < workers.count(); place++) {
      int row = workers.rowAt(place);
      if (!workers.mayRun(row, lane)) {
        continue;
      }
      long score = score(key, workers.identity(row));
      boolean better = best == NOBODY || score > bestScore;
      boolean bound = workers.inFlight(row) < Math.ceil(perHand * workers.capacity(row));
      if (better && bound && workers.takes(row, lane)) {
        best = row;
        bestScore = score;
      }
    }
    return best;
  }

  /** How far in front a worker is for a key; as if drawn at random for each pair of them. */
  static long score(int key, long identity) {
    long mixed = identity + key * GOLDEN;
    mixed = (mixed ^ (mixed >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    return mixed ^ (mixed >>> 31);
  }
}
