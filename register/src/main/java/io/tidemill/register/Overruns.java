package io.tidemill.register;

import java.util.HashMap;
import java.util.Map;

/** The leases whose execution timeout is over. Guarded. */
final class Overruns {
  /** A lease that is overrun. */
  static final class Overrun {
    final long lease;

    /** When it was found first. */
    final long sinceNanos;

    /** Its worker has been told. */
    boolean told;

    private Overrun(long lease, long sinceNanos) {
      this.lease = lease;
      this.sinceNanos = sinceNanos;
    }
  }

  private Map<Long, Overrun> leases = new HashMap<>();
  private Map<Long, Overrun> next = new HashMap<>();

  /** Whether a lease was found overrun. */
  boolean contains(long taskId, long lease) {
    Overrun known = leases.get(taskId);
    return known != null && known.lease == lease;
  }

  /** Found in this round, or in earlier ones too. */
  Overrun found(long taskId, long lease, long now) {
    Overrun overrun = contains(taskId, lease) ? leases.get(taskId) : new Overrun(lease, now);
    next.put(taskId, overrun);
    return overrun;
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
