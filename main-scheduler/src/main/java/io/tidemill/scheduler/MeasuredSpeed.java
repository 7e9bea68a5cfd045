package io.tidemill.scheduler;

import java.util.SplittableRandom;

/**
 * The worker where a task would be done first: by the time that tasks of its type took there, and
 * by what the worker holds already. One that has not been measured is taken for as fast as the
 * fastest, so that it will be.
 *
 * <p>Of many workers it looks at some, spread over the order by load. Now and then the least loaded
 * one gets the task whatever was measured: so a worker that was slow for a while is found out to be
 * fast again.
 */
final class MeasuredSpeed implements PlacementPolicy {
  static final int LOOKS_MAX = 64;
  static final int TRY_EVERY = 32;

  private final SplittableRandom random = new SplittableRandom(1);
  private final PlacementPolicy rest = new LeastLoaded();
  private final int[] seen = new int[LOOKS_MAX];
  private int placed;

  @Override
  public int place(int type, Candidates workers) {
    int found = look(type, workers);
    if (found == 0 || ++placed % TRY_EVERY == 0) {
      return rest.place(type, workers);
    }
    return earliest(type, workers, found);
  }

  /** Gathers workers that take the task; answers how many. */
  private int look(int type, Candidates workers) {
    int count = workers.count();
    int looks = Math.min(count, LOOKS_MAX);
    int from = count > looks ? random.nextInt(count) : 0;
    int found = 0;
    for (int i = 0; i < looks; i++) {
      int row = workers.rowAt((int) ((from + (long) i * count / looks) % count));
      if (workers.takes(row, type)) {
        seen[found++] = row;
      }
    }
    return found;
  }

  private int earliest(int type, Candidates workers, int found) {
    long fastest = fastest(type, workers, found);
    int best = NOBODY;
    double bestMicros = 0;
    for (int i = 0; i < found; i++) {
      int row = seen[i];
      double micros = untilDone(type, workers, row, fastest);
      boolean level = micros == bestMicros && workers.load(row) < workers.load(best);
      if (best == NOBODY || micros < bestMicros || level) {
        best = row;
        bestMicros = micros;
      }
    }
    return best;
  }

  private long fastest(int type, Candidates workers, int found) {
    long fastest = Long.MAX_VALUE;
    for (int i = 0; i < found; i++) {
      long micros = workers.serviceMicros(seen[i], type);
      fastest = micros == 0 ? fastest : Math.min(fastest, micros);
    }
    return fastest == Long.MAX_VALUE ? 1 : fastest;
  }

  /** Beyond what it runs at a time, a worker's tasks wait for each other. */
  private static double untilDone(int type, Candidates workers, int row, long unknown) {
    long measured = workers.serviceMicros(row, type);
    double rounds = (workers.inFlight(row) + 1.0) / workers.capacity(row);
    return (measured == 0 ? unknown : measured) * Math.max(1, rounds);
  }
}
