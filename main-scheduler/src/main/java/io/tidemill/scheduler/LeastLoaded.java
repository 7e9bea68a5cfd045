package io.tidemill.scheduler;

/**
 * The least loaded worker that handles the type; among equals one at random, as the heap orders
 * them.
 *
 * <p>While that one has a hand free, the next task is placed anew. Once it has none, what is sent
 * ahead goes to it in a run, of up to half the room that it has: a message to a worker costs as
 * much as tens of tasks in one. A run ends early when the least loaded worker has a hand free.
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
    if (left > 0 && isBusy(top, workers) && workers.takes(runner, type)) {
      left--;
      return runner;
    }
    if (workers.load(top) >= 1) {
      return NOBODY; // The least loaded one is full, so all are.
    }
    runner = workers.takes(top, type) ? top : search(type, workers);
    boolean ahead = runner != NOBODY && isBusy(runner, workers);
    left = ahead ? Math.min(RUN_MAX, workers.room(runner) / 2) - 1 : 0;
    return runner;
  }

  private static boolean isBusy(int row, Candidates workers) {
    return workers.inFlight(row) >= workers.capacity(row);
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
