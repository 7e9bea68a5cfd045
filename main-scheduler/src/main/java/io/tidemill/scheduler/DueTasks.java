package io.tidemill.scheduler;

import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.Deadlines;
import io.tidemill.shm.region.Ring;
import io.tidemill.shm.region.Rings;
import io.tidemill.shm.region.Role;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.shm.region.TermsTable;
import io.tidemill.shm.region.TimerHeap;
import io.tidemill.shm.region.TimerHeap.Clock;
import io.tidemill.shm.region.WakeUp;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;

/**
 * What happens to tasks with terms because of the time: those that are due become ready, and of
 * those whose deadline is over the end is asked of the Register. By the agent.
 *
 * <p>A slot has an entry in the timers for the next moment at which something is to be done about
 * it; what that is, is decided then, by the slot. A crash leaves a slot that is due and WAITING, or
 * an end that was not asked for: the next Main Scheduler looks at all slots.
 */
final class DueTasks {
  private static final int LOOKS_A_TURN = 4_096;

  private final Control control;
  private final TaskTable tasks;
  private final TermsTable terms;
  private final TimerHeap timers;
  private final Deadlines deadlines;
  private final Ring toRegister;
  private final WakeUp register;
  private final IntConsumer ready;
  private final LongSupplier wallMillis;
  private boolean full;

  /**
   * @param ready gets the slots that have become ready
   * @param wallMillis the wall clock
   */
  DueTasks(Instance instance, IntConsumer ready, LongSupplier wallMillis) {
    this.control = instance.control();
    this.tasks = instance.regions().tasks();
    this.terms = instance.regions().terms();
    this.timers = instance.regions().timers();
    this.deadlines = new Deadlines(tasks, terms);
    this.toRegister = instance.regions().rings().schedulerToRegister();
    this.register = instance.regions().wakeUp(Role.REGISTER);
    this.ready = ready;
    this.wallMillis = wallMillis;
  }

  /** Forgets everything, before the slots are scanned. */
  void clear() {
    full = false;
    timers.clear();
  }

  /** There was no room for an entry: the slots have to be scanned. */
  boolean isFull() {
    return full;
  }

  /** Whether a ready task may be assigned at this moment. */
  boolean mayStart(int slot, long nowNanos) {
    return !tasks.hasTerms(slot) || !deadlines.isOver(slot, TaskState.READY, nowNanos);
  }

  /** Does what is due; answers how much it was. */
  int turn(long nowNanos) {
    int count = 0;
    while (timers.first(Clock.MONOTONIC) <= nowNanos && count < LOOKS_A_TURN) {
      look(timers.pop(Clock.MONOTONIC));
      count++;
    }
    if (timers.first(Clock.WALL) != TimerHeap.NEVER) {
      long now = wallMillis.getAsLong();
      while (timers.first(Clock.WALL) <= now && count < LOOKS_A_TURN) {
        look(timers.pop(Clock.WALL));
        count++;
      }
    }
    return count;
  }

  /** How long nothing is due. */
  long sleepNanos() {
    long next = timers.first(Clock.MONOTONIC);
    long sleep = next == TimerHeap.NEVER ? next : Math.max(0, next - control.nanoTime());
    long nextWall = timers.first(Clock.WALL);
    return nextWall == TimerHeap.NEVER
        ? sleep
        : Math.min(
            sleep, TimeUnit.MILLISECONDS.toNanos(Math.max(0, nextWall - wallMillis.getAsLong())));
  }

  /** An entry of the timers, which may be of a former task. */
  private void look(long entry) {
    int slot = TimerHeap.slot(entry);
    if (tasks.contains(slot)
        && StateWord.generation(tasks.word(slot)) == TimerHeap.generation(entry)) {
      look(slot);
    }
  }

  /**
   * Does what is due for a slot, and has it looked at again when the next thing is. A slot that is
   * being recorded is looked at when that is over: the Register tells.
   */
  void look(int slot) {
    long word = tasks.word(slot);
    TaskState state = StateWord.state(word);
    if (!state.isLive() || state == TaskState.RECORDING || !tasks.hasTerms(slot)) {
      return;
    }
    long now = control.nanoTime();
    if (deadlines.isOver(slot, state, now)) {
      askExpired(slot);
      return;
    }
    boolean held = state == TaskState.WAITING && terms.pending(slot) > 0;
    if (state != TaskState.WAITING || held || isLater(slot, word, now)) {
      arm(Clock.MONOTONIC, deadlines.next(slot, state), slot, word);
    } else if (tasks.promote(slot, word) != -1) {
      ready.accept(slot); // And looks again, for its deadlines.
    }
  }

  /** Whether a waiting task is not due yet; if so, there is an entry for when it is. */
  private boolean isLater(int slot, long word, long nowNanos) {
    long runAt = terms.runAtMillis(slot);
    if (runAt != 0) {
      boolean later = runAt > wallMillis.getAsLong();
      arm(Clock.WALL, later ? runAt : TimerHeap.NEVER, slot, word);
      return later;
    }
    long due = terms.dueNanos(slot);
    boolean later = due != 0 && due - nowNanos > 0;
    arm(Clock.MONOTONIC, later ? due : TimerHeap.NEVER, slot, word);
    return later;
  }

  private void arm(Clock clock, long time, int slot, long word) {
    if (time != TimerHeap.NEVER) {
      full |= !timers.push(clock, time, slot, StateWord.generation(word));
    }
  }

  /** What the ring has no room for, the Register finds by scanning. */
  private void askExpired(int slot) {
    toRegister.offer(Rings.event(Rings.TASK_EXPIRED, slot), tasks.id(slot));
    register.wake();
  }
}
