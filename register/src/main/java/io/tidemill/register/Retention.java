package io.tidemill.register;

import io.tidemill.shm.instance.Fatal;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.journal.Cycle;
import io.tidemill.shm.journal.Journal;
import io.tidemill.shm.journal.JournalReader;
import io.tidemill.shm.journal.Position;
import io.tidemill.shm.journal.RecordKind;
import io.tidemill.shm.region.Control;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes finished cycles of the outcome journal once the submissions of all their tasks are gone:
 * their sequences are below the oldest submission that the PLM keeps. By the agent; only what
 * writes is guarded, and the files are deleted by a thread of their own, since a file system may
 * take a quarter of a second to give back a file's blocks.
 */
final class Retention implements AutoCloseable {
  private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final int CLOSE_SECONDS = 60;
  private static final Logger LOG = LoggerFactory.getLogger(Retention.class);

  /** What is done next. */
  private enum Stage {
    LOOKING,
    CARRYING,
    FORCING,
    DELETING
  }

  /** Ends a scan at the first outcome. */
  private static final class Found extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final long sequence;

    Found(long sequence) {
      super(null, null, false, false);
      this.sequence = sequence;
    }
  }

  private final Control control;
  private final Journal journal;
  private final Guard guard;
  private final JournalReader reader;
  private final TreeMap<Integer, Long> firstSequences = new TreeMap<>();
  private final Committer committer;
  private final AttemptCarrying attempts;
  private final LeaseNotes notes;
  private final Instance instance;
  private final ExecutorService deleter = Executors.newSingleThreadExecutor(Retention::newThread);
  private volatile boolean deleted;
  private Stage stage = Stage.LOOKING;
  private int keepFrom;
  private long carriedThrough;
  private long oldestSeen;
  private long nextLook;

  Retention(
      Instance instance, Journal journal, Guard guard, Committer committer, LeaseNotes notes) {
    this.instance = instance;
    this.control = instance.control();
    this.journal = journal;
    this.guard = guard;
    this.committer = committer;
    this.notes = notes;
    this.reader = instance.journals().readOutcomes();
    this.attempts = new AttemptCarrying(instance, journal, reader);
  }

  void turn(long now) {
    if (stage == Stage.LOOKING) {
      look(now);
    }
    if (stage == Stage.CARRYING) {
      guard.run(this::carry);
    }
    if (stage == Stage.FORCING && journal.forcedThrough() >= carriedThrough) {
      stage = Stage.DELETING;
      guard.run(notes::tidy);
      deleter.execute(this::delete);
    }
    if (stage == Stage.DELETING && deleted) {
      deleted = false;
      stage = Stage.LOOKING;
    }
  }

  private void look(long now) {
    long oldest = control.submissionsOldest();
    if (now - nextLook < 0 || oldest == oldestSeen) {
      return;
    }
    nextLook = now + PERIOD_NANOS;
    oldestSeen = oldest;
    keepFrom = Math.min(firstKept(oldest), Position.cycle(control.outcomeRun()));
    if (!firstSequences.headMap(keepFrom).isEmpty()) {
      firstSequences.headMap(keepFrom).clear();
      attempts.begin(keepFrom);
      stage = Stage.CARRYING;
    }
    reader.trim();
  }

  private void carry() {
    if (!attempts.turn()) {
      return;
    }
    carriedThrough = attempts.copied() == 0 ? Position.NONE : journal.appendedThrough();
    if (attempts.copied() > 0) {
      LOG.info("attempts of live tasks carried forward: records={}", attempts.copied());
      committer.forceSoon();
    }
    stage = Stage.FORCING;
  }

  /** The latest cycle whose first outcome is not needed any more: nothing before it is. */
  private int firstKept(long oldest) {
    List<Cycle> cycles = reader.cycles();
    int keep = cycles.isEmpty() ? 0 : cycles.get(0).number();
    for (Cycle cycle : cycles) {
      Long first = firstSequences.computeIfAbsent(cycle.number(), this::firstSequence);
      if (first == null || first > oldest) {
        break;
      }
      keep = cycle.number();
    }
    return keep;
  }

  /**
   * The sequence of the first outcome from a cycle on, which is above all in the cycles before. Not
   * that of an attempt, which may have been carried there from long ago.
   */
  private Long firstSequence(int cycle) {
    try {
      reader.scan(
          Position.of(cycle, 0),
          record -> {
            if (record.kind() == RecordKind.OUTCOME) {
              throw new Found(record.sequence());
            }
          });
      return null; // There is none yet: asked again.
    } catch (Found found) {
      return found.sequence;
    }
  }

  /**
   * What was carried out of these cycles is on the disk. On a thread of its own; a crash here
   * leaves files that the next start deletes.
   */
  private void delete() {
    try {
      long freed = journal.deleteCyclesBefore(keepFrom);
      if (freed > 0) {
        LOG.info("old outcomes deleted: cycles_before={} bytes={}", keepFrom, freed);
      }
      deleted = true;
    } catch (Throwable broken) {
      Fatal.halt(instance, "old outcomes cannot be deleted", broken);
    }
  }

  private static Thread newThread(Runnable work) {
    Thread thread = new Thread(work, "retention");
    thread.setDaemon(true);
    return thread;
  }

  /** A deletion under way ends before the journal does; not by an interrupt, which closes files. */
  @Override
  public void close() throws InterruptedException {
    deleter.shutdown();
    deleter.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
    reader.close();
  }
}
