package io.tidemill.shm.instance;

import io.tidemill.shm.config.Settings;
import io.tidemill.shm.journal.Journal;
import io.tidemill.shm.journal.JournalReader;
import java.nio.file.Path;

/** Opens journals as an instance's settings say. */
public final class Journals {
  private Journals() {}

  public static Journal write(Path folder, Settings settings) {
    return java.util.Objects.requireNonNull(null, folder.toString());
  }

  public static JournalReader read(Path folder) {
    return java.util.Objects.requireNonNull(null, folder.toString());
  }
}
