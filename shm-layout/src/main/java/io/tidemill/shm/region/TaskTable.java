package io.tidemill.shm.region;

import io.tidemill.shm.memory.Memory;

/**
 * The slots of the live tasks. The state word moves by CAS through the methods here, which know
 * every legal move; the other fields are written only by the process that the layout names, while
 * it holds the slot in a state of its own (the PLM in FILLING, the Register in RECORDING) or where
 * it is the field's one writer.
 */
public final class TaskTable {
  public static final Layout LAYOUT = new Layout("task slot");
  static final int STATE = LAYOUT.longField("state", "all, by CAS", "the state word");
  static final int ID = LAYOUT.longField("id", "PLM in FILLING", "the task's id");
  static final int SEQUENCE = LAYOUT.longField("sequence", "PLM in FILLING", "place in the order");
  static final int PRIORITY =
      LAYOUT.intField(
          "priority", "PLM in FILLING; it changes it while the task waits", "higher goes first");
  static final int TYPE = LAYOUT.intField("type", "PLM in FILLING", "index into the types");
  static final int SUBMISSION =
      LAYOUT.longField(
          "submission",
          "PLM in FILLING; it moves it when it carries the record forward",
          "journal position of the submission");
  static final int SUBMITTED_NANOS =
      LAYOUT.longField("submitted", "PLM in FILLING", "monotonic time of acceptance, ns");
  static final int SESSION =
      LAYOUT.longField("session", "PLM in FILLING", "who submitted it, 0: no session");
  static final int NUMBER =
      LAYOUT.longField("number", "PLM in FILLING", "the session's number for it");

  static {
    LAYOUT.alignTo(64);
  }

  static final int ASSIGNED_NANOS =
      LAYOUT.longField("assigned", "Main Scheduler", "monotonic time of the last assignment, ns");
  static final int STARTED_NANOS =
      LAYOUT.longField("started", "Register", "monotonic time of the last known start, ns");
  static final int OUTCOME =
      LAYOUT.longField(
          "outcome",
          "Register in RECORDING; it moves it when it carries the record forward",
          "journal position of the outcome; while it lives: of the last failed attempt, 0: none");
  static final int TIMEOUT_MS =
      LAYOUT.intField("timeout", "PLM in FILLING", "execution timeout of an attempt, ms");
  static final int ATTEMPTS =
      LAYOUT.intField("attempts", "Register in RECORDING", "failed attempts so far");
  static final int RETURNS =
      LAYOUT.intField(
          "returns",
          "Main Scheduler",
          "generation, its low 16 bits, << 16 | 1 << 15: a lease was lost of which nobody knows"
              + " whether it ran | lost workers and overruns that were not stopped so far");
  static final int ATTEMPTS_MAX =
      LAYOUT.intField("attempts max", "PLM in FILLING", "attempts allowed");
  static final int FLAGS =
      LAYOUT.intField("flags", "PLM in FILLING", "bit 0: disk durability; bit 1: it has terms");
  static final int CANCEL =
      LAYOUT.intField("cancel", "PLM", "1: cancellation asked, for this generation");
  static final int READY_TICK =
      LAYOUT.longField(
          "ready tick", "Main Scheduler", "when it entered the order, counted in entries");
  public static final int STRIDE = LAYOUT.stride(128);

  public static final int FLAG_DISK = 1;

  /** What stands in the slot's record of {@link TermsTable} is of its task. */
  public static final int FLAG_TERMS = 2;

  private static final int RETURNS_BITS = 16;
  private static final int RETURNS_TAG = (1 << RETURNS_BITS) - 1;
  private static final int SUSPECT = 1 << (RETURNS_BITS - 1);
  private static final int RETURNS_MAX = SUSPECT - 1;

  /** The number that submission records have for disk durability (Durability in task.proto). */
  public static final byte DURABILITY_DISK = 2;

  private final Memory memory;
  private final int capacity;

  public TaskTable(Memory memory) {
    this.memory = memory;
    this.capacity = Math.toIntExact(RegionHeader.capacity(memory));
  }

  public static long bytes(int capacity) {
    return RegionHeader.BYTES + (long) capacity * STRIDE;
  }

  public int capacity() {
    return capacity;
  }

  public boolean contains(int slot) {
    return slot >= 0 && slot < capacity;
  }

  public long word(int slot) {
    return memory.getLongAcquire(at(slot, STATE));
  }

  /**
   * The word of the slot that an id names, or -1 if the slot has another task by now, or there is
   * no such slot.
   */
  public long wordOf(long taskId) {
    int slot = TaskId.slot(taskId);
    if (!contains(slot)) {
      return -1;
    }
    long word = word(slot);
    boolean same =
        StateWord.generation(word) == TaskId.generation(taskId)
            && StateWord.state(word) != TaskState.FREE
            && id(slot) == taskId;
    return same ? word : -1;
  }

  /**
   * Whether a slot has held as many tasks as generations can count. It is taken no more until the
   * mapped files are made anew, under another epoch, so that no id is given twice.
   */
  public static boolean isRetired(long word) {
    return StateWord.state(word) == TaskState.FREE
        && StateWord.generation(word) >= StateWord.GENERATION_MAX;
  }

  // The moves, by the names that they have in the model (docs/spec). Each answers the new word, or
  // -1 if the slot was not (any more) as expected.

  /**
   * PLM: takes a free slot, for the next generation. A crash leaves FILLING, which the next PLM
   * settles.
   */
  public long fill(int slot, long freeWord) {
    int generation = StateWord.generation(freeWord);
    if (generation >= StateWord.GENERATION_MAX) {
      return -1;
    }
    return move(
        slot, freeWord, StateWord.of(TaskState.FILLING, StateWord.NO_WORKER, 0, generation + 1));
  }

  /** PLM: the submission is in the journal and the slot complete. */
  public long publish(int slot, long word, TaskState state) {
    return move(slot, word, StateWord.with(word, state));
  }

  /** PLM: nothing was journaled for this generation. */
  public long abandon(int slot, long word) {
    return move(slot, word, StateWord.with(word, TaskState.FREE));
  }

  /** Main Scheduler: the task is due, and what it waited for has come. */
  public long promote(int slot, long waitingWord) {
    return move(slot, waitingWord, StateWord.with(waitingWord, TaskState.READY));
  }

  /** Main Scheduler: gives the task to a worker under the next lease number. */
  public long assign(int slot, long readyWord, int worker) {
    int lease = StateWord.lease(readyWord);
    if (lease >= StateWord.LEASE_MAX) {
      return -1;
    }
    return move(
        slot,
        readyWord,
        StateWord.of(TaskState.ASSIGNED, worker, lease + 1, StateWord.generation(readyWord)));
  }

  /** Register: the worker said that it started. */
  public long start(int slot, long assignedWord) {
    return move(slot, assignedWord, StateWord.with(assignedWord, TaskState.RUNNING));
  }

  /** Main Scheduler: the lease is void, the task goes back to its place. */
  public long requeue(int slot, long leasedWord) {
    return move(slot, leasedWord, StateWord.withoutWorker(leasedWord, TaskState.READY));
  }

  /**
   * Register: takes the slot to record an outcome or a failed attempt. A crash leaves RECORDING,
   * which it settles.
   */
  public long record(int slot, long word) {
    return move(slot, word, StateWord.with(word, TaskState.RECORDING));
  }

  /** Register: the outcome is in the journal. */
  public long end(int slot, long recordingWord, TaskState end) {
    return move(slot, recordingWord, StateWord.with(recordingWord, end));
  }

  /** Register: the attempt failed or was handed back, and the task may be assigned again. */
  public long retry(int slot, long recordingWord) {
    return move(slot, recordingWord, StateWord.withoutWorker(recordingWord, TaskState.READY));
  }

  /** Register: the attempt failed, and the next one is due later: its terms say when. */
  public long postpone(int slot, long recordingWord) {
    return move(slot, recordingWord, StateWord.withoutWorker(recordingWord, TaskState.WAITING));
  }

  /**
   * Register, when it starts: nothing was journaled, so the task stands as it did: under its lease
   * if it has an owner, who still holds the result, else ready, or waiting if there may be
   * something that it waits for: the Main Scheduler's next sweep looks whether there is.
   */
  public long unrecord(int slot, long recordingWord) {
    TaskState unheld = hasTerms(slot) ? TaskState.WAITING : TaskState.READY;
    TaskState before =
        StateWord.worker(recordingWord) == StateWord.NO_WORKER ? unheld : TaskState.RUNNING;
    return move(slot, recordingWord, StateWord.with(recordingWord, before));
  }

  /** PLM: the outcome has been taken. */
  public long free(int slot, long endWord) {
    return move(
        slot,
        endWord,
        StateWord.of(TaskState.FREE, StateWord.NO_WORKER, 0, StateWord.generation(endWord)));
  }

  /** Only while the files are made, by the one who makes them. */
  public void restore(int slot, long word) {
    memory.putLongRelease(at(slot, STATE), word);
  }

  private long move(int slot, long from, long to) {
    TaskState before = StateWord.state(from);
    TaskState after = StateWord.state(to);
    if (!isLegal(before, after)) {
      throw new IllegalStateException(
          "illegal transition: slot=" + slot + " from=" + before + " to=" + after);
    }
    return memory.casLong(at(slot, STATE), from, to) ? to : -1;
  }

  private static final boolean[][] LEGAL = legalMoves();

  private static boolean isLegal(TaskState before, TaskState after) {
    return LEGAL[before.ordinal()][after.ordinal()];
  }

  private static boolean[][] legalMoves() {
    TaskState[] states = TaskState.values();
    boolean[][] legal = new boolean[states.length][states.length];
    for (TaskState state : states) {
      state.successors().forEach(next -> legal[state.ordinal()][next.ordinal()] = true);
    }
    return legal;
  }

  // The fields.

  public long id(int slot) {
    return memory.getLong(at(slot, ID));
  }

  public void id(int slot, long id) {
    memory.putLong(at(slot, ID), id);
  }

  public long sequence(int slot) {
    return memory.getLong(at(slot, SEQUENCE));
  }

  public void sequence(int slot, long sequence) {
    memory.putLong(at(slot, SEQUENCE), sequence);
  }

  public int priority(int slot) {
    return memory.getIntAcquire(at(slot, PRIORITY));
  }

  public void priority(int slot, int priority) {
    memory.putInt(at(slot, PRIORITY), priority);
  }

  /**
   * PLM, while the task waits: it has another priority, which stands in the journal. Whoever reads
   * the old one at this moment has acted before the change.
   */
  public void priorityChanged(int slot, int priority) {
    memory.putIntRelease(at(slot, PRIORITY), priority);
  }

  public int type(int slot) {
    return memory.getInt(at(slot, TYPE));
  }

  public void type(int slot, int type) {
    memory.putInt(at(slot, TYPE), type);
  }

  /** Journal position of the submission record. */
  public long submission(int slot) {
    return memory.getLongAcquire(at(slot, SUBMISSION));
  }

  public void submission(int slot, long position) {
    memory.putLong(at(slot, SUBMISSION), position);
  }

  /**
   * PLM, while the task lives: its record has been copied to a later place and is committed there.
   * Who has read the old position finds the record there for a while yet.
   */
  public void submissionMoved(int slot, long position) {
    memory.putLongRelease(at(slot, SUBMISSION), position);
  }

  public long submittedNanos(int slot) {
    return memory.getLong(at(slot, SUBMITTED_NANOS));
  }

  public void submittedNanos(int slot, long nanos) {
    memory.putLong(at(slot, SUBMITTED_NANOS), nanos);
  }

  public long session(int slot) {
    return memory.getLong(at(slot, SESSION));
  }

  public long number(int slot) {
    return memory.getLong(at(slot, NUMBER));
  }

  public void session(int slot, long session, long number) {
    memory.putLong(at(slot, SESSION), session);
    memory.putLong(at(slot, NUMBER), number);
  }

  public long assignedNanos(int slot) {
    return memory.getLong(at(slot, ASSIGNED_NANOS));
  }

  public void assignedNanos(int slot, long nanos) {
    memory.putLong(at(slot, ASSIGNED_NANOS), nanos);
  }

  /** 0: no start is known since the slot was filled. It may be an earlier lease's. */
  public long startedNanos(int slot) {
    return memory.getLong(at(slot, STARTED_NANOS));
  }

  /**
   * Whether a start is known of the lease that the slot is under, or was last. RUNNING alone does
   * not say so: a Register that starts settles a slot as running whose hand-back was cut off.
   */
  public boolean isStartKnown(int slot) {
    long started = startedNanos(slot);
    return started != 0 && started - assignedNanos(slot) >= 0;
  }

  public void startedNanos(int slot, long nanos) {
    memory.putLong(at(slot, STARTED_NANOS), nanos);
  }

  /** Journal position of the outcome record; of a live task: of its last failed attempt. */
  public long outcome(int slot) {
    return memory.getLong(at(slot, OUTCOME));
  }

  public void outcome(int slot, long position) {
    memory.putLong(at(slot, OUTCOME), position);
  }

  public int timeoutMs(int slot) {
    return memory.getInt(at(slot, TIMEOUT_MS));
  }

  public void timeoutMs(int slot, int timeout) {
    memory.putInt(at(slot, TIMEOUT_MS), timeout);
  }

  /** How many attempts have failed. */
  public int attempts(int slot) {
    return memory.getInt(at(slot, ATTEMPTS));
  }

  public void attempts(int slot, int attempts) {
    memory.putInt(at(slot, ATTEMPTS), attempts);
  }

  public int attemptsMax(int slot) {
    return memory.getInt(at(slot, ATTEMPTS_MAX));
  }

  public void attemptsMax(int slot, int max) {
    memory.putInt(at(slot, ATTEMPTS_MAX), max);
  }

  /** How many leases of the slot's task were lost while it ran. */
  public int returns(int slot) {
    return returns(slot, word(slot));
  }

  private int returns(int slot, long word) {
    return returnsOf(slot, word) & RETURNS_MAX;
  }

  /** The field without its tag; 0 if it is a former task's. */
  private int returnsOf(int slot, long word) {
    int field = memory.getInt(at(slot, RETURNS));
    return field >>> RETURNS_BITS == returnsTag(word) ? field & RETURNS_TAG : 0;
  }

  /**
   * Main Scheduler: counts for the task of this word, after the move that let go of it. If the slot
   * has another task by now, that one does not see it.
   *
   * @return how many it has with these
   */
  public int countReturns(int slot, long word, int more) {
    int count = Math.min(RETURNS_MAX, returns(slot, word) + more);
    if (more > 0) {
      int suspect = returnsOf(slot, word) & SUSPECT;
      memory.putInt(at(slot, RETURNS), returnsTag(word) << RETURNS_BITS | suspect | count);
    }
    return count;
  }

  /**
   * Whether a lease of the slot's task was lost of which nobody knows whether its handler had
   * begun.
   */
  public boolean isSuspect(int slot) {
    return (returnsOf(slot, word(slot)) & SUSPECT) != 0;
  }

  /** Main Scheduler: such a lease of the task of this word was lost. As {@link #countReturns}. */
  public void suspect(int slot, long word) {
    int field = returnsOf(slot, word) | SUSPECT;
    memory.putInt(at(slot, RETURNS), returnsTag(word) << RETURNS_BITS | field);
  }

  private static int returnsTag(long word) {
    return StateWord.generation(word) & RETURNS_TAG;
  }

  public boolean isDisk(int slot) {
    return (memory.getInt(at(slot, FLAGS)) & FLAG_DISK) != 0;
  }

  public boolean hasTerms(int slot) {
    return (memory.getInt(at(slot, FLAGS)) & FLAG_TERMS) != 0;
  }

  public void flags(int slot, int flags) {
    memory.putInt(at(slot, FLAGS), flags);
  }

  public boolean isCancelAsked(int slot) {
    return memory.getIntAcquire(at(slot, CANCEL)) != 0;
  }

  public void cancelAsked(int slot, boolean asked) {
    memory.putIntRelease(at(slot, CANCEL), asked ? 1 : 0);
  }

  public long readyTick(int slot) {
    return memory.getLong(at(slot, READY_TICK));
  }

  public void readyTick(int slot, long tick) {
    memory.putLong(at(slot, READY_TICK), tick);
  }

  /** PLM in FILLING: nothing of the slot's former task is left for this one. */
  public void clearLife(int slot) {
    for (int offset = ASSIGNED_NANOS; offset < STRIDE; offset += 8) {
      memory.putLong(at(slot, offset), 0);
    }
  }

  private long at(int slot, int field) {
    if (slot < 0 || slot >= capacity) {
      throw new IndexOutOfBoundsException("no such slot: slot=" + slot + " capacity=" + capacity);
    }
    return RegionHeader.BYTES + (long) slot * STRIDE + field;
  }
}
