package io.tidemill.shm.journal;

import java.nio.file.Path;
import java.util.Random;

/**
 * How fast a journal is: appends in runs of 1, 16 and 256, a scan, random reads. Not a test; its
 * argument is a folder, made and deleted again, on the file system to be measured.
 */
public final class JournalBenchmark {
  private static final int RECORDS = 3_000_000;
  private static final int READS = 2_000_000;
  private static final int ROUNDS = 3;

  private JournalBenchmark() {}

  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]);
    for (int round = 1; round <= ROUNDS; round++) {
      for (int run : new int[] {1, 16, 256}) {
        Folders.delete(folder);
        measure(folder, run, round);
      }
    }
    Folders.delete(folder);
  }

  private static void measure(Path folder, int run, int round) {
    long[] positions = new long[RECORDS];
    long opening = System.nanoTime();
    try (ChronicleJournal journal = ChronicleJournal.open(JournalSettings.of(folder))) {
      long begun = System.nanoTime();
      append(journal, run, positions);
      long appended = System.nanoTime();
      journal.force();
      long forced = System.nanoTime();
      report(round, "open ms", run, (begun - opening) / 1e6);
      report(round, "appends/s", run, RECORDS / ((appended - begun) / 1e9));
      report(round, "force of all, ms", run, (forced - appended) / 1e6);
    }
    if (run == 16) {
      read(folder, positions, round);
    }
  }

  private static void append(Journal journal, int run, long[] positions) {
    SubmissionEncoder encoder = new SubmissionEncoder();
    byte[] payload = new byte[16];
    for (int i = 0; i < RECORDS; i += run) {
      if (!journal.reserve(run * 160L)) {
        throw new IllegalStateException("the disk is full");
      }
      RunWriter writer = journal.begin();
      for (int j = i; j < Math.min(RECORDS, i + run); j++) {
        encoder.task(j, 1_700_000_000_000L, "echo", 5).session(7, j).terms(60_000, 1, (byte) 1);
        encoder.payload(payload, 0, payload.length);
        positions[j] = writer.append(j, encoder);
      }
      writer.commit();
    }
  }

  private static void read(Path folder, long[] positions, int round) {
    SubmissionDecoder decoder = new SubmissionDecoder();
    try (JournalReader reader = new MappedJournalReader(folder)) {
      long begun = System.nanoTime();
      ScanResult result = reader.scan(Position.NONE, view -> decoder.wrap(view).taskId());
      long scanned = System.nanoTime();
      report(round, "scanned records/s", 16, result.records() / ((scanned - begun) / 1e9));
      RecordView view = new RecordView();
      Random random = new Random(1);
      long sum = 0;
      long reading = System.nanoTime();
      for (int i = 0; i < READS; i++) {
        if (!reader.read(positions[random.nextInt(RECORDS)], view)) {
          throw new IllegalStateException("a record is not found");
        }
        sum += decoder.wrap(view).taskId();
      }
      report(round, "random read ns", 16, (System.nanoTime() - reading) / (double) READS);
      report(round, "(checksum of it)", 16, (double) (sum % 10));
    }
  }

  private static void report(int round, String what, int run, double value) {
    System.out.printf("round %d run %3d %-18s %,.1f%n", round, run, what, value);
  }
}
