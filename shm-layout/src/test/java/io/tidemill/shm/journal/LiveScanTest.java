package io.tidemill.shm.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A full scan, which looks for damage, beside a writer that commits and abandons: a process starts
 * while another runs.
 */
class LiveScanTest {
  private static final int SCANS = 2_000;

  private static final int CYCLES_KEPT = 40;

  @TempDir Path folder;

  private final AtomicBoolean done = new AtomicBoolean();
  private final AtomicLong lastPosition = new AtomicLong();

  @Test
  void takesNoDocumentUnderWayForDamage() {
    try (Journal journal = ChronicleJournal.open(Samples.small(folder));
        JournalReader reader = new MappedJournalReader(folder)) {
      lastPosition.set(Samples.append(journal, 0, 1).get(0));
      CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> write(journal));
      try {
        for (int i = 0; i < SCANS; i++) {
          List<Long> found = new ArrayList<>();
          ScanResult result = reader.scan(lastPosition.get(), Samples.collect(found));
          assertThat(result.damage()).isEmpty();
          for (int j = 1; j < found.size(); j++) {
            assertThat(found.get(j)).isEqualTo(found.get(j - 1) + 1);
          }
        }
      } finally {
        done.set(true);
        writer.join();
      }
    }
  }

  /**
   * Whoever looks for damage behind a document under way reads the rest of its file; a writer that
   * finishes one meanwhile must not make it do so for each of them.
   */
  @Test
  void looksOnceBesideAWriterThatFinishesADocumentWithEachLook() {
    try (Journal journal = ChronicleJournal.open(Samples.small(folder))) {
      Samples.append(journal, 0, 1);
      UnderLooks windows = new UnderLooks(journal);
      int cycle = windows.refresh().firstKey();
      List<Long> found = new ArrayList<>();
      CycleScan scan =
          new CycleScan(windows, new Frames(windows), Samples.collect(found), cycle, 0, 0, false);
      assertThat(scan.run()).isEqualTo(CycleScan.End.OPEN);
      assertThat(windows.looks).isEqualTo(1);
      assertThat(found).containsExactly(0L, 1L);
      windows.finish();
    }
  }

  /** Files whose writer finishes a document and begins the next one whenever one is read. */
  private final class UnderLooks extends Windows {
    /** So that a scan which looks each time ends as well. */
    private static final int LOOKS_MAX = 20;

    private final Journal journal;
    private final SubmissionEncoder encoder = new SubmissionEncoder();
    private RunWriter run;
    private int looks;

    UnderLooks(Journal journal) {
      super(new JournalFolder(folder), 8);
      this.journal = journal;
      begin();
    }

    private void begin() {
      run = journal.begin();
      run.append(looks + 1, Samples.fill(encoder, looks + 1));
    }

    private void finish() {
      run.commit();
    }

    @Override
    FileChannel open(int cycle) throws IOException {
      if (++looks < LOOKS_MAX) {
        finish();
        begin();
      }
      return super.open(cycle);
    }
  }

  private void write(Journal journal) {
    SubmissionEncoder encoder = new SubmissionEncoder();
    long next = 1;
    for (int round = 0; !done.get(); round++) {
      int count = 1 + round % 20;
      if (round % 3 == 0) {
        RunWriter run = journal.begin();
        for (int i = 0; i < count; i++) {
          run.append(next + i, Samples.fill(encoder, next + i));
        }
        run.abandon();
      } else {
        lastPosition.set(Samples.append(journal, next, count).get(0));
        next += count;
        journal.deleteCyclesBefore(Position.cycle(lastPosition.get()) - CYCLES_KEPT);
      }
    }
  }
}
