package io.tidemill.scheduler;

/**
 * The least loaded worker that handles the type; among equals one at random, as the heap orders
 * them.
 */
final class LeastLoaded implements PlacementPolicy {
  @Override
  public int place(int type, Candidates workers) {
    if (workers.count() == 0) {
      return NOBODY;
    }
    int top = workers.rowAt(0);
    if (workers.load(top) >= 1) {
      return NOBODY; // The least loaded one is full, so all are.
    }
    return workers.takes(top, type) ? top : search(type, workers);
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
