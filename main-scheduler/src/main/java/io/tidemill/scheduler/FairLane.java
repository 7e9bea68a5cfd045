package io.tidemill.scheduler;

import io.tidemill.shm.region.TaskHeap;
import java.util.HashMap;
import java.util.Map;

/**
 * The ready tasks of a lane by priority, and of one priority by turns of their tenants. Beside the
 * lane's heap, which has the same tasks by priority and submission: the heap's best entry says
 * which priority is next, the turns of that priority say which task.
 */
final class FairLane {
  private final Tenants tenants;
  private final Map<Integer, TenantTurns> turns = new HashMap<>();
  private int priority;

  FairLane(Tenants tenants) {
    this.tenants = tenants;
  }

  void push(int slot, int itsPriority, long second) {
    turns
        .computeIfAbsent(itsPriority, any -> new TenantTurns(tenants::weight))
        .push(tenants.of(slot), second);
  }

  /** The second long of the entry that is next of a priority; {@link TenantTurns#NONE}. */
  long next(int ofPriority) {
    priority = ofPriority;
    TenantTurns its = turns.get(ofPriority);
    return its == null ? TenantTurns.NONE : its.next();
  }

  /** Takes out what {@link #next} named last, since it got a lease. */
  void served() {
    turns.get(priority).served();
  }

  /** Takes out what {@link #next} named last for another reason. */
  void drop() {
    turns.get(priority).drop();
  }

  /** Whether what {@link #next} named last should have gone before another one of its tenant. */
  boolean isLate(long readyTick, long tick) {
    return turns.get(priority).isLate(readyTick, tick);
  }

  int priority() {
    return priority;
  }

  int slot() {
    return TaskHeap.slot(next(priority));
  }

  /** Nothing of a priority is ready any more, whatever stale entries its turns still have. */
  void forget(int itsPriority) {
    turns.remove(itsPriority);
  }

  /** Forgets the tasks, which are about to come anew; whose turn it is stays. */
  void clear() {
    turns.values().removeIf(its -> its.next() == TenantTurns.NONE);
    turns.values().forEach(TenantTurns::clear);
  }

  /** Of how many priorities it is remembered whose turn it is. */
  int remembered() {
    return turns.size();
  }
}
