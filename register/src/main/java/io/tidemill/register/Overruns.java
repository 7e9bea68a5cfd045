package io.tidemill.register;

import java.util.HashMap;
import java.util.Map;

/** The leases whose execution timeout is over, and whose workers were told so. Guarded. */
final class Overruns {
  private record Overrun(long lease, long sinceNanos) {}

  private Map<Long, Overrun> leases = new HashMap<>();
  private Map<Long, Overrun> next = new HashMap<>();

  /** Whether a lease was found overrun. */
  boolean contains(long taskId, long lease) {
    Overrun known = leases.get(taskId);
    return known != null && known.lease == lease;
  }

  /**
   * Found in this round.
   *
   * @return since when it is known; now, if this is the first time
   */
  long add(long taskId, long lease, long now) {
    Overrun overrun = contains(taskId, lease) ? leases.get(taskId) : new Overrun(lease, now);
    next.put(taskId, overrun);
    return overrun.sinceNanos;
  }

  /** The round is over: what it did not find is over too. */
  void turn() {
    Map<Long, Overrun> before = leases;
    leases = next;
    next = before;
    next.clear();
  }

  boolean isEmpty() {
    return leases.isEmpty();
  }
}
