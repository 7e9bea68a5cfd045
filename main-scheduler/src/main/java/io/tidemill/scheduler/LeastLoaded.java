package io.tidemill.scheduler;

/**
 * The least loaded worker that handles the type; among equals one at random, as the heap orders
 * them.
 *
 * <p>While one has a hand free, each task goes to whoever is the least loaded then. Once all are
 * busy, what is sent ahead goes to one of them in a run, of up to half the room that it has: a
 * message to a worker costs as much as tens of tasks in one.
 */
final class LeastLoaded implements PlacementPolicy {
  private static final int RUN_MAX = 16;

  /** Whose run it is, and how many more it has. */
  private int runner = NOBODY;

  private int left;

  @Override
  public int place(int type, Candidates workers) {
    if (workers.count() == 0) {
      return NOBODY;
    }
    int top = workers.rowAt(0);
    boolean allBusy = workers.inFlight(top) >= workers.capacity(top);
    if (allBusy && left > 0 && workers.takes(runner, type)) {
      left--;
      return runner;
    }
    if (workers.load(top) >= 1) {
      return NOBODY; // The least loaded one is full, so all are.
    }
    runner = workers.takes(top, type) ? top : search(type, workers);
    left = allBusy && runner != NOBODY ? Math.min(RUN_MAX, workers.room(runner) / 2) - 1 : 0;
    return runner;
  }

  private static int search(int type, Candidates workers) {
    int best = NOBODY;
    for (int place = 1; place < workers.count(); place++) {
      int row = workers.rowAt(place);
      boolean better = best == NOBODY || workers.load(row) < workers.load(best);
      if (better && workers.takes(row, type)) {
        best = row;
      }
    }
    return best;
  }
}
