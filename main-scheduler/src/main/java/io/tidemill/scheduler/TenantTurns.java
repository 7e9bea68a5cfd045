package io.tidemill.scheduler;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.IntUnaryOperator;

/**
 * Which tenant's task is next, of the ready ones of one priority in one lane: start-time fair
 * queueing (Goyal, Vin and Cheng, 1996) with a lease as the unit. A tenant's next start is the end
 * of what it had, or the time now if it had nothing to give for a while, so that it saves up
 * nothing; the end is the start and a step, the shorter the more its weight is. The earliest start
 * is next; of equal ones the task that was submitted first. Whole numbers, so that it is the same
 * each time.
 *
 * <p>A tenant's own tasks go by submission, so one that comes back has its place. Turns are
 * forgotten with the process, and when nothing of the priority is ready any more.
 */
final class TenantTurns {
  /** Nothing is ready: no task's entry is all ones. */
  static final long NONE = -1;

  /** A step at weight 1. */
  private static final long STEP = 1L << 32;

  /** Of more tenants with nothing ready it is not remembered that they have just had their turn. */
  static final int IDLE_MAX = 65_536;

  /** Starts are counted from a later time before they come so far: see {@link #rebase}. */
  private static final long FAR = 1L << 61;

  /** What one tenant has ready. */
  private static final class Flow {
    private final int tenant;
    private final long step;
    private final LongHeap tasks = new LongHeap();

    /**
     * When its best task starts, in steps; if it has none, when its next one may at the earliest.
     */
    private long start;

    /** The best task as it stands in the turns. */
    private long head;

    // For the check of the order.
    private long lastTask;
    private long lastTick;

    private Flow(int tenant, int weight) {
      this.tenant = tenant;
      this.step = STEP / weight;
    }
  }

  private static final Comparator<Flow> FIRST =
      Comparator.<Flow>comparingLong(flow -> flow.start)
          .thenComparing((a, b) -> Long.compareUnsigned(a.head, b.head))
          .thenComparingInt(flow -> flow.tenant);

  private final IntUnaryOperator weights;
  private final Map<Integer, Flow> flows = new HashMap<>();
  private final TreeSet<Flow> waiting = new TreeSet<>(FIRST);

  /** Those with nothing ready whose next start is still to come: only of them it matters. */
  private final TreeSet<Flow> idle = new TreeSet<>(FIRST);

  private long now;

  /**
   * @param weights of tenants by their numbers, 1 to 1,000
   */
  TenantTurns(IntUnaryOperator weights) {
    this.weights = weights;
  }

  /** A task is ready; twice does no harm. Earlier ones have the smaller numbers, unsigned. */
  void push(int tenant, long task) {
    Flow flow = flows.get(tenant);
    if (flow == null) {
      flow = new Flow(tenant, weights.applyAsInt(tenant));
      flow.start = now;
      flows.put(tenant, flow);
    }
    if (flow.tasks.isEmpty()) {
      idle.remove(flow);
      flow.tasks.push(task);
      enter(flow);
    } else if (Long.compareUnsigned(task, flow.head) < 0) {
      waiting.remove(flow);
      flow.tasks.push(task);
      enter(flow);
    } else {
      flow.tasks.push(task);
    }
  }

  /** The task that is next, or {@link #NONE}. */
  long next() {
    return waiting.isEmpty() ? NONE : waiting.first().head;
  }

  /** Takes the next one out, since it got a lease. */
  void served() {
    Flow flow = waiting.pollFirst();
    now = flow.start;
    flow.start += flow.step;
    flow.tasks.pop();
    goOn(flow);
    if (now > FAR) {
      rebase();
    }
  }

  /** Takes the next one out for another reason: that is not its tenant's turn. */
  void drop() {
    Flow flow = waiting.pollFirst();
    flow.tasks.pop();
    goOn(flow);
  }

  /**
   * Whether the next one should have gone before another one of its tenant did, which got its lease
   * last. To be asked before {@link #served}.
   *
   * @param readyTick when it came into the order
   * @param tick now
   */
  boolean isLate(long readyTick, long tick) {
    Flow flow = waiting.first();
    boolean late =
        flow.lastTick != 0
            && Long.compareUnsigned(flow.head, flow.lastTask) < 0
            && readyTick < flow.lastTick;
    flow.lastTask = flow.head;
    flow.lastTick = tick;
    return late;
  }

  /** Forgets the tasks, which are about to come anew; whose turn it is stays. */
  void clear() {
    waiting.forEach(flow -> flow.tasks.clear());
    idle.addAll(waiting);
    waiting.clear();
    forgetPast();
  }

  /** Of how many tenants anything is known. */
  int tenants() {
    return flows.size();
  }

  private void goOn(Flow flow) {
    if (!flow.tasks.isEmpty()) {
      enter(flow);
    } else if (waiting.isEmpty()) {
      // All have had what they wanted: whoever comes next begins anew, and so does the time.
      flows.clear();
      idle.clear();
      now = 0;
    } else {
      idle.add(flow);
      if (idle.size() > IDLE_MAX) {
        forgetFirst();
      }
    }
    forgetPast();
  }

  private void enter(Flow flow) {
    flow.head = flow.tasks.first();
    waiting.add(flow);
  }

  /** Whose next start has come begins like a stranger. */
  private void forgetPast() {
    while (!idle.isEmpty() && idle.first().start <= now) {
      forgetFirst();
    }
  }

  private void forgetFirst() {
    flows.remove(idle.pollFirst().tenant);
  }

  /** The order of starts is kept if all of them are less by the same: none is before now. */
  private void rebase() {
    long past = now;
    flows.values().forEach(flow -> flow.start -= past);
    now = 0;
  }
}
