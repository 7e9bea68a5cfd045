package io.tidemill.register;

import java.util.HashMap;
import java.util.Map;

/** The leases whose execution timeout is over, and whose workers were told so. Guarded. */
final class Overruns {
  private Map<Long, Long> leases = new HashMap<>();
  private Map<Long, Long> next = new HashMap<>();

  /** Whether a lease was found overrun. */
  boolean contains(long taskId, long lease) {
    Long known = leases.get(taskId);
    return known != null && known == lease;
  }

  /** Found in this round; answers whether it is new. */
  boolean add(long taskId, long lease) {
    next.put(taskId, lease);
    return !contains(taskId, lease);
  }

  /** The round is over: what it did not find is over too. */
  void turn() {
    Map<Long, Long> before = leases;
    leases = next;
    next = before;
    next.clear();
  }

  boolean isEmpty() {
    return leases.isEmpty();
  }
}
