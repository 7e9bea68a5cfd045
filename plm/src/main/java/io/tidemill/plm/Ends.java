package io.tidemill.plm;

import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.Counter;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.function.Supplier;

/**
 * Takes ended tasks out of their slots, and knows who waits for which task. One lock makes each
 * task either still in its slot or among the kept ones, for everybody who looks here.
 *
 * <p>A crash while a task is taken leaves its end in the slot, and the next start takes it again;
 * its outcome has been in the journal all along.
 */
final class Ends {
  static final int WAITERS_MAX = 100_000;
  private static final int LOOKS_MAX = 100;

  /** Who hears of the ends, in the order of their taking. */
  interface Sink {
    /** On the main loop, under the lock: short. */
    void onTaken(long sessionId, long number, long taskId, long outcome, long submittedNanos);

    /** On the main loop, under no lock. */
    void onAwaited(SessionStream stream, Awaited awaited, long outcome);
  }

  /** A task that a stream awaits though its session's own ends would not bring it. */
  static final class Awaited {
    private final long number;
    private Waiter waiter;

    private Awaited(long number) {
      this.number = number;
    }

    /** What the stream's session gave the submission, 0 if it was another's. */
    long number() {
      return number;
    }

    Waiter waiter() {
      return waiter;
    }
  }

  /** Where a task stands. */
  enum Where {
    IN_SLOT,
    KEPT,
    EXPIRED,
    UNKNOWN
  }

  /** What is to be known of a kept task, whose records stand there; null: nothing any more. */
  @FunctionalInterface
  interface KeptView<T> {
    T of(long outcome, long submission);
  }

  /** Somebody who waits; to be handed to {@link #forget}. */
  static final class Waiter {
    private final long taskId;
    private final EndListener listener;
    private Waiter next;

    private Waiter(long taskId, EndListener listener) {
      this.taskId = taskId;
      this.listener = listener;
    }

    long taskId() {
      return taskId;
    }
  }

  private record Call(EndListener listener, long taskId, long outcome) {}

  private final Control control;
  private final TaskTable tasks;
  private final FreeSlots free;
  private final CycleUse cycles;
  private final EndedTasks kept;
  private final Dependencies dependencies;
  private final Map<Long, Waiter> waiting = new HashMap<>();
  private final List<Call> calls = new ArrayList<>();

  /** Slots of the run at hand. */
  private final int[] freed = new int[256];

  private int freedCount;
  private Sink sink;
  private QueueLengths lengths;
  private UniqueHolds uniqueHolds;
  private int waiters;
  private long nowSeconds;

  Ends(
      Control control,
      TaskTable tasks,
      FreeSlots free,
      CycleUse cycles,
      EndedTasks kept,
      Dependencies dependencies) {
    this.dependencies = dependencies;
    this.control = control;
    this.nowSeconds = nowSeconds();
    this.tasks = tasks;
    this.free = free;
    this.cycles = cycles;
    this.kept = kept;
  }

  /** Before the first end is taken. */
  void sink(Sink to) {
    sink = to;
  }

  /** Before the first end is taken. */
  void lengths(QueueLengths counts) {
    lengths = counts;
  }

  /** Before the first end is taken. */
  void uniqueHolds(UniqueHolds holds) {
    uniqueHolds = holds;
  }

  // The main loop's side.

  /** What became of a slot that was said to have ended. */
  enum Taken {
    TAKEN,
    NOT_ENDED,
    NOT_FORCED,
    /**
     * Others wait for it, and have not been told safely; or it holds a unique key on, and that is
     * not written yet.
     */
    AWAITED
  }

  /** A turn begins. */
  synchronized void turn() {
    nowSeconds = nowSeconds();
    kept.expire(nowSeconds, 10_000);
  }

  /**
   * Takes a run of ended tasks: those of {@code ids} from an index on.
   *
   * @param unforced gets those whose outcomes are not on the disk yet
   * @param awaited gets those whose ends others wait for, and have not been told safely
   */
  synchronized int take(LongRing ids, int from, int to, LongRing unforced, LongRing awaited) {
    int taken = 0;
    for (int i = from; i < to; i++) {
      Taken result = take(ids.get(i));
      if (result == Taken.NOT_FORCED) {
        unforced.add(ids.get(i));
      } else if (result == Taken.AWAITED) {
        awaited.add(ids.get(i));
      } else if (result == Taken.TAKEN) {
        taken++;
      }
    }
    giveFreed();
    if (taken > 0) {
      control.count(Counter.TAKEN, taken);
    }
    return taken;
  }

  private Taken take(long id) {
    long word = tasks.wordOf(id);
    if (word == -1 || !StateWord.state(word).isEnd()) {
      return Taken.NOT_ENDED;
    }
    if (!dependencies.isEmpty() && dependencies.isAwaited(id)) {
      return Taken.AWAITED;
    }
    if (!uniqueHolds.isEmpty() && uniqueHolds.isAsked(id)) {
      return Taken.AWAITED;
    }
    int slot = TaskId.slot(id);
    long outcome = tasks.outcome(slot);
    if (!mayBeTold(slot)) {
      return Taken.NOT_FORCED;
    }
    long submission = tasks.submission(slot);
    kept.add(id, outcome, submission, nowSeconds, tasks.type(slot), StateWord.state(word));
    cycles.release(submission);
    sink.onTaken(tasks.session(slot), tasks.number(slot), id, outcome, tasks.submittedNanos(slot));
    if (!waiting.isEmpty()) {
      collect(id, outcome);
    }
    lengths.ended(tasks.type(slot));
    long freed = tasks.free(slot, word);
    if (freed == -1) {
      throw new IllegalStateException(
          "somebody else moved an ended slot: slot="
              + slot
              + " "
              + StateWord.describe(tasks.word(slot)));
    }
    if (TaskTable.isRetired(freed)) {
      free.retire();
    } else {
      noteFreed(slot);
    }
    return Taken.TAKEN;
  }

  private void noteFreed(int slot) {
    freed[freedCount++] = slot;
    if (freedCount == freed.length) {
      giveFreed();
    }
  }

  private void giveFreed() {
    free.give(freed, freedCount);
    freedCount = 0;
  }

  private void collect(long id, long outcome) {
    for (Waiter waiter = waiting.remove(id); waiter != null; waiter = waiter.next) {
      waiters--;
      calls.add(new Call(waiter.listener, id, outcome));
    }
  }

  /** Tells those who waited for what was taken, without the lock. */
  void callWaiters() {
    List<Call> due;
    synchronized (this) {
      if (calls.isEmpty()) {
        return;
      }
      due = List.copyOf(calls);
      calls.clear();
    }
    due.forEach(call -> call.listener.onEnd(call.taskId, call.outcome));
  }

  /**
   * A live task's submission stands in a new place, too. It is not taken out of its slot meanwhile;
   * if it has been, the copy is one of an ended task and does no harm.
   */
  synchronized void moved(long id, long position) {
    if (tasks.wordOf(id) == -1) {
      return;
    }
    int slot = TaskId.slot(id);
    long before = tasks.submission(slot);
    cycles.hold(position);
    tasks.submissionMoved(slot, position);
    cycles.release(before);
  }

  // Everybody else's side.

  synchronized Where where(long id) {
    if (kept.contains(id)) {
      return Where.KEPT;
    }
    if (tasks.wordOf(id) != -1 && StateWord.state(tasks.wordOf(id)) != TaskState.FILLING) {
      return Where.IN_SLOT;
    }
    return wasValid(id) ? Where.EXPIRED : Where.UNKNOWN;
  }

  /**
   * Whether an id may once have been a task's: of an earlier epoch, or of a generation that its
   * slot has had.
   */
  private boolean wasValid(long id) {
    int slot = TaskId.slot(id);
    int epoch = TaskId.epoch(id);
    if (!tasks.contains(slot) || epoch < 1 || epoch > control.epoch()) {
      return false;
    }
    int generation = TaskId.generation(id);
    return generation > 0
        && (epoch < control.epoch() || generation <= StateWord.generation(tasks.word(slot)));
  }

  /**
   * Whether the end of a task that is in its slot is one as far as anybody may tell: its outcome is
   * where its durability promises it to be.
   */
  boolean mayBeTold(int slot) {
    return !tasks.isDisk(slot) || tasks.outcome(slot) < control.outcomesForced();
  }

  /** Whether a task is live or kept. */
  synchronized boolean isKnown(long id) {
    return tasks.wordOf(id) != -1 || kept.contains(id);
  }

  /** Lets go of a kept task; answers its number among them, -1 if it is not kept. */
  synchronized long discard(long id) {
    int at = kept.find(id);
    return at < 0 ? -1 : kept.discard(at);
  }

  /** Where the records of a kept task stand, {outcome, submission}; null if it is not kept. */
  synchronized long[] records(long id) {
    int at = kept.find(id);
    return at < 0 ? null : new long[] {kept.outcome(at), kept.submission(at)};
  }

  /**
   * Looks at a task where it is, in its slot or among the kept ones, though it may move meanwhile;
   * null: it is in neither.
   *
   * @param slotView null if it is not there, or was moved while we looked
   */
  <T> T find(long id, LongFunction<T> slotView, KeptView<T> keptView) {
    return find(
        () -> tasks.wordOf(id) != -1,
        () -> slotView.apply(id),
        () -> {
          long[] records = records(id);
          return records == null ? null : keptView.of(records[0], records[1]);
        });
  }

  /** One that has left its slot is kept from then on; so the slot is asked about first. */
  static <T> T find(BooleanSupplier isInSlot, Supplier<T> slotView, Supplier<T> keptView) {
    boolean wasInSlot = true;
    for (int look = 0; look < LOOKS_MAX && wasInSlot; look++) {
      wasInSlot = isInSlot.getAsBoolean();
      T found = slotView.get();
      found = found == null ? keptView.get() : found;
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  /**
   * Waits for the end of a task that is in its slot. Null if it is not there (any more), or if too
   * many wait; {@link #where} under the same lock tells which.
   */
  synchronized Waiter await(long id, EndListener listener) {
    if (waiters >= WAITERS_MAX || where(id) != Where.IN_SLOT) {
      return null;
    }
    Waiter waiter = new Waiter(id, listener);
    waiter.next = waiting.put(id, waiter);
    waiters++;
    return waiter;
  }

  /**
   * Sees to it that a stream is told of a task's end: now, if it has ended; else with the ends of
   * its session, if it is one of those; else by waiting for it.
   *
   * @return false if too many wait
   */
  synchronized boolean deliverTo(SessionStream stream, long sessionId, long id) {
    int at = kept.find(id);
    if (at >= 0) {
      stream.queueKept(id, kept.outcome(at), kept.submission(at));
      return true;
    }
    if (where(id) != Where.IN_SLOT) {
      stream.queueUnknown(id);
      return true;
    }
    int slot = TaskId.slot(id);
    boolean own = tasks.session(slot) == sessionId;
    if (own && stream.wantsResults()) {
      stream.expectOwn(tasks.number(slot));
      return true;
    }
    return awaitFor(stream, id, own ? tasks.number(slot) : 0);
  }

  private boolean awaitFor(SessionStream stream, long id, long number) {
    Awaited awaited = new Awaited(number);
    awaited.waiter = await(id, (task, outcome) -> sink.onAwaited(stream, awaited, outcome));
    if (awaited.waiter == null) {
      return false;
    }
    stream.expectAwaited(awaited);
    return true;
  }

  /** Nobody waits any more. Harmless if it has been told. */
  synchronized void forget(Waiter waiter) {
    Waiter before = null;
    for (Waiter w = waiting.get(waiter.taskId); w != null; before = w, w = w.next) {
      if (w == waiter) {
        unlink(before, w);
        return;
      }
    }
  }

  private void unlink(Waiter before, Waiter waiter) {
    waiters--;
    if (before != null) {
      before.next = waiter.next;
    } else if (waiter.next != null) {
      waiting.put(waiter.taskId, waiter.next);
    } else {
      waiting.remove(waiter.taskId);
    }
  }

  synchronized int waiters() {
    return waiters;
  }

  /** Does something while no task can move from its slot to the kept ones. */
  synchronized <T> T whileStill(Function<EndedTasks, T> work) {
    return work.apply(kept);
  }

  /** Of the instance's clock: a jump of the wall clock ends nobody's time to ask for a result. */
  private long nowSeconds() {
    return TimeUnit.MILLISECONDS.toSeconds(control.nowMillis());
  }
}
