package io.tidemill.shm.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.shm.os.ResidentPages;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalPagesTest {
  private static final long PAGE = 4096;

  /** What a writer brings in before it comes there, and some for Chronicle's own. */
  private static final long AHEAD = 128 << 10;

  @TempDir Path folder;

  @Test
  void bringsInNotMuchMoreThanWhatWasWritten() throws Exception {
    try (Journal journal = ChronicleJournal.open(JournalSettings.of(folder))) {
      for (int number = 0; Position.offset(journal.appendedThrough()) < 20 << 20; number += 1_000) {
        Samples.append(journal, number, 1_000);
      }

      long written = Position.offset(journal.appendedThrough());
      long resident = ResidentPages.of(journal.cycles().get(0).file()) * PAGE;
      assertThat(resident).isPositive().isLessThanOrEqualTo(written + AHEAD);
    }
  }
}
