package io.tidemill.shm.journal;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forces a journal every so often, off the way of the tasks: what a loss of power takes of that for
 * which nobody waited. An error ends the journal, as one that somebody waited for does: its writer
 * learns of it with its next record, and ends the process.
 */
final class PeriodicForce implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PeriodicForce.class);

  /**
   * So often what was appended starts on its way to the disk. All at once it took 50 ms of a
   * processor each second, with pages locked that the writer or a reader came to.
   */
  private static final int WRITE_BEHIND_MILLIS = 100;

  private final ChronicleJournal journal;
  private final ScheduledExecutorService thread;
  private long forcedThrough;

  /**
   * @param millis between two forces; 0: never
   */
  PeriodicForce(ChronicleJournal journal, int millis) {
    this.journal = journal;
    this.thread =
        Executors.newSingleThreadScheduledExecutor(
            work -> {
              Thread made = new Thread(work, "journal-force");
              made.setDaemon(true);
              return made;
            });
    if (millis > WRITE_BEHIND_MILLIS) {
      every(WRITE_BEHIND_MILLIS, journal::writeBehind);
    }
    if (millis > 0) {
      every(millis, this::force);
    }
  }

  private void every(int millis, Runnable work) {
    var unused = thread.scheduleWithFixedDelay(work, millis, millis, TimeUnit.MILLISECONDS);
  }

  private void force() {
    long through = journal.appendedThrough();
    if (through != forcedThrough) {
      try {
        journal.force();
      } catch (JournalFailure e) {
        LOG.error("a journal cannot be forced; it takes nothing more", e);
        throw e;
      }
      forcedThrough = through;
    }
  }

  /** Not by an interrupt, which would close the file under the force. */
  @Override
  public void close() {
    thread.shutdown();
    boolean interrupted = false;
    boolean ended = false;
    while (!ended) {
      try {
        ended = thread.awaitTermination(1, TimeUnit.MINUTES);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
