package io.tidemill.shm.region;

import io.tidemill.shm.memory.Memory;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * What the processes share beside tasks and workers: the process table, the sequence of the
 * journals' records, how far the journals are forced, counters and the wake words.
 */
public final class Control {
  private static final String CREATOR = "creator";
  private static final int ROLES = Role.values().length;

  public static final Layout SHARED = new Layout("control");

  static {
    SHARED.bytesField("header", RegionHeader.BYTES, CREATOR, "see region header");
  }

  static final int EPOCH = SHARED.longField("epoch", CREATOR, "how often the set was rebuilt");
  static final int CREATED_MS = SHARED.longField("created", CREATOR, "wall clock, ms");
  static final int CREATED_NANOS =
      SHARED.longField("created at", CREATOR, "the same moment on the monotonic clock, ns");

  static {
    SHARED.alignTo(64);
  }

  static final int SEQUENCE =
      SHARED.longField("sequence", "PLM and Register, by add", "last record's sequence");

  static {
    SHARED.alignTo(64);
  }

  static final int SUBMISSION_RUN =
      SHARED.longField("submission run", "PLM", "journal position that the run under way follows");
  static final int SUBMISSIONS_OLDEST =
      SHARED.longField(
          "submissions oldest", "PLM", "sequence of the oldest submission that is kept");
  static final int SLOTS_USED =
      SHARED.longField("slots used", "PLM", "one more than the highest slot that was ever taken");

  static {
    SHARED.alignTo(64);
  }

  static final int OUTCOME_RUN =
      SHARED.longField(
          "outcome run", "Register", "journal position that the run under way follows");
  static final int OUTCOMES_FORCED =
      SHARED.longField(
          "outcomes forced", "Register", "journal position up to which outcomes are on disk");
  static final int AGEING =
      SHARED.longField(
          "ageing", "Main Scheduler", "priority that a waiting task gains, points an hour");
  static final int SHARED_BYTES = SHARED.stride(384);

  public static final Layout PROCESS = new Layout("process row");
  static final int INCARNATION =
      PROCESS.longField("incarnation", "the process", "counts its starts");
  static final int PID =
      PROCESS.longField("pid", "the process", "for people; its lock tells whether it lives");
  static final int STARTED_MS =
      PROCESS.longField("started", "the process", "the instance's clock, ms");
  static final int PHASE =
      PROCESS.longField("phase", "the process", "0 none, 1 starting, 2 serving, 3 stopped");
  static final int BEAT = PROCESS.longField("beat", "the process", "turns of its loop");

  static {
    PROCESS.alignTo(64);
  }

  static final int SIGNAL =
      PROCESS.intField("signal", "whoever wakes it, by add", "the word it sleeps on");
  static final int SLEEPERS =
      PROCESS.intField("sleepers", "the process", "1 while it sleeps or is about to");

  static {
    PROCESS.alignTo(64);
  }

  static final int SWEEP_ASKED =
      PROCESS.longField("sweep asked", "any, by add", "counts demands to rebuild its indexes");
  static final int SWEEP_DONE =
      PROCESS.longField("sweep done", "the process", "the last demand that was met");
  static final int PROCESS_BYTES = PROCESS.stride(192);

  private static final int COUNTERS_AT = SHARED_BYTES + ROLES * PROCESS_BYTES;
  private static final int COUNTERS_PER_ROLE = 32;
  private static final int ERRORS_AT = COUNTERS_AT + ROLES * COUNTERS_PER_ROLE * 8;

  /** The phases of a process. */
  public enum Phase {
    NEVER_STARTED,
    STARTING,
    SERVING,
    STOPPED
  }

  private static final Phase[] PHASES = Phase.values();

  /** What two looks at two clocks may differ by, on a busy machine. */
  private static final long WALL_CLOCK_SET_MILLIS = 100;

  private final Memory memory;

  /** From the instance's clock to the wall clock, as it was when that was last set. */
  private volatile long wallOffset = Long.MIN_VALUE / 2;

  private final LongSupplier clock;
  private final ErrorLog errors;

  public Control(Memory memory) {
    this(memory, System::nanoTime);
  }

  /**
   * @param clock monotonic, the same one in all processes, in nanoseconds
   */
  public Control(Memory memory, LongSupplier clock) {
    this.memory = memory;
    this.clock = clock;
    this.errors = new ErrorLog(memory, ERRORS_AT);
  }

  public static long bytes() {
    return ERRORS_AT + (long) ROLES * ErrorLog.BYTES_PER_ROLE;
  }

  public ErrorLog errors() {
    return errors;
  }

  public int epoch() {
    return (int) memory.getLong(EPOCH);
  }

  /** Only while the files are made. */
  public void create(int epoch, long createdMillis, long createdNanos) {
    memory.putLong(EPOCH, epoch);
    memory.putLong(CREATED_MS, createdMillis);
    memory.putLong(CREATED_NANOS, createdNanos);
  }

  public long createdMillis() {
    return memory.getLong(CREATED_MS);
  }

  // The instance's clock: the wall clock as it stood when the files were made, and from there on
  // the
  // monotonic one. All that is written down has its time, so that a jump of the wall clock ages
  // nothing. The files are made anew after a boot, and with them the clock is set.

  /** The instance's time now. */
  public long nowMillis() {
    return millisAt(nanoTime());
  }

  /** Monotonic, in nanoseconds. */
  public long nanoTime() {
    return clock.getAsLong();
  }

  /** The instance's time at a moment of the monotonic clock, of this boot. */
  public long millisAt(long nanos) {
    return createdMillis() + TimeUnit.NANOSECONDS.toMillis(nanos - memory.getLong(CREATED_NANOS));
  }

  /** The moment of the monotonic clock at which the instance's clock shows, or showed, this. */
  public long nanosAt(long instanceMillis) {
    return memory.getLong(CREATED_NANOS)
        + TimeUnit.MILLISECONDS.toNanos(instanceMillis - createdMillis());
  }

  /**
   * What a wall clock that always was as it is now would have shown; for people. 0 stays 0. The
   * same moment is shown alike each time, until the wall clock is set.
   */
  public long wallMillis(long instanceMillis) {
    return instanceMillis == 0 ? 0 : instanceMillis + wallOffset();
  }

  private long wallOffset() {
    long now = System.currentTimeMillis() - nowMillis();
    if (Math.abs(now - wallOffset) > WALL_CLOCK_SET_MILLIS) {
      wallOffset = now;
    }
    return wallOffset;
  }

  /** Draws so many sequence numbers; answers the first. */
  public long drawSequences(int count) {
    return memory.getAndAddLong(SEQUENCE, count) + 1;
  }

  public long lastSequence() {
    return memory.getLongAcquire(SEQUENCE);
  }

  /** Only while the files are made. */
  public void lastSequence(long sequence) {
    memory.putLong(SEQUENCE, sequence);
  }

  /** Before a run is appended: FILLING slots that a crash leaves are looked for from here on. */
  public void submissionRun(long position) {
    memory.putLongRelease(SUBMISSION_RUN, position);
  }

  public long submissionRun() {
    return memory.getLongAcquire(SUBMISSION_RUN);
  }

  /** Before a run is appended: RECORDING slots that a crash leaves are looked for from here on. */
  public void outcomeRun(long position) {
    memory.putLongRelease(OUTCOME_RUN, position);
  }

  public long outcomeRun() {
    return memory.getLongAcquire(OUTCOME_RUN);
  }

  public void outcomesForced(long position) {
    memory.putLongRelease(OUTCOMES_FORCED, position);
  }

  public long outcomesForced() {
    return memory.getLongAcquire(OUTCOMES_FORCED);
  }

  /** Outcome records below it have no submission left and may go. */
  public void submissionsOldest(long sequence) {
    memory.putLongRelease(SUBMISSIONS_OLDEST, sequence);
  }

  public long submissionsOldest() {
    return memory.getLongAcquire(SUBMISSIONS_OLDEST);
  }

  /**
   * Scans of the slots end here: what lies beyond was never touched, and touching it would cost
   * memory. The PLM raises it before it takes a slot beyond.
   */
  public int slotsUsed() {
    long slots = memory.getLongAcquire(SLOTS_USED);
    if (slots < 0 || slots > 1 << TaskId.SLOT_BITS) {
      throw new DamagedException("region=control slots_used=" + slots);
    }
    return (int) slots;
  }

  public void slotsUsed(int slots) {
    memory.putLongRelease(SLOTS_USED, slots);
  }

  /** By which the task heap is ordered, see {@link TaskOrder}. */
  public long ageing() {
    return memory.getLongAcquire(AGEING);
  }

  /** Main Scheduler, before it makes the heap anew: points an hour; 0: none. */
  public void ageing(long pointsPerHour) {
    memory.putLongRelease(AGEING, pointsPerHour);
  }

  // The process table.

  /** A process enters: only by whoever holds the role's lock. Answers its incarnation. */
  public long enter(Role role, long pid, long nowMillis) {
    long incarnation = memory.getAndAddLong(row(role, INCARNATION), 1) + 1;
    memory.putLong(row(role, PID), pid);
    memory.putLong(row(role, STARTED_MS), nowMillis);
    memory.putIntRelease(row(role, SLEEPERS), 0);
    phase(role, Phase.STARTING);
    return incarnation;
  }

  public long incarnation(Role role) {
    return memory.getLongAcquire(row(role, INCARNATION));
  }

  public long pid(Role role) {
    return memory.getLongAcquire(row(role, PID));
  }

  public long startedMillis(Role role) {
    return memory.getLongAcquire(row(role, STARTED_MS));
  }

  public void phase(Role role, Phase phase) {
    memory.putLongRelease(row(role, PHASE), phase.ordinal());
  }

  public Phase phase(Role role) {
    long phase = memory.getLongAcquire(row(role, PHASE));
    if (phase < 0 || phase >= PHASES.length) {
      throw new DamagedException("region=control role=" + role.label() + " phase=" + phase);
    }
    return PHASES[(int) phase];
  }

  /** The process's loop has turned. */
  public void beat(Role role) {
    long at = row(role, BEAT);
    memory.putLongRelease(at, memory.getLong(at) + 1);
  }

  public long beats(Role role) {
    return memory.getLongAcquire(row(role, BEAT));
  }

  /**
   * Asks a process to rebuild its indexes from the slots; whoever notices a death asks the
   * survivors.
   */
  public void askSweep(Role role) {
    memory.getAndAddLong(row(role, SWEEP_ASKED), 1);
  }

  public long sweepAsked(Role role) {
    return memory.getLongAcquire(row(role, SWEEP_ASKED));
  }

  public long sweepDone(Role role) {
    return memory.getLongAcquire(row(role, SWEEP_DONE));
  }

  public void sweepDone(Role role, long asked) {
    memory.putLongRelease(row(role, SWEEP_DONE), asked);
  }

  // Counters: each has one writing role, within which one thread at a time writes.

  public void count(Counter counter, long more) {
    long at = counterAt(counter);
    memory.putLongRelease(at, memory.getLong(at) + more);
  }

  public long count(Counter counter) {
    return memory.getLongAcquire(counterAt(counter));
  }

  /** Only while the files are made. */
  public void restoreCount(Counter counter, long value) {
    memory.putLong(counterAt(counter), value);
  }

  int signalAt(Role role) {
    return row(role, SIGNAL);
  }

  int sleepersAt(Role role) {
    return row(role, SLEEPERS);
  }

  Memory memory() {
    return memory;
  }

  private static int row(Role role, int field) {
    return SHARED_BYTES + role.ordinal() * PROCESS_BYTES + field;
  }

  /** Where a counter stands in the region. */
  public static int counterAt(Counter counter) {
    int index = counter.writer().ordinal() * COUNTERS_PER_ROLE + counter.ordinal();
    return COUNTERS_AT + index * 8;
  }
}
