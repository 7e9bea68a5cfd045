package io.tidemill.shm.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.shm.os.Disk;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The disk reports an error when a journal is forced. */
class FailedForceTest {
  @TempDir Path temp;

  private final SubmissionEncoder encoder = new SubmissionEncoder();
  private boolean filesFail;
  private boolean foldersFail;
  private final List<Path> writtenAgain = new ArrayList<>();

  @AfterEach
  void kernelAgain() {
    Disk.sync(null);
  }

  private void failing() {
    Disk.sync(
        new Disk.Sync() {
          @Override
          public void file(Path file, FileChannel channel) throws IOException {
            if (filesFail && file.toString().endsWith(".cq4")) {
              throw new IOException("Input/output error");
            }
            if (Files.getLastModifiedTime(file).toMillis() != 0) {
              writtenAgain.add(file);
            }
          }

          @Override
          public void folder(Path folder) throws IOException {
            if (foldersFail) {
              throw new IOException("Input/output error");
            }
          }
        });
  }

  private void append(ChronicleJournal journal, long number) {
    assertThat(journal.reserve(Samples.BYTES_MAX)).isTrue();
    RunWriter run = journal.begin();
    run.append(number, Samples.fill(encoder, number));
    run.commit();
  }

  @Test
  void endsTheJournalWhenAFileCannotBeForced() {
    failing();
    try (ChronicleJournal journal = ChronicleJournal.open(Samples.small(temp.resolve("j")))) {
      append(journal, 1);
      filesFail = true;
      assertEnds(journal);
    }
  }

  @Test
  void endsTheJournalWhenAFolderCannotBeForced() {
    failing();
    try (ChronicleJournal journal = ChronicleJournal.open(Samples.small(temp.resolve("j")))) {
      append(journal, 1);
      foldersFail = true;
      assertEnds(journal);
    }
  }

  private void assertEnds(ChronicleJournal journal) {
    assertThatThrownBy(journal::force)
        .isInstanceOf(JournalFailure.class)
        .hasMessageContaining("cannot force a journal", "the process must stop");
    assertThat(journal.forcedThrough()).isZero();
    filesFail = false;
    foldersFail = false;
    // The next force would succeed, and promise what the kernel has dropped.
    assertThatThrownBy(journal::force).isInstanceOf(JournalFailure.class);
    assertThatThrownBy(() -> journal.reserve(1)).isInstanceOf(JournalFailure.class);
    assertThatThrownBy(journal::begin).isInstanceOf(JournalFailure.class);
    assertThat(journal.forcedThrough()).isZero();
  }

  @Test
  void writesAgainWhatItsPredecessorCouldNotForce() throws IOException {
    failing();
    Path folder = temp.resolve("j");
    try (ChronicleJournal journal = ChronicleJournal.open(Samples.small(folder))) {
      append(journal, 1);
      journal.force();
    }
    try (ChronicleJournal journal = ChronicleJournal.open(Samples.small(folder))) {
      append(journal, 2);
      filesFail = true;
      assertThatThrownBy(journal::force).isInstanceOf(JournalFailure.class);
      filesFail = false;
    }
    Path forced = file(folder, 1);
    Path unforced = file(folder, 2);
    Files.setLastModifiedTime(forced, FileTime.fromMillis(0));
    Files.setLastModifiedTime(unforced, FileTime.fromMillis(0));
    writtenAgain.clear();
    try (ChronicleJournal journal = ChronicleJournal.open(Samples.small(folder))) {
      journal.force();
      assertThat(writtenAgain).contains(unforced);
      try (JournalReader reader = new MappedJournalReader(folder)) {
        List<Long> found = new ArrayList<>();
        SubmissionDecoder decoder = new SubmissionDecoder();
        reader.scan(Position.NONE, record -> found.add(Samples.check(decoder, record)));
        assertThat(found).containsExactly(1L, 2L);
      }
    }
  }

  private static Path file(Path folder, int cycle) {
    return new JournalFolder(folder).files().get(cycle);
  }
}
