package io.tidemill.scheduler;

import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskTable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * One look for work that may be taken from a worker: at the workers, then at all leases, in pieces,
 * since there may be millions of slots and a turn of the main loop is short. What was seen may have
 * moved on by the end, so whoever acts on it looks at the word again.
 */
final class StealLook {
  /** In one piece: slots, and whether workers may run something. */
  private static final int WORK_A_TURN = 16_384;

  private static final int SLOTS_AT_A_TIME = 256;

  /** A lease that may be taken back. */
  record Lease(int slot, long word) {}

  private final StealPolicy policy;
  private final Leases leases;
  private final TaskTable tasks;
  private final Control control;

  /** What is left out, started or asked for already, or taken too often. */
  private final Filter filter;

  private final IntPredicate isSpent;
  private final List<Lease> found = new ArrayList<>();
  private long beganNanos;
  private int next;
  private int end = -1;

  /** Whether a lease can be taken back at a time. */
  @FunctionalInterface
  interface Filter {
    boolean isOpen(int slot, long word, long now);
  }

  /**
   * @param isSpent whether a slot's task, which somebody wants, has been taken too often
   */
  StealLook(
      StealPolicy policy,
      Leases leases,
      TaskTable tasks,
      Control control,
      Filter filter,
      IntPredicate isSpent) {
    this.policy = policy;
    this.leases = leases;
    this.tasks = tasks;
    this.control = control;
    this.filter = filter;
    this.isSpent = isSpent;
  }

  boolean isUnderWay() {
    return end >= 0;
  }

  /** False: nothing is to be taken, and the policy says why. */
  boolean begin(StealPolicy.Hands hands, long now) {
    found.clear();
    next = 0;
    beganNanos = now;
    end = policy.look(hands) ? control.slotsUsed() : -1;
    return isUnderWay();
  }

  /** Goes on for a while; true: it is at its end. */
  boolean goOn() {
    long from = policy.looks();
    int slots = 0;
    while (next < end && slots + (policy.looks() - from) < WORK_A_TURN) {
      int to = Math.min(end, next + SLOTS_AT_A_TIME);
      leases.forEachLease(next, to, this::onLease);
      slots += to - next;
      next = to;
    }
    if (next < end) {
      return false;
    }
    end = -1;
    return true;
  }

  private void onLease(int slot, long word) {
    int victim = StateWord.worker(word);
    if (filter.isOpen(slot, word, beganNanos)) {
      int lane = tasks.type(slot);
      if (policy.wants(victim, lane) && !isSpent.test(slot)) {
        if (policy.take(victim, lane)) {
          found.clear();
        }
        found.add(new Lease(slot, word));
      }
    }
  }

  /** At the end: the leases of the worker that the policy's plan takes from. */
  List<Lease> found() {
    return found;
  }
}
