package io.tidemill.bench;

import io.tidemill.shm.journal.ChronicleJournal;
import io.tidemill.shm.journal.Journal;
import io.tidemill.shm.journal.JournalSettings;
import io.tidemill.shm.journal.RunWriter;
import io.tidemill.shm.journal.SubmissionEncoder;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** What a journal takes by itself: submissions in runs, by one thread, forced by nobody. */
final class JournalRate {
  private static final int RUN = 64;
  private static final long BYTES_A_ROUND = 512L << 20;
  private static final int RECORDS_MAX = 200_000;
  private static final long RECORD_OVERHEAD = 512;

  private JournalRate() {}

  /** Records a second with payloads of so many bytes, on the disk that scratch folders are on. */
  static double recordsPerSecond(int payloadBytes) throws IOException {
    Path folder = Files.createTempDirectory("tidemill-journal");
    try (Journal journal = ChronicleJournal.open(JournalSettings.of(folder))) {
      int records = (int) Math.min(RECORDS_MAX, BYTES_A_ROUND / Math.max(1, payloadBytes));
      long began = System.nanoTime();
      append(journal, records, ByteBuffer.allocate(payloadBytes));
      return records * 1e9 / (System.nanoTime() - began);
    } finally {
      delete(folder);
    }
  }

  private static void append(Journal journal, int records, ByteBuffer payload) throws IOException {
    SubmissionEncoder encoder = new SubmissionEncoder();
    for (int from = 0; from < records; from += RUN) {
      int count = Math.min(RUN, records - from);
      if (!journal.reserve(count * (payload.capacity() + RECORD_OVERHEAD))) {
        throw new IOException("the disk is full: folder=" + journal.folder());
      }
      RunWriter run = journal.begin();
      for (int i = 0; i < count; i++) {
        encoder
            .task(from + i + 1L, 0, "echo", 0)
            .requestId("")
            .terms(0, 1, (byte) 1)
            .payload(payload.duplicate());
        run.append(from + i + 1L, encoder);
      }
      run.commit();
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
    }
  }
}
