package io.tidemill.shm.inspect;

import io.tidemill.shm.config.Key;
import io.tidemill.shm.config.Settings;
import io.tidemill.shm.instance.DataDir;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.instance.InstanceException;
import io.tidemill.shm.instance.Journals;
import io.tidemill.shm.instance.RegionFile;
import io.tidemill.shm.instance.Regions;
import io.tidemill.shm.journal.Cycle;
import io.tidemill.shm.journal.JournalReader;
import io.tidemill.shm.journal.OutcomeDecoder;
import io.tidemill.shm.journal.Position;
import io.tidemill.shm.journal.RecordKind;
import io.tidemill.shm.journal.RecordVisitor;
import io.tidemill.shm.journal.ScanResult;
import io.tidemill.shm.journal.SubmissionDecoder;
import io.tidemill.shm.os.Host;
import io.tidemill.shm.region.RegionHeader.Kind;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntPredicate;

/**
 * Holds a client's ledger against the journals and the slots, and believes no server. The instance
 * may run: the slots are read before the outcomes, so that a task that ends meanwhile is found in
 * one of them.
 */
public final class Audit {
  private static final int ATTEMPTS = 3;
  private static final int EXAMPLES = 5;
  private static final int STATE_MASK = (1 << StateWord.STATE_BITS) - 1;

  private final DataDir dir;
  private final LedgerTasks tasks = new LedgerTasks();
  private final LedgerReader ledger = new LedgerReader(tasks);
  private final List<String> notes = new ArrayList<>();
  private final List<String> damage = new ArrayList<>();
  private final Map<String, List<String>> examples = new TreeMap<>();
  private Duplicates duplicates = new Duplicates();
  private boolean slotsRead;
  private boolean oldCyclesGone;

  private Audit(DataDir dir) {
    this.dir = dir;
  }

  /**
   * Draws up the account.
   *
   * @param settings of the instance: where its mapped files are
   * @param ledgers of all clients that are to be accounted for
   * @throws InstanceException if a ledger cannot be read; a sentence for the user
   */
  public static Account run(Path data, Settings settings, List<Path> ledgers) {
    Audit audit = new Audit(new DataDir(data, settings.text(Key.SHM_DIR)));
    ledgers.forEach(audit.ledger::read);
    audit.collect();
    return audit.account();
  }

  /** Again, if a cycle was deleted under our eyes: retention goes on in a running instance. */
  private void collect() {
    for (int attempt = 1; attempt == 1 || (!damage.isEmpty() && attempt <= ATTEMPTS); attempt++) {
      damage.clear();
      notes.clear();
      tasks.beginCollecting();
      duplicates = new Duplicates();
      try (JournalReader submissions = Journals.read(dir.submissions());
          JournalReader outcomes = Journals.read(dir.outcomes())) {
        oldCyclesGone = isCut(submissions) || isCut(outcomes);
        readSubmissions(submissions);
        readSlots();
        readOutcomes(outcomes);
        oldCyclesGone |= isCut(submissions) || isCut(outcomes);
      }
    }
  }

  /**
   * Cycles are numbered from 1 without gaps: whatever came before the first one that is there was
   * deleted.
   */
  private static boolean isCut(JournalReader journal) {
    List<Cycle> cycles = journal.cycles();
    return !cycles.isEmpty() && cycles.get(0).number() > 1;
  }

  private void readSubmissions(JournalReader journal) {
    SubmissionDecoder submission = new SubmissionDecoder();
    scan(
        journal,
        record -> {
          if (record.kind() == RecordKind.SUBMISSION) {
            int task = tasks.find(submission.wrap(record).taskId());
            if (task >= 0) {
              tasks.submitted(task, submission.submittedMillis());
              duplicates.collect(submission);
            }
          }
        });
    journal.scan(
        Position.NONE,
        record -> {
          if (record.kind() == RecordKind.SUBMISSION) {
            duplicates.compare(submission.wrap(record));
          }
        });
  }

  private void readOutcomes(JournalReader journal) {
    OutcomeDecoder outcome = new OutcomeDecoder();
    scan(
        journal,
        record -> {
          if (record.kind() == RecordKind.OUTCOME) {
            int task = tasks.find(outcome.wrap(record).taskId());
            if (task >= 0) {
              tasks.recorded(
                  task, record.sequence(), TaskState.endOf(outcome.state()), outcome.endedMillis());
            }
          }
        });
  }

  private void scan(JournalReader journal, RecordVisitor visitor) {
    ScanResult result = journal.scan(Position.NONE, visitor);
    result.damage().forEach(flaw -> damage.add(flaw.toString()));
  }

  /**
   * After a boot, or without mapped files, a task lives if the journals say so: they are made anew
   * from these.
   */
  private void readSlots() {
    slotsRead = false;
    try {
      if (RegionFile.readSet(dir).get(Kind.CONTROL).boot() != Host.bootId()) {
        notes.add("the mapped files are of another boot: the slots were not regarded");
        return;
      }
      try (Regions regions = Instance.observe(dir)) {
        for (int task = 0; task < tasks.size(); task++) {
          if (isLive(regions.tasks(), tasks.id(task))) {
            tasks.live(task);
          }
        }
        slotsRead = true;
      }
    } catch (InstanceException | IOException e) {
      notes.add("the slots were not regarded: " + e.getMessage());
    }
  }

  /**
   * In its slot and not ended; one that is FILLING is settled by its submission when the PLM
   * starts.
   */
  private static boolean isLive(TaskTable slots, long id) {
    int slot = TaskId.slot(id);
    if (!slots.contains(slot)) {
      return false;
    }
    long word = slots.word(slot);
    int state = (int) (word & STATE_MASK);
    return state >= TaskState.FILLING.ordinal()
        && state <= TaskState.RECORDING.ordinal()
        && StateWord.generation(word) == TaskId.generation(id)
        && slots.id(slot) == id;
  }

  private Account account() {
    return new Account(
        ledger.submitted(),
        count("", tasks::isAcknowledged),
        count("", task -> tasks.isAcknowledged(task) && tasks.hasOutcome(task)),
        count("", this::isPending),
        count("lost", this::isLost),
        count("recorded_twice", tasks::isRecordedTwice),
        count("results_wrong", this::isResultWrong),
        count("results_missing", task -> tasks.hasOutcome(task) && !tasks.wasTold(task)),
        countDuplicates(),
        count("unverifiable", this::isUnverifiable),
        Stalls.longestMillis(tasks),
        ledger.badLines(),
        examples,
        List.copyOf(notes),
        List.copyOf(damage));
  }

  private boolean isPending(int task) {
    return tasks.isAcknowledged(task)
        && !tasks.hasOutcome(task)
        && tasks.hasSubmission(task)
        && (!slotsRead || tasks.isLive(task));
  }

  private boolean isLost(int task) {
    return tasks.isAcknowledged(task)
        && !tasks.hasOutcome(task)
        && !isPending(task)
        && !isUnverifiable(task);
  }

  private boolean isResultWrong(int task) {
    return tasks.wasTold(task) && tasks.wasToldWrong(task) && !isUnverifiable(task);
  }

  /**
   * A live task's submission is carried forward, so only one that is over can have gone with a
   * cycle.
   */
  private boolean isUnverifiable(int task) {
    return oldCyclesGone
        && !tasks.hasOutcome(task)
        && !tasks.hasSubmission(task)
        && !tasks.isLive(task);
  }

  private long count(String figure, IntPredicate condition) {
    long count = 0;
    for (int task = 0; task < tasks.size(); task++) {
      if (condition.test(task)) {
        count++;
        if (!figure.isEmpty()) {
          example(figure, tasks.id(task), tasks.describeResult(task));
        }
      }
    }
    return count;
  }

  private long countDuplicates() {
    duplicates.tasks().forEach(id -> example("duplicated", id, "again"));
    return duplicates.tasks().size();
  }

  private void example(String figure, long id, String what) {
    List<String> list = examples.computeIfAbsent(figure, key -> new ArrayList<>());
    if (list.size() < EXAMPLES) {
      list.add(Hex.of(id) + " " + what);
    }
  }
}
