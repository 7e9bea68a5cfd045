package io.tidemill.sim;

import io.tidemill.shm.instance.InstanceJournals;
import io.tidemill.shm.journal.HeapJournal;
import io.tidemill.shm.journal.Journal;
import io.tidemill.shm.journal.JournalReader;

/** What stands on the disk: the two journals, and the epoch, which is durable at once. */
final class SimDisk {
  private static final int DOCUMENT_RECORDS = 2;

  private final HeapJournal submissions = new HeapJournal("submissions", DOCUMENT_RECORDS);
  private final HeapJournal outcomes = new HeapJournal("outcomes", DOCUMENT_RECORDS);
  private int epoch;

  HeapJournal submissions() {
    return submissions;
  }

  HeapJournal outcomes() {
    return outcomes;
  }

  int epoch() {
    return epoch;
  }

  /** A process raises it: before that it is the old one, after it the new. */
  int raiseEpoch(SimProcess process) {
    process.beforeWrite();
    return ++epoch;
  }

  InstanceJournals openedBy(SimProcess process) {
    return new InstanceJournals() {
      @Override
      public Journal writeSubmissions(long keepFreeBytes) {
        return submissions.writer(process::beforeJournalWrite);
      }

      @Override
      public Journal writeOutcomes(long keepFreeBytes) {
        return outcomes.writer(process::beforeJournalWrite);
      }

      @Override
      public JournalReader readSubmissions() {
        return submissions.reader();
      }

      @Override
      public JournalReader readOutcomes() {
        return outcomes.reader();
      }
    };
  }
}
