package io.tidemill.register;

import io.tidemill.shm.instance.Backoffs;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.instance.InstanceException;
import io.tidemill.shm.instance.Journals;
import io.tidemill.shm.journal.AttemptDecoder;
import io.tidemill.shm.journal.Cycle;
import io.tidemill.shm.journal.JournalReader;
import io.tidemill.shm.journal.OutcomeDecoder;
import io.tidemill.shm.journal.Position;
import io.tidemill.shm.journal.RecordDescriptor;
import io.tidemill.shm.journal.RecordKind;
import io.tidemill.shm.journal.RecordView;
import io.tidemill.shm.journal.ScanResult;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.Counter;
import io.tidemill.shm.region.Mapping;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Before anything is served: brings the slots that the process before left RECORDING to where its
 * journal says they belong, and remembers what was recorded last. A slot whose lease has its record
 * there goes on as that says; the others stand under their lease again, and their workers still
 * have the results. A crash in here is settled the same way. Records of the run that was cut off
 * are counted here.
 */
final class Settlement {
  /** How much is looked at, at least, as far as there is as much. */
  private static final long TAIL_BYTES = 16 << 20;

  private static final Logger LOG = LoggerFactory.getLogger(Settlement.class);

  private final Instance instance;
  private final Control control;
  private final TaskTable tasks;
  private final Mapping mapping;
  private final RecentRecords recent;
  private final Backoffs backoffs;
  private final long journalStart;
  private final OutcomeDecoder outcome = new OutcomeDecoder();
  private final AttemptDecoder attempt = new AttemptDecoder();
  private final Map<Long, Integer> recording = new HashMap<>();
  private boolean unforced;
  private long countedThrough;
  private int ended;
  private int retried;
  private int givenBack;

  /**
   * @param journalStart where our own outcomes begin
   */
  Settlement(Instance instance, RecentRecords recent, long journalStart) {
    this.journalStart = journalStart;
    this.instance = instance;
    this.control = instance.control();
    this.tasks = instance.regions().tasks();
    this.mapping = instance.regions().mapping();
    this.recent = recent;
    this.backoffs = new Backoffs(instance.regions());
  }

  /** Answers whether there are outcomes that were promised to be on disk and may not be. */
  boolean run() {
    long started = System.nanoTime();
    for (int slot = 0; slot < control.slotsUsed(); slot++) {
      TaskState state = StateWord.state(tasks.word(slot));
      if (state == TaskState.RECORDING) {
        recording.put(tasks.id(slot), slot);
      }
      boolean due = state == TaskState.RECORDING || state.isEnd();
      unforced |= due && tasks.isDisk(slot);
    }
    readTail();
    recording.values().forEach(this::giveBack);
    LOG.info(
        "settled: ended={} retried={} given_back={} ms={}",
        ended,
        retried,
        givenBack,
        (System.nanoTime() - started) / 1_000_000);
    return unforced;
  }

  private void readTail() {
    try (JournalReader reader = instance.journals().readOutcomes()) {
      long from = tailStart(reader.cycles());
      if (from == Position.NONE) {
        control.outcomeRun(journalStart);
        return;
      }
      ScanResult result = reader.scan(from, this::onRecord);
      control.outcomeRun(Math.max(control.outcomeRun(), countedThrough));
      Journals.requireIntact(result);
    }
  }

  /** The cycle that the last run was written to, and those before it until there is enough. */
  private long tailStart(List<Cycle> cycles) {
    long run = control.outcomeRun();
    int last = Position.cycle(run);
    boolean isThere = run <= journalStart && cycles.stream().anyMatch(c -> c.number() == last);
    if (!isThere) {
      if (!recording.isEmpty()) {
        throw new InstanceException(
            "the outcome journal lacks the file that the last outcomes were written to: folder="
                + instance.dir().outcomes()
                + " cycle="
                + last
                + "; put it back, or delete the mapped files to rebuild them without");
      }
      return Position.NONE;
    }
    return Position.of(firstOfTail(cycles, last, Position.offset(run)), 0);
  }

  /**
   * As many cycles as it takes. Each start begins another one, so that of a Register that was
   * killed several times running they are short: a worker that got no verdict meanwhile sends a
   * report again that was recorded several starts ago.
   */
  private static int firstOfTail(List<Cycle> cycles, int last, long bytesOfLast) {
    int first = last;
    long bytes = bytesOfLast;
    for (int i = cycles.size() - 1; i >= 0 && bytes < TAIL_BYTES; i--) {
      Cycle cycle = cycles.get(i);
      if (cycle.number() == first - 1) {
        first = cycle.number();
        bytes += cycle.diskBytes();
      }
    }
    return first;
  }

  private void onRecord(RecordView record) {
    if (record.kind() == RecordKind.OUTCOME) {
      outcome.wrap(record);
      TaskState end = TaskState.endOf(outcome.state());
      recent.add(outcome.taskId(), outcome.lease(), record.position(), end);
      Integer slot = recording.get(outcome.taskId());
      if (slot != null && outcome.lease() == lease(tasks.word(slot))) {
        end(slot, record.position(), end);
      }
      if (isUncounted(record)) {
        control.count(Counter.ofEnd(end), 1);
        control.count(Counter.RECORDED, 1);
      }
    } else if (record.kind() == RecordKind.ATTEMPT) {
      attempt.wrap(record);
      recent.add(attempt.taskId(), attempt.lease(), record.position(), null);
      Integer slot = recording.get(attempt.taskId());
      if (slot != null && isOfLease(tasks.word(slot))) {
        retry(slot, record.position());
      }
      if (isUncounted(record)) {
        control.count(Counter.ATTEMPTS_FAILED, 1);
      }
    }
  }

  /** The process before counted each run as a whole, after its slots had moved on. */
  private boolean isUncounted(RecordView record) {
    countedThrough = record.position() + RecordDescriptor.ALIGNMENT;
    return record.position() >= control.outcomeRun();
  }

  private long lease(long word) {
    int number = StateWord.lease(word);
    return number == 0 ? 0 : TaskId.lease(control.epoch(), number);
  }

  /**
   * A slot without an owner was being ended by ourselves: its number is that of an earlier lease,
   * of which this tells.
   */
  private boolean isOfLease(long word) {
    return StateWord.worker(word) != StateWord.NO_WORKER && attempt.lease() == lease(word);
  }

  private void end(int slot, long position, TaskState end) {
    recording.remove(tasks.id(slot));
    tasks.outcome(slot, position);
    mapping.clear(slot);
    require(tasks.end(slot, tasks.word(slot), end), slot);
    ended++;
  }

  private void retry(int slot, long position) {
    recording.remove(tasks.id(slot));
    tasks.attempts(slot, attempt.attempt());
    tasks.outcome(slot, position);
    boolean waits = backoffs.postpone(slot, attempt.attempt(), attempt.millis());
    mapping.clear(slot);
    long word = tasks.word(slot);
    require(waits ? tasks.postpone(slot, word) : tasks.retry(slot, word), slot);
    retried++;
  }

  private void giveBack(int slot) {
    require(tasks.unrecord(slot, tasks.word(slot)), slot);
    givenBack++;
  }

  private static void require(long moved, int slot) {
    if (moved == -1) {
      throw new IllegalStateException("a RECORDING slot was moved by another: slot=" + slot);
    }
  }
}
