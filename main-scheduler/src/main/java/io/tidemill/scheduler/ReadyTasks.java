package io.tidemill.scheduler;

import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.Counter;
import io.tidemill.shm.region.DamagedException;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskHeap;
import io.tidemill.shm.region.TaskHeap.LaneHeap;
import io.tidemill.shm.region.TaskOrder;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * The order of ready tasks: one lane a task type, so that a type that no worker takes holds up
 * nothing else. Entries are checked against the slot when they come up; what is stale then is
 * dropped.
 */
final class ReadyTasks {
  private final TaskTable tasks;
  private final TaskOrder order;
  private final TaskHeap heap;
  private final Control control;
  private final List<Lane> active = new ArrayList<>();
  private final Lane[] lanes;
  private final Lanes texts;
  private final Rules rules;
  private final KeyLimits limits;

  /** Null: they are not told apart. */
  private final Tenants tenants;

  private final FairLane[] fair;
  private long tick;
  private boolean emptied;

  /** A lane, with what the check of the order needs. */
  class Lane {
    final int type;
    final LaneHeap entries;
    private boolean listed;
    private boolean paused;
    private long lastFirst;
    private long lastSecond;
    private long lastTick;

    /**
     * The state of the workers at which nobody could take this lane's best task; see {@link
     * Workers#news}.
     */
    private long blockedAt = -1;

    private Lane(int type) {
      this.type = type;
      this.entries = heap.lane(type);
      lookAtRules();
    }

    int type() {
      return type;
    }

    /** The slot of the best task. Only after {@link #settle} said that there is one. */
    int slot() {
      return TaskHeap.slot(second());
    }

    /** The best task's entry. Only after {@link #settle} said that there is one. */
    long first() {
      return entries.first();
    }

    long second() {
      return entries.second();
    }

    private void lookAtRules() {
      paused = rules != null && rules.isPaused(texts.lane(type).queue());
    }

    /** Whether nothing can be taken from it now. */
    boolean isBlocked(long news) {
      return paused || blockedAt == news;
    }

    void block(long news) {
      blockedAt = news;
    }

    boolean push(int slot) {
      return entries.push(order.first(slot), order.second(slot));
    }

    /**
     * Drops entries that are stale, and sets aside what its key holds back, until the best one is a
     * task that may run; false if none is left.
     */
    boolean settle() {
      while (!entries.isEmpty()) {
        long first = entries.first();
        long second = entries.second();
        if (order.isCurrent(first, second) && mayRun(first, second)) {
          return true;
        }
        entries.pop();
      }
      return false;
    }

    final boolean mayRun(long first, long second) {
      return limits == null || !limits.holdsBack(TaskHeap.slot(second), type, first, second);
    }

    /**
     * Takes the best entry out, since it was assigned, and counts it if it should have gone
     * earlier.
     */
    void popAssigned() {
      long first = entries.first();
      long second = entries.second();
      boolean better = TaskHeap.isBefore(first, second, lastFirst, lastSecond);
      count(lastTick != 0 && better && tasks.readyTick(TaskHeap.slot(second)) < lastTick);
      lastFirst = first;
      lastSecond = second;
      lastTick = ++tick;
      entries.pop();
    }

    final void count(boolean inversion) {
      if (inversion) {
        control.count(Counter.INVERSIONS, 1);
      }
    }

    /** Takes the best entry out for another reason. */
    void drop() {
      entries.pop();
    }

    private boolean isBefore(Lane other) {
      return TaskHeap.isBefore(first(), second(), other.first(), other.second());
    }
  }

  /**
   * A lane in which tenants take turns. Its heap says which priority is next; entries in it whose
   * tasks went by their turn are stale, and go when they come up.
   */
  private final class SharedLane extends Lane {
    private final FairLane fair;
    private long lastTick;
    private int lastPriority;

    private SharedLane(int type, FairLane fair) {
      super(type);
      this.fair = fair;
    }

    @Override
    long first() {
      return order.first(fair.slot());
    }

    @Override
    long second() {
      return fair.next(fair.priority());
    }

    @Override
    boolean push(int slot) {
      fair.push(slot, tasks.priority(slot), order.second(slot));
      return super.push(slot);
    }

    @Override
    boolean settle() {
      while (!entries.isEmpty()) {
        long first = entries.first();
        int priority = TaskHeap.priority(first);
        if (order.isCurrent(first, entries.second()) && settle(priority)) {
          return true;
        }
        // Stale, or set aside with all others of its priority.
        entries.pop();
        if (entries.isEmpty() || TaskHeap.priority(entries.first()) != priority) {
          // Whatever is ready has an entry in the heap.
          fair.forget(priority);
        }
      }
      return false;
    }

    private boolean settle(int priority) {
      for (long next = fair.next(priority); next != TenantTurns.NONE; next = fair.next(priority)) {
        int slot = TaskHeap.slot(next);
        long first = TaskHeap.first(priority, tasks.sequence(slot));
        if (order.isCurrent(first, next) && mayRun(first, next)) {
          return true;
        }
        fair.drop();
      }
      return false;
    }

    /** Late is a task of a higher priority, or an earlier one of the same tenant's. */
    @Override
    void popAssigned() {
      long readyTick = tasks.readyTick(slot());
      boolean better = fair.priority() > lastPriority;
      long now = ++tick;
      boolean late = fair.isLate(readyTick, now);
      count(late || (lastTick != 0 && better && readyTick < lastTick));
      lastPriority = fair.priority();
      lastTick = now;
      fair.served();
    }

    @Override
    void drop() {
      fair.drop();
    }
  }

  /** An order without rules for queues and keys. */
  ReadyTasks(TaskTable tasks, TaskHeap heap, Control control) {
    this(tasks, new TaskOrder(tasks, control), heap, control, null, null, null, null);
  }

  ReadyTasks(Instance instance, TaskOrder order, Lanes texts, Rules rules, KeyLimits limits) {
    this(
        instance.regions().tasks(),
        order,
        instance.regions().taskHeap(),
        instance.control(),
        texts,
        rules,
        limits,
        Tenants.of(instance));
  }

  private ReadyTasks(
      TaskTable tasks,
      TaskOrder order,
      TaskHeap heap,
      Control control,
      Lanes texts,
      Rules rules,
      KeyLimits limits,
      Tenants tenants) {
    this.tenants = tenants;
    this.fair = new FairLane[tenants == null ? 0 : heap.lanesMax()];
    this.tasks = tasks;
    this.order = order;
    this.heap = heap;
    this.control = control;
    this.texts = texts;
    this.rules = rules;
    this.limits = limits;
    this.lanes = new Lane[heap.lanesMax()];
  }

  /** Forgets everything, before the slots are scanned. */
  void clear() {
    heap.clear();
    active.clear();
    java.util.Arrays.fill(lanes, null);
    for (FairLane each : fair) {
      if (each != null) {
        each.clear();
      }
    }
  }

  /**
   * Puts a task into the order, if its slot says that it is ready. Twice does no harm.
   *
   * @return false if the heap has no room: it is full of stale entries, and wants a rebuild
   */
  boolean push(int slot) {
    long word = tasks.word(slot);
    if (StateWord.state(word) != TaskState.READY) {
      return true;
    }
    Lane lane = lane(slot, tasks.type(slot));
    tasks.readyTick(slot, ++tick);
    if (!lane.listed) {
      lane.listed = true;
      active.add(lane);
    }
    return lane.push(slot);
  }

  /** The lane with the best task of all that workers could take as far as is known, or null. */
  Lane best(long news) {
    Lane best = null;
    for (int i = active.size() - 1; i >= 0; i--) {
      Lane lane = active.get(i);
      if (lane.isBlocked(news)) {
        continue;
      }
      if (!lane.settle()) {
        lane.listed = false;
        active.remove(i);
        emptied = true;
      } else if (best == null || lane.isBefore(best)) {
        best = lane;
      }
    }
    return best;
  }

  /** The rules have changed. */
  void lookAtRules() {
    for (Lane lane : lanes) {
      if (lane != null) {
        lane.lookAtRules();
      }
    }
  }

  /** Whether a lane with a ready task is as asked. */
  boolean anyReady(IntPredicate lane) {
    for (Lane each : active) {
      if (!each.paused && lane.test(each.type) && each.settle()) {
        return true;
      }
    }
    return false;
  }

  /** Whether a lane had no task left at some time since this was last asked. */
  boolean wasEmptied() {
    boolean was = emptied;
    emptied = false;
    return was;
  }

  /** The lanes with a task that may be assigned, whether anybody could take it or not. */
  List<Lane> open() {
    List<Lane> open = new ArrayList<>();
    for (Lane lane : active) {
      if (!lane.paused && lane.settle()) {
        open.add(lane);
      }
    }
    return open;
  }

  /** Whether a lane has entries that may be taken. */
  boolean hasOpen(long news) {
    for (Lane lane : active) {
      if (!lane.isBlocked(news)) {
        return true;
      }
    }
    return false;
  }

  /** Of how many priorities of a class of work it is remembered whose turn it is. */
  int turnsRemembered(int type) {
    return fair[type].remembered();
  }

  /** Whose turn it is outlives a rebuild. */
  private Lane shared(int type) {
    if (fair[type] == null) {
      fair[type] = new FairLane(tenants);
    }
    return new SharedLane(type, fair[type]);
  }

  private Lane lane(int slot, int type) {
    if (type < 0 || type >= lanes.length) {
      throw new DamagedException("region=tasks slot=" + slot + " type=" + type);
    }
    if (lanes[type] == null) {
      lanes[type] = tenants == null ? new Lane(type) : shared(type);
    }
    return lanes[type];
  }
}
