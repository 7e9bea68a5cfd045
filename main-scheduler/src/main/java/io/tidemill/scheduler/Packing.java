package io.tidemill.scheduler;

/**
 * The fullest worker that can start the task at once, so that others run empty and can go; the
 * lowest row among equals, so that it is the same ones. Only when nobody has an idle place left it
 * spreads what waits at the workers as {@link LeastLoaded} does.
 */
final class Packing implements PlacementPolicy {
  private final PlacementPolicy rest = new LeastLoaded();

  /** Whom the last task went to: filled up before there is a search for the next. */
  private int current = NOBODY;

  @Override
  public int place(int type, Candidates workers) {
    if (current == NOBODY || !starts(current, type, workers)) {
      current = fullest(type, workers);
    }
    return current == NOBODY ? rest.place(type, workers) : current;
  }

  private static int fullest(int type, Candidates workers) {
    int best = NOBODY;
    double bestShare = 0;
    for (int place = 0; place < workers.count(); place++) {
      int row = workers.rowAt(place);
      double share = (double) workers.inFlight(row) / workers.capacity(row);
      boolean better = share > bestShare || (share == bestShare && row < best);
      if ((best == NOBODY || better) && starts(row, type, workers)) {
        best = row;
        bestShare = share;
      }
    }
    return best;
  }

  private static boolean starts(int row, int type, Candidates workers) {
    return workers.inFlight(row) < workers.capacity(row) && workers.takes(row, type);
  }
}
