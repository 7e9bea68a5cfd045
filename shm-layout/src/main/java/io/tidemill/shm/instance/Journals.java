package io.tidemill.shm.instance;

import io.tidemill.shm.config.Settings;
import io.tidemill.shm.journal.Journal;
import io.tidemill.shm.journal.JournalReader;
import java.nio.file.Path;

/** Opens journals as an instance's settings say. */
public final class Journals {
  private Journals() {}

  public static Journal write(Path folder, Settings settings) {
    throw new IllegalStateException("journal not linked yet: " + folder + settings);
  }

  public static JournalReader read(Path folder) {
    throw new IllegalStateException("journal not linked yet: " + folder);
  }
}
