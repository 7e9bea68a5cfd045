package io.tidemill.shm.instance;

import io.tidemill.shm.config.Key;
import io.tidemill.shm.config.Settings;
import io.tidemill.shm.journal.ChronicleJournal;
import io.tidemill.shm.journal.Journal;
import io.tidemill.shm.journal.JournalReader;
import io.tidemill.shm.journal.JournalSettings;
import io.tidemill.shm.journal.MappedJournalReader;
import java.nio.file.Path;

/** Opens journals as an instance's settings say. */
public final class Journals {
  private Journals() {}

  /**
   * The writing side, for the one process that holds the role.
   *
   * @param keepFreeBytes what of the disk is left to others
   */
  public static Journal write(Path folder, Settings settings, long keepFreeBytes) {
    return ChronicleJournal.open(
        new JournalSettings(
            folder,
            settings.number(Key.JOURNAL_CYCLE_BYTES),
            JournalSettings.BLOCK_BYTES,
            keepFreeBytes));
  }

  public static JournalReader read(Path folder) {
    return new MappedJournalReader(folder);
  }
}
