package io.tidemill.scheduler;

import java.util.SplittableRandom;

/**
 * The less loaded of two workers at random (Mitzenmacher, "The Power of Two Choices in Randomized
 * Load Balancing"): nearly as even as the least loaded, and no worker draws everything at once. If
 * neither takes the task, the least loaded one that does.
 */
final class PowerOfTwo implements PlacementPolicy {
  private final SplittableRandom random = new SplittableRandom(1);
  private final PlacementPolicy rest = new LeastLoaded();

  @Override
  public int place(int type, Candidates workers) {
    int count = workers.count();
    if (count == 0) {
      return NOBODY;
    }
    int one = workers.rowAt(random.nextInt(count));
    int other = workers.rowAt(random.nextInt(count));
    boolean inOrder = workers.load(one) <= workers.load(other);
    int better = inOrder ? one : other;
    if (workers.takes(better, type)) {
      return better;
    }
    int worse = inOrder ? other : one;
    return workers.takes(worse, type) ? worse : rest.place(type, workers);
  }
}
