package io.tidemill.plm;

import io.tidemill.shm.config.Key;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.journal.Cycle;
import io.tidemill.shm.journal.Definition;
import io.tidemill.shm.journal.Journal;
import io.tidemill.shm.journal.Position;
import io.tidemill.shm.journal.RecordDescriptor;
import io.tidemill.shm.journal.RecordView;
import io.tidemill.shm.journal.RunWriter;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bounds the journals' use of the disk: once more than half of it (and some cycles) is of no use to
 * anybody, the live tasks in the oldest cycle are copied into the newest one, so that the old file
 * can go. A task is copied again when the journal has gone round once, by when at least as many
 * bytes have been freed: over time no more is copied than is accepted and recorded.
 *
 * <p>A copy is the same record under the same sequence, so that a rebuild takes both for one. First
 * it is committed, then the slot is made to point to it, then the disk has it, then the old file is
 * deleted. A crash in between leaves a copy too many. Definitions go the same way.
 */
final class CarryForward {
  /** What may be of no use before anything is copied, in cycles. */
  static final int SLACK_CYCLES = 8;

  /** A cycle of ours spans so many of the outcomes' at most: they go with it. */
  private static final int OUTCOME_CYCLES = 4;

  private static final int CHUNK_TASKS = 256;
  private static final long CHUNK_BYTES = 256 << 10;
  private static final long PAUSE_NANOS = 1_000_000;

  /** What a turn copies at least, if there is so much; beside that, what was appended since. */
  private static final long TURN_BYTES = 16 << 20;

  private static final Logger LOG = LoggerFactory.getLogger(CarryForward.class);

  private final Control control;
  private final TaskTable tasks;
  private final Journal journal;
  private final Acceptance acceptance;
  private final Ends ends;
  private final CycleUse cycles;
  private final Definitions definitions;
  private final Rewrites rewrites;
  private final RecordReaders submissions;
  private final RecordReaders outcomes;
  private final long cycleBytes;

  private final int[] slots = new int[CHUNK_TASKS];
  private final long[] ids = new long[CHUNK_TASKS];
  private long appendedBefore;
  private long copiedBefore;

  CarryForward(
      Instance instance,
      Journal journal,
      Acceptance acceptance,
      Ends ends,
      CycleUse cycles,
      Definitions definitions,
      Rewrites rewrites,
      RecordReaders submissions,
      RecordReaders outcomes) {
    this.control = instance.control();
    this.tasks = instance.regions().tasks();
    this.journal = journal;
    this.acceptance = acceptance;
    this.ends = ends;
    this.cycles = cycles;
    this.definitions = definitions;
    this.rewrites = rewrites;
    this.submissions = submissions;
    this.outcomes = outcomes;
    this.cycleBytes = instance.settings().number(Key.JOURNAL_CYCLE_BYTES);
    this.appendedBefore = journal.appendedThrough();
  }

  /** Copies what is due, up to a limit; answers how many tasks. */
  int turn() {
    long budget = budget();
    long copied = 0;
    int count = 0;
    int cycle = next();
    while (cycle > 0 && copied < budget) {
      Pass pass = new Pass(cycle);
      while (copied < budget && pass.chunk()) {
        LockSupport.parkNanos(PAUSE_NANOS);
        copied = copiedBefore + pass.bytes;
      }
      count += pass.count;
      copiedBefore += pass.bytes;
      copied = copiedBefore;
      if (pass.count > 0) {
        LOG.info(
            "live records carried forward: cycle={} records={} bytes={}",
            cycle,
            pass.count,
            pass.bytes);
      }
      int following = pass.stopped ? 0 : next();
      cycle = following > cycle ? following : 0;
    }
    return count;
  }

  private long budget() {
    long now = journal.appendedThrough();
    long appended =
        (long) (Position.cycle(now) - Position.cycle(appendedBefore)) * cycleBytes
            + Position.offset(now)
            - Position.offset(appendedBefore);
    long budget = TURN_BYTES + Math.max(0, appended - copiedBefore);
    appendedBefore = now;
    copiedBefore = 0;
    return budget;
  }

  /** The cycle to be emptied; 0: none. */
  private int next() {
    int oldest = cycles.oldestNeeded();
    int newest = cycles.newest();
    if (cycles.outcomeCycle() - cycles.outcomeCycleAtBegin(newest) >= OUTCOME_CYCLES) {
      journal.endCycle();
    }
    boolean movable = oldest > 0 && oldest < newest && cycles.isHeldByLiveOnly(oldest);
    return movable && isTooMuch(oldest) ? oldest : 0;
  }

  /** Whether most of what would go with the oldest cycles is of no use. */
  private boolean isTooMuch(int oldest) {
    double total = 0;
    double needed = 0;
    for (Cycle cycle : journal.cycles()) {
      if (cycle.number() >= oldest) {
        total += cycle.diskBytes();
        needed += cycle.diskBytes() * cycles.neededPart(cycle.number());
      }
    }
    int firstOutcomes = cycles.outcomeCycleAtBegin(oldest);
    long keptFrom = ends.whileStill(EndedTasks::oldestOutcome);
    for (Cycle cycle : outcomeCycles()) {
      if (cycle.number() >= firstOutcomes) {
        total += cycle.diskBytes();
        boolean kept = keptFrom != 0 && cycle.number() >= Position.cycle(keptFrom);
        needed += kept ? cycle.diskBytes() : 0;
      }
    }
    return total > 2 * needed + (double) SLACK_CYCLES * cycleBytes;
  }

  private List<Cycle> outcomeCycles() {
    try (RecordReaders.Lent lent = outcomes.lend()) {
      return lent.reader().cycles();
    }
  }

  /**
   * One way through the slots, for one cycle. What enters a slot meanwhile is in a later one, as
   * are definitions that are changed meanwhile.
   */
  private final class Pass {
    private final int cycle;
    private final int end = control.slotsUsed();

    /** Found once, and not under the lock: there may be some hundred thousand of all cycles. */
    private final Deque<Definition> definitionsLeft;

    private int slot;
    private int count;
    private long bytes;
    private boolean stopped;

    Pass(int cycle) {
      this.cycle = cycle;
      this.definitionsLeft = new ArrayDeque<>(definitions.in(cycle));
    }

    /** Copies some; false if there are no more, or there is no room on the disk. */
    boolean chunk() {
      boolean copied =
          !definitionsLeft.isEmpty() && acceptance.whileNothingIsAccepted(this::copyDefinitions);
      return copied || copyTasks();
    }

    /** What is not carried forward here keeps its cycle, as a task does. */
    private boolean copyDefinitions() {
      List<Definition> some = new ArrayList<>();
      long needed = 0;
      while (!definitionsLeft.isEmpty() && some.size() < CHUNK_TASKS && needed < CHUNK_BYTES) {
        Definition next = definitionsLeft.remove();
        if (definitions.isLast(next)) {
          some.add(next);
          needed += Definitions.journalBytes(next);
        }
      }
      if (some.isEmpty()) {
        return false;
      }
      if (!journal.reserveToCarry(needed)) {
        stopped = true;
        return false;
      }
      long before = control.lastSequence();
      List<Definition> moved = new ArrayList<>();
      RunWriter run = journal.begin();
      some.forEach(old -> moved.add(definitions.appendAgain(run, old, before)));
      run.commit();
      definitions.hold(moved);
      count += moved.size();
      bytes += needed;
      return true;
    }

    private boolean copyTasks() {
      int found = 0;
      for (; slot < end && found < CHUNK_TASKS; slot++) {
        if (Position.cycle(tasks.submission(slot)) == cycle && isMovable(slot)) {
          slots[found++] = slot;
        }
      }
      int number = found;
      return number > 0 && acceptance.whileNothingIsAccepted(() -> copy(number));
    }

    private boolean isMovable(int candidate) {
      TaskState state = StateWord.state(tasks.word(candidate));
      // One being recorded may have drawn its outcome's sequence already: see CycleUse.
      return state.isLive() && state != TaskState.RECORDING;
    }

    private boolean copy(int found) {
      Rewrites.Rewrite rewrite = rewrites.begin();
      int chosen = 0;
      long needed = 0;
      try (RecordReaders.Lent lent = submissions.lend()) {
        for (int i = 0; i < found; i++) {
          int candidate = slots[i];
          if (needed >= CHUNK_BYTES) {
            slot = candidate; // From here on the next time.
            break;
          }
          RecordView record = movable(lent, candidate);
          if (record != null) {
            ids[chosen++] = tasks.id(candidate);
            needed += record.length() + RecordDescriptor.OVERHEAD_MAX;
          }
        }
        if (chosen > 0 && !journal.reserveToCarry(needed)) {
          stopped = true;
          return false;
        }
        for (int i = 0; i < chosen; i++) {
          RecordView record = rewrites.read(lent, ids[i]);
          if (record != null) {
            rewrite.copy(ids[i], record);
          }
        }
      }
      rewrite.commit(id -> {}); // The records say what they said.
      count += chosen;
      bytes += needed;
      return true;
    }

    /** Null: it is not to be moved, or not any more. */
    private RecordView movable(RecordReaders.Lent lent, int candidate) {
      return Position.cycle(tasks.submission(candidate)) == cycle && isMovable(candidate)
          ? rewrites.read(lent, tasks.id(candidate))
          : null;
    }
  }
}
