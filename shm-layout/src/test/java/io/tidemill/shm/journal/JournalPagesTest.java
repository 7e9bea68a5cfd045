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

  /** What stays behind the writer, in the block before too, and what comes in before it. */
  private static final long MAPPED_MOST = (4 << 20) + AHEAD;

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

  @Test
  void holdsOnlyWhatWasWrittenLastInItsMapping() throws Exception {
    try (Journal journal = ChronicleJournal.open(JournalSettings.of(folder))) {
      int records = 0;
      for (; Position.offset(journal.appendedThrough()) < 20 << 20; records += 1_000) {
        Samples.append(journal, records, 1_000);
      }

      Path file = journal.cycles().get(0).file();
      assertThat(ResidentPages.mapped(file) * PAGE).isPositive().isLessThanOrEqualTo(MAPPED_MOST);
      assertThat(ResidentPages.of(file) * PAGE).as("in the page cache").isGreaterThan(20 << 20);
      assertThat(Samples.numbers(folder)).isEqualTo(Samples.upTo(records));
    }
  }
}
