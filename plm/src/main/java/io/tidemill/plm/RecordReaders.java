package io.tidemill.plm;

import io.tidemill.shm.journal.Cycle;
import io.tidemill.shm.journal.JournalReader;
import io.tidemill.shm.journal.RecordView;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Supplier;

/**
 * Readers of one journal, as many as there are threads that read at a time: a reader is for one
 * thread.
 */
final class RecordReaders implements AutoCloseable {
  /** One reader, lent to a thread; to be closed, which gives it back. */
  final class Lent implements AutoCloseable {
    private final JournalReader reader = open.get();
    private final RecordView view = new RecordView();

    /** The record at a position, valid until the next call; null if there is none (any more). */
    RecordView read(long position) {
      return reader.read(position, view) ? view : null;
    }

    JournalReader reader() {
      return reader;
    }

    @Override
    public void close() {
      giveBack(this);
    }
  }

  private final Supplier<JournalReader> open;
  private final ArrayDeque<Lent> idle = new ArrayDeque<>();

  RecordReaders(Supplier<JournalReader> open) {
    this.open = open;
  }

  Lent lend() {
    synchronized (this) {
      if (!idle.isEmpty()) {
        return idle.pop();
      }
    }
    return new Lent();
  }

  private synchronized void giveBack(Lent lent) {
    idle.push(lent);
  }

  /**
   * Now and then: lets go of cycles that were deleted, and of all mappings, so that what was read
   * once does not stay in our memory; they come back as needed. Readers lent out at the moment have
   * their turn next time.
   */
  synchronized void tidy() {
    for (Lent lent : idle) {
      List<Cycle> cycles = lent.reader.cycles();
      if (!cycles.isEmpty()) {
        lent.reader.forgetCyclesBefore(cycles.get(0).number());
      }
      lent.reader.trim();
    }
  }

  @Override
  public synchronized void close() {
    idle.forEach(lent -> lent.reader.close());
    idle.clear();
  }
}
