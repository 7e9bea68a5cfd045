package io.tidemill.shm.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A writer in another process: followed while it writes, and killed. */
class JournalProcessTest {
  private static final int KILLS = 10;
  private static final int APPENDED_BEFORE_KILL_MAX = 30_000;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir Path folder;

  @Test
  void followsWriterOfAnotherProcess() throws Exception {
    Path journal = folder.resolve("journal");
    long total = 150_000;
    List<Long> found = new ArrayList<>();
    List<Long> positions = new ArrayList<>();
    SubmissionDecoder decoder = new SubmissionDecoder();
    RecordVisitor collector =
        view -> {
          found.add(Samples.check(decoder, view));
          positions.add(view.position());
        };
    try (WriterProcess writer = new WriterProcess(journal, folder.resolve("progress"), 0, total);
        JournalReader reader = new MappedJournalReader(journal, 3);
        JournalReader atRandom = new MappedJournalReader(journal, 3)) {
      Random random = new Random(1);
      RecordView view = new RecordView();
      long resume = Position.NONE;
      while (found.size() < total) {
        final boolean wasAlive = writer.alive();
        final long committed = writer.committed();
        ScanResult result = reader.scan(resume, collector);
        resume = result.resume();
        assertThat(result.damage()).isEmpty();
        assertThat((long) found.size()).isGreaterThanOrEqualTo(committed);
        assertThat(wasAlive || found.size() == total).as("the writer lives").isTrue();
        for (int i = 0; i < 100 && !positions.isEmpty(); i++) {
          int number = random.nextInt(positions.size());
          assertThat(atRandom.read(positions.get(number), view)).isTrue();
          assertThat(Samples.check(decoder, view)).isEqualTo(number);
        }
      }
      assertThat(writer.exitCode()).isZero();
      assertThat(reader.cycles()).hasSizeGreaterThan(10);
    }
    assertThat(found).isEqualTo(Samples.upTo(total));
    assertThat(Samples.numbers(journal)).isEqualTo(found);
  }

  @Test
  void findsAllThatWasCommittedBeforeKills() throws Exception {
    Path journal = folder.resolve("journal");
    Random random = new Random();
    List<Long> found = new ArrayList<>();
    long slowestOpening = 0;
    int cut = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      long from = found.size();
      long target = from + 1 + random.nextInt(APPENDED_BEFORE_KILL_MAX);
      try (WriterProcess writer =
          new WriterProcess(journal, folder.resolve("progress"), from, Long.MAX_VALUE)) {
        Awaitility.await()
            .atMost(PATIENCE)
            .pollInterval(Duration.ofMillis(1))
            .until(() -> writer.committed() >= target || !writer.alive());
        assertThat(writer.alive()).as("the writer lives until it is killed").isTrue();
        writer.kill();
        slowestOpening = Math.max(slowestOpening, writer.openingNanos());
        found.clear();
        try (JournalReader reader = new MappedJournalReader(journal)) {
          ScanResult result = reader.scan(Position.NONE, Samples.collect(found));
          assertThat(result.damage()).isEmpty();
          cut = result.cuts().size();
        }
        assertThat((long) found.size()).isGreaterThanOrEqualTo(writer.committed());
        assertThat(found).isEqualTo(Samples.upTo(found.size()));
      }
    }
    System.out.printf(
        "%d kills, %d records, %d torn documents, slowest opening in a fresh JVM %d ms%n",
        KILLS, found.size(), cut, slowestOpening / 1_000_000);
    long begun = System.nanoTime();
    try (Journal reopened = ChronicleJournal.open(Samples.small(journal))) {
      System.out.printf("opening here %d ms%n", (System.nanoTime() - begun) / 1_000_000);
      Samples.append(reopened, found.size(), 100);
    }
    assertThat(Samples.numbers(journal)).isEqualTo(Samples.upTo(found.size() + 100L));
  }
}
