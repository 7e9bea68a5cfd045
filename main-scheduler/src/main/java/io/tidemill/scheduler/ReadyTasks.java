package io.tidemill.scheduler;

import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.Counter;
import io.tidemill.shm.region.DamagedException;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskHeap;
import io.tidemill.shm.region.TaskHeap.LaneHeap;
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
  private final TaskHeap heap;
  private final Control control;
  private final List<Lane> active = new ArrayList<>();
  private final Lane[] lanes;
  private final Lanes texts;
  private final Rules rules;
  private final KeyLimits limits;
  private long tick;
  private boolean emptied;

  /** A lane, with what the check of the order needs. */
  final class Lane {
    private final int type;
    private final LaneHeap entries;
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
      return TaskHeap.slot(entries.second());
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

    /**
     * Drops entries that are stale, and sets aside what its key holds back, until the best one is a
     * task that may run; false if none is left.
     */
    boolean settle() {
      while (!entries.isEmpty()) {
        long first = entries.first();
        long second = entries.second();
        if (isCurrent(first, second)
            && (limits == null || !limits.holdsBack(TaskHeap.slot(second), type, first, second))) {
          return true;
        }
        entries.pop();
      }
      return false;
    }

    /**
     * Takes the best entry out, since it was assigned, and counts it if it should have gone
     * earlier.
     */
    void popAssigned() {
      long first = entries.first();
      long second = entries.second();
      boolean better = TaskHeap.isBefore(first, second, lastFirst, lastSecond);
      if (lastTick != 0 && better && tasks.readyTick(TaskHeap.slot(second)) < lastTick) {
        control.count(Counter.INVERSIONS, 1);
      }
      lastFirst = first;
      lastSecond = second;
      lastTick = ++tick;
      entries.pop();
    }

    /** Takes the best entry out for another reason. */
    void drop() {
      entries.pop();
    }

    private boolean isBefore(Lane other) {
      return TaskHeap.isBefore(
          entries.first(), entries.second(), other.entries.first(), other.entries.second());
    }
  }

  /** An order without rules for queues and keys. */
  ReadyTasks(TaskTable tasks, TaskHeap heap, Control control) {
    this(tasks, heap, control, null, null, null);
  }

  ReadyTasks(Instance instance, Lanes texts, Rules rules, KeyLimits limits) {
    this(
        instance.regions().tasks(),
        instance.regions().taskHeap(),
        instance.control(),
        texts,
        rules,
        limits);
  }

  private ReadyTasks(
      TaskTable tasks, TaskHeap heap, Control control, Lanes texts, Rules rules, KeyLimits limits) {
    this.tasks = tasks;
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
    long sequence = tasks.sequence(slot);
    tasks.readyTick(slot, ++tick);
    if (!lane.listed) {
      lane.listed = true;
      active.add(lane);
    }
    return lane.entries.push(
        TaskHeap.first(tasks.priority(slot), sequence), TaskHeap.second(sequence, slot));
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

  /**
   * The lane with the best task that may be assigned, whether anybody could take it or not; null:
   * none.
   */
  Lane bestOfAll() {
    Lane best = null;
    for (Lane lane : active) {
      if (!lane.paused && lane.settle() && (best == null || lane.isBefore(best))) {
        best = lane;
      }
    }
    return best;
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

  private Lane lane(int slot, int type) {
    if (type < 0 || type >= lanes.length) {
      throw new DamagedException("region=tasks slot=" + slot + " type=" + type);
    }
    if (lanes[type] == null) {
      lanes[type] = new Lane(type);
    }
    return lanes[type];
  }

  private boolean isCurrent(long first, long second) {
    int slot = TaskHeap.slot(second);
    return tasks.contains(slot)
        && StateWord.state(tasks.word(slot)) == TaskState.READY
        && tasks.sequence(slot) == TaskHeap.sequence(first, second);
  }
}
