package io.tidemill.scheduler;

import io.tidemill.shm.region.Lane;
import java.util.HashMap;
import java.util.Map;

/** The amounts of one worker: what it has, and what its leases leave of it. */
final class Stock {
  private final Map<String, Long> left;

  Stock(Map<String, Long> amounts) {
    this.left = new HashMap<>(amounts);
  }

  /** Whether what a task of this lane needs is left. */
  boolean has(Lane lane) {
    for (Map.Entry<String, Long> need : lane.amounts().entrySet()) {
      if (left.getOrDefault(need.getKey(), 0L) < need.getValue()) {
        return false;
      }
    }
    return true;
  }

  void take(Lane lane) {
    lane.amounts().forEach((name, need) -> left.merge(name, -need, Long::sum));
  }

  void give(Lane lane) {
    lane.amounts().forEach((name, need) -> left.merge(name, need, Long::sum));
  }
}
