package io.tidemill.scheduler;

import io.tidemill.shm.region.Rule;
import io.tidemill.shm.region.TaskHeap.Entry;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * A key that a rule limits: how many of its tasks are under a lease, and those that were set aside
 * since no more may be.
 */
final class LimitedKey {
  private final long hash;
  private final String text;
  private final Bucket bucket;
  private final Map<Integer, Waiting> waiting = new HashMap<>();
  private Rule rule;
  private int running;

  /** Whether it is looked at every turn. */
  private boolean open;

  /** When it is looked at next on account of time; MAX_VALUE: not. */
  private long dueNanos = Long.MAX_VALUE;

  /** What was set aside of one lane, and which of them is back in the order. */
  static final class Waiting {
    private final PriorityQueue<Entry> aside = new PriorityQueue<>();
    private Entry back;

    /** The best one set aside, taken out; or null. */
    Entry poll() {
      return aside.poll();
    }

    /** In the order again, as far as known; or null. */
    Entry back() {
      return back;
    }

    void back(Entry entry) {
      back = entry;
    }
  }

  LimitedKey(long hash, String text, Rule rule, long bucketEmptyAtNanos) {
    this.hash = hash;
    this.text = text;
    this.rule = rule;
    this.bucket = new Bucket(rule, bucketEmptyAtNanos);
  }

  long hash() {
    return hash;
  }

  String text() {
    return text;
  }

  Bucket bucket() {
    return bucket;
  }

  /** Whether another of its tasks may get a lease. */
  boolean mayRun(long nowNanos) {
    return hasPlace() && bucket.hasToken(nowNanos);
  }

  boolean hasPlace() {
    return rule.most() == 0 || running < rule.most();
  }

  void leased(long nowNanos) {
    running++;
    bucket.take(nowNanos);
  }

  /** Of a lease that was given before we started. */
  void found() {
    running++;
  }

  void ended() {
    running = Math.max(0, running - 1);
  }

  void setAside(int lane, Entry entry) {
    Waiting its = waiting.computeIfAbsent(lane, any -> new Waiting());
    its.aside.add(entry);
    if (its.back != null && its.back.slot() == entry.slot()) {
      its.back = null;
    }
  }

  Map<Integer, Waiting> waiting() {
    return waiting;
  }

  boolean hasAside() {
    for (Waiting each : waiting.values()) {
      if (!each.aside.isEmpty()) {
        return true;
      }
    }
    return false;
  }

  /** Whether it can be forgotten. */
  boolean isIdle(long nowNanos) {
    return running == 0 && !hasAside() && bucket.isFull(nowNanos);
  }

  boolean open() {
    return open;
  }

  void open(boolean is) {
    open = is;
  }

  long dueNanos() {
    return dueNanos;
  }

  void dueNanos(long nanos) {
    dueNanos = nanos;
  }

  /** All leases and all that is ready is about to be counted anew, under this rule. */
  void restart(Rule other) {
    running = 0;
    open = false;
    waiting.clear();
    rule = other;
    bucket.follow(other);
  }
}
