package io.tidemill.shm.instance;

import io.tidemill.shm.config.Settings;
import io.tidemill.shm.journal.Journal;
import io.tidemill.shm.journal.JournalReader;

/** The two journals of an instance, as its processes open them. */
public interface InstanceJournals {
  /**
   * For the PLM alone.
   *
   * @param keepFreeBytes what of the disk is left to others, if the disk is not small
   */
  Journal writeSubmissions(long keepFreeBytes);

  /** For the Register alone. */
  Journal writeOutcomes(long keepFreeBytes);

  JournalReader readSubmissions();

  JournalReader readOutcomes();

  /** Those in an instance's data folder. */
  static InstanceJournals in(DataDir dir, Settings settings) {
    return new InstanceJournals() {
      @Override
      public Journal writeSubmissions(long keepFreeBytes) {
        long reserved = Journals.reserved(dir.journals(), keepFreeBytes);
        return Journals.write(dir.submissions(), settings, reserved);
      }

      @Override
      public Journal writeOutcomes(long keepFreeBytes) {
        return Journals.write(dir.outcomes(), settings, keepFreeBytes);
      }

      @Override
      public JournalReader readSubmissions() {
        return Journals.read(dir.submissions());
      }

      @Override
      public JournalReader readOutcomes() {
        return Journals.read(dir.outcomes());
      }
    };
  }
}
