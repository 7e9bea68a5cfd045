package io.tidemill.shm.instance;

import io.tidemill.shm.config.Key;
import io.tidemill.shm.config.Settings;
import io.tidemill.shm.journal.ChronicleJournal;
import io.tidemill.shm.journal.Journal;
import io.tidemill.shm.journal.JournalReader;
import io.tidemill.shm.journal.JournalSettings;
import io.tidemill.shm.journal.MappedJournalReader;
import io.tidemill.shm.journal.ScanResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Opens journals as an instance's settings say. */
public final class Journals {
  /** More than one in so many bytes of a file system is never reserved. */
  private static final int RESERVED_PART = 8;

  private Journals() {}

  /**
   * The writing side, for the one process that holds the role.
   *
   * @param keepFreeBytes what of the disk is left to others
   */
  public static Journal write(Path folder, Settings settings, long keepFreeBytes) {
    return ChronicleJournal.open(settings(folder, settings, keepFreeBytes));
  }

  /**
   * What is left to others: as much as is set, and on a small file system less.
   *
   * @param folder on that file system, made already
   */
  static long reserved(Path folder, long set) {
    try {
      return Math.min(set, Files.getFileStore(folder).getTotalSpace() / RESERVED_PART);
    } catch (IOException e) {
      throw new InstanceException(
          "cannot ask how large a disk is: folder=" + folder + " cause=" + e, e);
    }
  }

  /** How a journal of an instance is written. */
  public static JournalSettings settings(Path folder, Settings settings, long keepFreeBytes) {
    return new JournalSettings(
        folder,
        settings.number(Key.JOURNAL_CYCLE_BYTES),
        JournalSettings.BLOCK_BYTES,
        keepFreeBytes,
        settings.integer(Key.JOURNAL_FORCE_INTERVAL_MS));
  }

  public static JournalReader read(Path folder) {
    return new MappedJournalReader(folder);
  }

  /**
   * Refuses a journal that a disk damaged.
   *
   * @throws InstanceException naming file and offset
   */
  public static void requireIntact(ScanResult result) {
    if (!result.intact()) {
      throw new InstanceException(
          "a journal is damaged: "
              + result.damage().get(0)
              + "; `scripts/tidemill repair --data DIR` says what would be lost without it, or restore a"
              + " backup");
    }
  }
}
