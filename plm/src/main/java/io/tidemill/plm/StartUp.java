package io.tidemill.plm;

import io.tidemill.shm.config.Key;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.instance.InstanceException;
import io.tidemill.shm.instance.Journals;
import io.tidemill.shm.instance.SlotFiller;
import io.tidemill.shm.journal.DefinitionFold;
import io.tidemill.shm.journal.JournalReader;
import io.tidemill.shm.journal.OutcomeDecoder;
import io.tidemill.shm.journal.RecordKind;
import io.tidemill.shm.journal.RecordView;
import io.tidemill.shm.journal.ScanResult;
import io.tidemill.shm.journal.SubmissionDecoder;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.DamagedException;
import io.tidemill.shm.region.Rings;
import io.tidemill.shm.region.Role;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.shm.region.TypeTable;
import io.tidemill.v1.StoredExtra;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a PLM does before it serves: settles the FILLING slots that its predecessor left, by what
 * the journal says, and rebuilds from slots and journals what it keeps on its own heap. A crash
 * here leaves nothing new: all of it is done again.
 */
final class StartUp {
  private static final Logger LOG = LoggerFactory.getLogger(StartUp.class);

  private final Instance instance;
  private final Control control;
  private final TaskTable tasks;
  private final TypeTable types;
  private final Sessions sessions;
  private final SlotFiller filler;
  private final CycleUse cycles = new CycleUse();
  private final Definitions definitions = new Definitions(cycles);
  private final DefinitionFold defined = new DefinitionFold();
  private final ScheduleRuns scheduleRuns = new ScheduleRuns();
  private final FoundUniqueKeys uniqueKeys = new FoundUniqueKeys();
  private final Map<Long, Long> requeued = new ConcurrentHashMap<>();
  private final EndedTasks kept;
  private final SubmissionDecoder submission = new SubmissionDecoder();
  private final OutcomeDecoder outcome = new OutcomeDecoder();
  private final long nowNanos = System.nanoTime();
  private final long unsettledFrom;
  private final LongRing ended = new LongRing();
  private final LongRing waiting = new LongRing();
  private byte[] lastType = {};
  private int lastTypeNumber;
  private FreeSlots free;
  private long highestSequence;
  private boolean requestIdsSeen;
  private int filling;
  private int published;

  StartUp(Instance instance, Sessions sessions) {
    this.instance = instance;
    this.control = instance.control();
    this.tasks = instance.regions().tasks();
    this.types = instance.regions().newTypes();
    this.sessions = sessions;
    this.filler = new SlotFiller(instance.regions());
    this.unsettledFrom = control.submissionRun();
    this.kept =
        new EndedTasks(
            keepCount(instance), instance.settings().integer(Key.RESULT_KEEP_SECONDS), cycles);
  }

  /** As many as are set, as far as our heap goes. */
  private static int keepCount(Instance instance) {
    int set = instance.settings().integer(Key.RESULT_KEEP_COUNT);
    int most = (int) Math.min(Integer.MAX_VALUE / 4, Runtime.getRuntime().maxMemory() / 128);
    if (set > most) {
      LOG.warn(
          "fewer ended tasks can be asked for than is set: result.keep.count={} kept={}; give the"
              + " process a larger heap",
          set,
          most);
    }
    return Math.min(set, most);
  }

  /** Does it all. */
  void run(JournalReader submissions, JournalReader outcomes) {
    long asked = control.sweepAsked(Role.PLM);
    refuseDamage(outcomes.scan(0, this::onOutcome));
    refuseDamage(submissions.scan(0, this::onRecord));
    definitions.found(defined);
    long readNanos = System.nanoTime();
    scanSlots();
    // This was one: whatever was asked for before it is met by it.
    control.sweepDone(Role.PLM, asked);
    if (filling > 0) {
      LOG.info("submissions under way were settled: accepted={} dropped={}", published, filling);
    }
    LOG.info(
        "state rebuilt: sessions={} ended_kept={} ms={} of_it_journals_ms={}",
        sessions.size(),
        kept.size(),
        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nowNanos),
        TimeUnit.NANOSECONDS.toMillis(readNanos - nowNanos));
  }

  CycleUse cycles() {
    return cycles;
  }

  Definitions definitions() {
    return definitions;
  }

  /** What schedules have submitted. */
  ScheduleRuns scheduleRuns() {
    return scheduleRuns;
  }

  /** The tasks that run ended ones again, by those. */
  Map<Long, Long> requeued() {
    return requeued;
  }

  /** The unique keys that tasks have. */
  FoundUniqueKeys uniqueKeys() {
    return uniqueKeys;
  }

  EndedTasks kept() {
    return kept;
  }

  FreeSlots free() {
    return free;
  }

  /** Ids of tasks whose slots have ended, to be taken. */
  LongRing ended() {
    return ended;
  }

  /** Those that wait for others wait again, for what has been kept of them or is to come. */
  void addWaiting(DependencyTurn turn, Dependencies dependencies, RecordReaders readers) {
    turn.found(definitions);
    try (RecordReaders.Lent lent = readers.lend()) {
      for (int i = 0; i < waiting.size(); i++) {
        int slot = (int) waiting.get(i);
        RecordView record = lent.read(tasks.submission(slot));
        if (record == null) {
          throw new DamagedException(
              "region=tasks slot=" + slot + " waits, and its submission is not in the journal");
        }
        submission.wrap(record);
        StoredExtra extra = Extras.of(submission.terms());
        long[] parents = extra.getDependsOnList().stream().mapToLong(Long::longValue).toArray();
        dependencies.add(new Dependent(submission.taskId(), extra.getDependencyRule(), parents));
      }
    }
    turn.forgetOrphans();
  }

  boolean requestIdsSeen() {
    return requestIdsSeen;
  }

  /**
   * A task that is in its slot still is taken from there, like any other: what was promised to be
   * on disk may not be yet.
   */
  private void onOutcome(RecordView record) {
    if (record.kind() != RecordKind.OUTCOME) {
      return;
    }
    outcome.wrap(record);
    if (tasks.wordOf(outcome.taskId()) != -1) {
      return;
    }
    TaskState end = TaskState.endOf(outcome.state());
    long endedSeconds = TimeUnit.MILLISECONDS.toSeconds(outcome.endedMillis());
    // One that is still in its slot is taken out of that, once its outcome is where it was
    // promised.
    if (end != null && tasks.wordOf(outcome.taskId()) == -1) {
      kept.add(outcome.taskId(), record.position(), 0, endedSeconds, EndedTasks.LANE_UNKNOWN, end);
    }
  }

  private void onRecord(RecordView record) {
    if (record.kind() == RecordKind.SUBMISSION) {
      count(record);
      onSubmission(record);
    } else if (record.kind() == RecordKind.DEFINITION) {
      count(record);
      defined.read(record);
    }
  }

  private void count(RecordView record) {
    cycles.record(record.position(), record.sequence(), highestSequence);
    highestSequence = Math.max(highestSequence, record.sequence());
  }

  private void onSubmission(RecordView record) {
    submission.wrap(record);
    if (submission.sessionId() != 0) {
      sessions.known(submission.sessionId(), submission.sessionNumber(), submission.taskId());
    }
    requestIdsSeen |= !submission.requestId().isEmpty();
    if (submission.hasTerms()) {
      onTerms(record);
    }
    int at = kept.find(submission.taskId());
    if (at >= 0) {
      kept.submission(at, record.position(), typeNumber());
    }
    if (record.position() >= unsettledFrom) {
      settle(record);
    }
  }

  private void onTerms(RecordView record) {
    StoredExtra extra = Extras.of(submission.terms());
    if (extra.getRequeuedFrom() != 0) {
      requeued.put(extra.getRequeuedFrom(), submission.taskId());
    } else if (!extra.getSchedule().isEmpty()) {
      scheduleRuns.found(extra, submission.taskId(), record.sequence());
    }
    if (!extra.getUniqueKey().isEmpty()) {
      int at = kept.find(submission.taskId());
      boolean inSlot = tasks.wordOf(submission.taskId()) != -1;
      uniqueKeys.found(extra, submission.taskId(), inSlot, at < 0 ? -1 : kept.endedSeconds(at));
    }
  }

  /** Most records have the lane of the one before, which is their type. */
  private int typeNumber() {
    if (submission.hasTerms()) {
      return numberOf(types.find(submission.lane()));
    }
    if (!submission.typeEquals(lastType)) {
      lastType = submission.typeBytes();
      lastTypeNumber = numberOf(types.find(submission.type()));
    }
    return lastTypeNumber;
  }

  private static int numberOf(int found) {
    return found < 0 ? EndedTasks.LANE_UNKNOWN : found;
  }

  /** Publishes a slot whose submission is in the journal though its state does not say so. */
  private void settle(RecordView record) {
    int slot = TaskId.slot(submission.taskId());
    if (!tasks.contains(slot)) {
      return;
    }
    long word = tasks.word(slot);
    boolean left =
        StateWord.state(word) == TaskState.FILLING
            && StateWord.generation(word) == TaskId.generation(submission.taskId())
            && TaskId.epoch(submission.taskId()) == control.epoch();
    if (left) {
      write(slot, record);
      TaskState state = filler.stateOf(slot);
      tasks.publish(slot, word, state);
      instance
          .regions()
          .rings()
          .plmToScheduler()
          .offer(
              Rings.event(state == TaskState.READY ? Rings.TASK_READY : Rings.TASK_WAITING, slot),
              record.sequence());
      published++;
    } else if (isBehind(slot, record.position())) {
      follow(slot, record);
    }
  }

  /** A live task whose submission was written anew, before its slot was made to point to that. */
  private boolean isBehind(int slot, long position) {
    long word = tasks.wordOf(submission.taskId());
    return word != -1
        && StateWord.state(word).isLive()
        && StateWord.state(word) != TaskState.FILLING
        && tasks.submission(slot) < position;
  }

  /**
   * What was written last holds, as it would after a boot. The place comes last, so that after a
   * death in between the slot is behind still.
   */
  private void follow(int slot, RecordView record) {
    tasks.priorityChanged(slot, submission.priority());
    if (tasks.hasTerms(slot)) {
      instance.regions().terms().pending(slot, submission.terms().pending());
    }
    tasks.submissionMoved(slot, record.position());
    instance
        .regions()
        .rings()
        .plmToScheduler()
        .offer(Rings.event(Rings.TASK_READY, slot), record.sequence());
  }

  private void write(int slot, RecordView record) {
    int type = types.intern(submission.lane());
    if (type < 0) {
      throw new InstanceException(
          "a journaled task has a type that is not in the full table of types: type="
              + submission.lane()
              + "; raise types.max");
    }
    filler.fill(slot, record, submission, type);
  }

  /** After the journals: what is FILLING now has no record. */
  private void scanSlots() {
    int frontier = control.slotsUsed();
    free = new FreeSlots(tasks.capacity(), frontier, control::slotsUsed);
    for (int slot = 0; slot < frontier; slot++) {
      sort(slot);
    }
  }

  private void sort(int slot) {
    long word = tasks.word(slot);
    TaskState state = StateWord.state(word);
    if (state == TaskState.FILLING) {
      word = tasks.abandon(slot, word);
      if (word == -1) {
        throw new DamagedException("region=tasks slot=" + slot + " moved while it was FILLING");
      }
      state = TaskState.FREE;
      filling++;
    }
    if (state == TaskState.FREE) {
      if (TaskTable.isRetired(word)) {
        free.retire();
      } else {
        free.give(slot);
      }
      return;
    }
    cycles.hold(tasks.submission(slot));
    if (state == TaskState.WAITING
        && tasks.hasTerms(slot)
        && instance.regions().terms().pending(slot) > 0) {
      waiting.add(slot);
    }
    if (state.isEnd()) {
      ended.add(tasks.id(slot));
    }
  }

  private void refuseDamage(ScanResult result) {
    result.cuts().forEach(cut -> LOG.info("a torn tail of a journal was cut: {}", cut));
    Journals.requireIntact(result);
  }
}
