package io.tidemill.plm;

import io.grpc.Status;
import io.tidemill.shm.config.Key;
import io.tidemill.shm.instance.Fatal;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.instance.SlotFiller;
import io.tidemill.shm.journal.Definition;
import io.tidemill.shm.journal.Journal;
import io.tidemill.shm.journal.RecordDescriptor;
import io.tidemill.shm.journal.RunWriter;
import io.tidemill.shm.journal.SubmissionEncoder;
import io.tidemill.shm.journal.Terms;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.Counter;
import io.tidemill.shm.region.Ring;
import io.tidemill.shm.region.Rings;
import io.tidemill.shm.region.Role;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.shm.region.TypeTable;
import io.tidemill.shm.region.WakeUp;
import io.tidemill.v1.Durability;
import io.tidemill.v1.TaskSpec;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes tasks of submissions: slot, journal, slot again, in this order. The one writer of the
 * submissions journal, of the ring to the Main Scheduler and of the types; its lock is held for
 * some hundred tasks at a time.
 *
 * <p>What a crash leaves: before the run is committed, FILLING slots without a record, which the
 * next start frees; after it, FILLING slots with one, which it publishes. The client has no
 * acknowledgement in either case and asks again, under the same number or request id.
 */
final class Acceptance {
  /**
   * Kept short so that others get their turn, and a run's bytes stay within what is allocated
   * ahead.
   */
  private static final int CHUNK_TASKS = 1_024;

  /** Of definitions that do not belong together. */
  private static final int DEFINED_AT_A_TIME = 64;

  private static final long CHUNK_BYTES = 2 << 20;

  /** An atomic call is one chunk. */
  static final int ATOMIC_TASKS_MAX = 1_000;

  private static final long ATOMIC_BYTES_MAX = CHUNK_BYTES;
  private static final Logger LOG = LoggerFactory.getLogger(Acceptance.class);
  private static final int RETRY_AFTER_MILLIS = 200;
  private static final int DISK_RETRY_AFTER_MILLIS = 2_000;

  /** What a record has beside payload, type and request id, generously. */
  private static final int RECORD_BYTES = 160 + RecordDescriptor.OVERHEAD_MAX;

  private static final int UTF8_BYTES_MAX = 4;

  private final Instance instance;
  private final Control control;
  private final TaskTable tasks;
  private final TypeTable types;
  private final Ring toScheduler;
  private final WakeUp scheduler;
  private final Journal journal;
  private final FreeSlots free;
  private final CycleUse cycles;
  private final Definitions definitions;
  private final SpecCheck check;
  private final DependencyIntake dependencies;
  private final QueueLengths lengths;
  private final UniqueHolds uniqueHolds;
  private final SpecTimes times;
  private final SlotFiller filler;
  private final SubmissionEncoder encoder = new SubmissionEncoder();

  private final int[] indexes = new int[CHUNK_TASKS];
  private final int[] typeNumbers = new int[CHUNK_TASKS];
  private final int[] slots = new int[CHUNK_TASKS];
  private final long[] words = new long[CHUNK_TASKS];

  /** Whether it asks for more than every task has: looked at once, since most do not. */
  private final boolean[] asks = new boolean[CHUNK_TASKS];

  /** Null of those that have none. */
  private final Terms[] terms = new Terms[CHUNK_TASKS];

  private String lastType = "";
  private int lastTypeNumber = -1;
  private boolean isFull;

  Acceptance(
      Instance instance,
      Journal journal,
      FreeSlots free,
      CycleUse cycles,
      Definitions definitions,
      SpecCheck check,
      DependencyIntake dependencies,
      QueueLengths lengths,
      UniqueHolds uniqueHolds) {
    this.uniqueHolds = uniqueHolds;
    this.lengths = lengths;
    this.dependencies = dependencies;
    this.filler = new SlotFiller(instance.regions());
    this.instance = instance;
    this.control = instance.control();
    this.tasks = instance.regions().tasks();
    this.types = instance.regions().newTypes();
    this.toScheduler = instance.regions().rings().plmToScheduler();
    this.scheduler = instance.regions().wakeUp(Role.SCHEDULER);
    this.journal = journal;
    this.free = free;
    this.cycles = cycles;
    this.definitions = definitions;
    this.check = check;
    this.times = new SpecTimes(instance.settings(), control);
  }

  SpecCheck check() {
    return check;
  }

  /** Accepts or refuses whatever in the batch is not settled. */
  void accept(Batch batch) {
    accept(batch, batch.size());
  }

  /**
   * Accepts all of a batch in one run of the journal, or none. One that was accepted before, and is
   * asked for again, is known by its request ids as a whole.
   */
  private synchronized void acceptAtomic(Batch batch) {
    int count = 0;
    long bytes = 0;
    for (int at = 0; at < batch.size(); at++) {
      if (!batch.isSettled(at) && choose(batch, at, count)) {
        bytes += bytes(batch.spec(at), count);
        count++;
      }
    }
    if (count == 0) {
      return;
    }
    Refused cycle = count == batch.size() ? DependencyCheck.cycle(batch.specs()) : null;
    if (bytes > ATOMIC_BYTES_MAX) {
      refuseFrom(batch, 0, count, tooLarge(bytes));
    } else if (count < batch.size()) {
      refuseFrom(batch, 0, count, oneRefused());
    } else if (cycle != null) {
      refuseFrom(batch, 0, count, cycle);
    } else {
      acceptChosen(batch, count, bytes);
    }
    if (!batch.refused().isEmpty()) {
      control.count(Counter.REFUSED, batch.refused().size());
    }
  }

  private static Refused tooLarge(long bytes) {
    return Refused.invalid(
        "ATOMIC_TOO_LARGE",
        "tasks",
        bytes + " bytes",
        "too much for one atomic call: bytes="
            + bytes
            + " limit="
            + ATOMIC_BYTES_MAX
            + "; shorten the payloads, or hand on references");
  }

  private static Refused oneRefused() {
    return new Refused(
        Status.Code.ABORTED,
        "ATOMIC_REFUSED",
        "another task of the same atomic call was refused, or is known already, so this one is not"
            + " accepted either",
        Map.of("field", "atomic"),
        0);
  }

  /** The same for the first {@code to} of the batch; for all of one that is atomic. */
  void accept(Batch batch, int to) {
    if (batch.isAtomic()) {
      acceptAtomic(batch);
      return;
    }
    int next = 0;
    while (next < to) {
      next = acceptChunk(batch, next, to);
    }
  }

  /**
   * Does something while nothing is accepted, so that no slot is filled and the journal has no
   * other writer. Short.
   */
  synchronized <T> T whileNothingIsAccepted(Supplier<T> work) {
    return work.get();
  }

  /** Counts submissions that named a task that is known already. */
  synchronized void countDuplicates(int count) {
    if (count > 0) {
      control.count(Counter.DUPLICATES, count);
    }
  }

  /** Counts submissions that never came as far as here. */
  synchronized void countRefused(int count) {
    control.count(Counter.REFUSED, count);
  }

  /**
   * Makes definitions hold, all of them or none.
   *
   * @return null, or why they do not
   */
  synchronized Refused define(List<Definitions.Change> changes) {
    Refused refused = definitions.check(changes);
    if (refused == null) {
      refused = room(Definitions.journalBytes(changes));
    }
    if (refused != null) {
      return refused;
    }
    try {
      long sequence = control.drawSequences(changes.size());
      RunWriter run = journal.begin();
      List<Definition> appended = definitions.append(run, sequence, changes, control.nowMillis());
      run.commit();
      definitions.hold(appended);
    } catch (Throwable broken) {
      Fatal.halt(instance, "a definition broke off", broken);
      throw broken;
    }
    return null;
  }

  /**
   * Makes definitions hold that do not belong together: in parts, so that no submission waits for
   * all of them.
   *
   * @return how many of them hold: the first ones, as far as there is room
   */
  int defineEach(List<Definitions.Change> changes) {
    int done = 0;
    while (done < changes.size()) {
      int to = Math.min(changes.size(), done + DEFINED_AT_A_TIME);
      if (define(changes.subList(done, to)) != null) {
        break;
      }
      done = to;
    }
    return done;
  }

  private synchronized int acceptChunk(Batch batch, int from, int to) {
    int refusedBefore = batch.refused().size();
    int count = 0;
    long bytes = 0;
    int at = from;
    for (; at < to && count < CHUNK_TASKS && bytes < CHUNK_BYTES; at++) {
      if (!batch.isSettled(at) && choose(batch, at, count)) {
        bytes += bytes(batch.spec(at), count);
        count++;
      }
    }
    if (count > 0) {
      acceptChosen(batch, count, bytes + SpecTerms.bytes(batch));
    }
    int refused = batch.refused().size() - refusedBefore;
    if (refused > 0) {
      control.count(Counter.REFUSED, refused);
    }
    return at;
  }

  /** Looks at one submission; false if it is refused. */
  private boolean choose(Batch batch, int index, int place) {
    TaskSpec spec = batch.spec(index);
    Refused wrong = check.check(spec);
    if (wrong == null && (spec.getDependsOnCount() > 0 || spec.getDependencyRuleValue() != 0)) {
      wrong = dependencies.check(spec, batch.isAtomic() ? batch.size() : 0);
    }
    if (wrong != null) {
      batch.refuse(index, wrong);
      return false;
    }
    boolean asksForMore = asksForMore(batch, index);
    String lane = asksForMore ? SpecLane.text(spec) : spec.getType();
    int type = typeNumber(lane);
    if (type < 0) {
      batch.refuse(index, typesFull(lane));
      return false;
    }
    Refused full = lengths.check(type, typeNumbers, place);
    if (full != null) {
      batch.refuse(index, full);
      return false;
    }
    indexes[place] = index;
    typeNumbers[place] = type;
    asks[place] = asksForMore;
    return true;
  }

  private boolean asksForMore(Batch batch, int index) {
    TaskSpec spec = batch.spec(index);
    return SpecTerms.isAskedBy(spec, batch.origin(index))
        || times.isAskedBy(spec, check.attempts(spec));
  }

  private int typeNumber(String type) {
    if (!lastType.equals(type)) {
      int number = types.intern(type);
      if (number < 0) {
        return number;
      }
      lastType = type;
      lastTypeNumber = number;
    }
    return lastTypeNumber;
  }

  private long bytes(TaskSpec spec, int place) {
    return RECORD_BYTES
        + (asks[place] ? SpecTerms.bytes(spec) : 0)
        + spec.getPayload().size()
        + spec.getType().length()
        + (long) UTF8_BYTES_MAX * spec.getRequestId().length();
  }

  private void acceptChosen(Batch batch, int count, long bytes) {
    if (!reserve(bytes)) {
      Refused full = diskFull(bytes);
      sayFull(full);
      refuseFrom(batch, 0, count, full);
      return;
    }
    sayRoom();
    int taken = free.take(slots, count);
    if (taken < count && batch.isAtomic()) {
      free.give(slots, taken);
      refuseFrom(batch, 0, count, tasksFull());
      return;
    }
    if (taken < count) {
      refuseFrom(batch, taken, count, tasksFull());
    }
    if (taken > 0) {
      write(batch, taken);
    }
  }

  /** While nothing is accepted: null if the journal has room for so many bytes, or why not. */
  Refused room(long bytes) {
    return reserve(bytes) ? null : diskFull(bytes);
  }

  private boolean reserve(long bytes) {
    try {
      return journal.reserve(bytes);
    } catch (RuntimeException e) {
      Fatal.halt(instance, "the submissions journal cannot be written", e);
      throw e;
    }
  }

  private void refuseFrom(Batch batch, int from, int to, Refused why) {
    for (int i = from; i < to; i++) {
      batch.refuse(indexes[i], why);
    }
  }

  /**
   * From the first FILLING slot to the last READY or WAITING one. Nothing that can fail here leaves
   * the process running.
   */
  private void write(Batch batch, int count) {
    try {
      long sequence = control.drawSequences(count + batch.along().size());
      // One time for slot and record, so that a task tells the same when it has left its slot.
      long nanos = control.nanoTime();
      fill(batch, count, sequence, nanos);
      append(batch, count, sequence, control.millisAt(nanos));
      publish(batch, count, sequence);
    } catch (Throwable broken) {
      Fatal.halt(instance, "a run of submissions broke off", broken);
      throw broken;
    }
    control.count(Counter.ACCEPTED, count);
    scheduler.wake();
  }

  private void fill(Batch batch, int count, long sequence, long nanos) {
    for (int i = 0; i < count; i++) {
      int slot = slots[i];
      long word = tasks.fill(slot, tasks.word(slot));
      if (word == -1) {
        throw new IllegalStateException(
            "a free slot is not free: slot=" + slot + " " + StateWord.describe(tasks.word(slot)));
      }
      words[i] = word;
      int index = indexes[i];
      TaskSpec spec = batch.spec(index);
      tasks.clearLife(slot);
      tasks.id(slot, TaskId.of(control.epoch(), StateWord.generation(word), slot));
      tasks.sequence(slot, sequence + i);
      tasks.priority(slot, spec.getPriority());
      tasks.type(slot, typeNumbers[i]);
      tasks.submittedNanos(slot, nanos);
      tasks.session(slot, batch.sessionId(), batch.sessionId() == 0 ? 0 : batch.number(index));
      tasks.timeoutMs(slot, check.timeoutMillis(spec));
      tasks.attemptsMax(slot, check.attempts(spec));
      lengths.accepted(typeNumbers[i]);
      tasks.flags(
          slot,
          (check.isDisk(spec) ? TaskTable.FLAG_DISK : 0) | (asks[i] ? TaskTable.FLAG_TERMS : 0));
      terms[i] = null;
    }
    for (int i = 0; i < count; i++) {
      if (asks[i]) {
        // Now that all have their ids.
        TaskSpec spec = batch.spec(indexes[i]);
        Terms others =
            SpecTerms.of(spec, batch.origin(indexes[i]), other -> tasks.id(slots[other]));
        terms[i] = times.addTo(others, spec, check.attempts(spec));
        filler.fillTerms(slots[i], terms[i]);
        uniqueHolds.accepted(tasks.id(slots[i]), spec);
      }
    }
  }

  private void append(Batch batch, int count, long sequence, long millis) {
    control.submissionRun(journal.appendedThrough());
    RunWriter run = journal.begin();
    for (int i = 0; i < count; i++) {
      encode(batch, i, millis);
      tasks.submission(slots[i], run.append(sequence + i, encoder));
    }
    cycles.holdRun(tasks.submission(slots[0]), sequence, count);
    List<Definition> along = definitions.append(run, sequence + count, batch.along(), millis);
    run.commit();
    definitions.hold(along);
  }

  private void encode(Batch batch, int i, long millis) {
    int index = indexes[i];
    TaskSpec spec = batch.spec(index);
    int slot = slots[i];
    encoder
        .task(tasks.id(slot), millis, spec.getType(), spec.getPriority())
        .requestId(spec.getRequestId())
        .terms(
            check.timeoutMillis(spec),
            check.attempts(spec),
            check.isDisk(spec)
                ? TaskTable.DURABILITY_DISK
                : (byte) Durability.DURABILITY_PROCESS_VALUE)
        .payload(spec.getPayload().asReadOnlyByteBuffer());
    if (batch.sessionId() != 0) {
      encoder.session(batch.sessionId(), batch.number(index));
    }
    if (terms[i] != null) {
      encoder.terms(terms[i]);
    }
  }

  private void publish(Batch batch, int count, long sequence) {
    for (int i = 0; i < count; i++) {
      int slot = slots[i];
      batch.accepted(indexes[i], tasks.id(slot), tasks.isDisk(slot));
      TaskState state = filler.stateOf(slot);
      if (tasks.publish(slot, words[i], state) == -1) {
        throw new IllegalStateException(
            "somebody else moved a slot that is being filled: slot="
                + slot
                + " "
                + StateWord.describe(tasks.word(slot)));
      }
      if (terms[i] != null && terms[i].pending() > 0) {
        TaskSpec spec = batch.spec(indexes[i]);
        dependencies.added(
            tasks.id(slot),
            DependencyIntake.rule(spec),
            DependencyIntake.parents(spec, other -> tasks.id(slots[other])));
      }
      int kind = state == TaskState.READY ? Rings.TASK_READY : Rings.TASK_WAITING;
      toScheduler.stage(Rings.event(kind, slot), sequence + i);
    }
    toScheduler.publish();
  }

  private void sayFull(Refused full) {
    if (!isFull) {
      isFull = true;
      LOG.warn("submissions are refused: {}", full.message());
    }
  }

  private void sayRoom() {
    if (isFull) {
      isFull = false;
      LOG.info("there is room on the disk again: submissions are accepted");
    }
  }

  private Refused tasksFull() {
    int retired = free.retired();
    return Refused.exhausted(
        "TASKS_FULL",
        "no room for another task: tasks.max="
            + tasks.capacity()
            + (retired == 0
                ? "; try again when some have ended, or raise tasks.max"
                : " retired_slots="
                    + retired
                    + "; try again when some have ended, or stop the instance and delete its mapped"
                    + " files (the folder shm): made anew, they have all slots again"),
        Map.of(
            "field",
            Key.TASKS_MAX.key(),
            "value",
            Integer.toString(tasks.capacity()),
            "retry_after_ms",
            Integer.toString(RETRY_AFTER_MILLIS)),
        RETRY_AFTER_MILLIS);
  }

  private Refused typesFull(String type) {
    return new Refused(
        Status.Code.RESOURCE_EXHAUSTED,
        "TYPES_FULL",
        "no room for another class of work: type="
            + type
            + " types.max="
            + types.capacity()
            + "; use types, queues and requirements that are known, or raise types.max",
        Map.of("field", "type", "value", type, "limit", Integer.toString(types.capacity())),
        0);
  }

  private Refused diskFull(long bytes) {
    return Refused.exhausted(
        "DISK_FULL",
        "no room on the disk for the submissions journal: path="
            + journal.folder()
            + " needed_bytes="
            + bytes
            + " available_bytes="
            + journal.availableBytes()
            + "; free some, then it goes on by itself",
        Map.of(
            "path",
            journal.folder().toString(),
            "available_bytes",
            Long.toString(journal.availableBytes()),
            "retry_after_ms",
            Integer.toString(DISK_RETRY_AFTER_MILLIS)),
        DISK_RETRY_AFTER_MILLIS);
  }
}
