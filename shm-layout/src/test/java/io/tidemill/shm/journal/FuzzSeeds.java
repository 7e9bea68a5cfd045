package io.tidemill.shm.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import net.openhft.chronicle.wire.Wires;

/** Writes the inputs that fuzzing of the journal begins with: {@code main FOLDER}. */
final class FuzzSeeds {
  private static final byte SEAL = 1;
  private static final byte SEAL_TWO_FILES = 3;

  private FuzzSeeds() {}

  public static void main(String[] args) throws IOException {
    Path root = Path.of(args[0]);
    RecordEncoder submission =
        new SubmissionEncoder()
            .task(0x1_0000_0007L, 1_700_000_000_123L, "echo", -3)
            .session(5, 6)
            .requestId("r\u00fcck")
            .terms(60_000, 3, (byte) 2)
            .payload(new byte[] {1, 2, 3, 4, 5}, 0, 5);
    RecordEncoder delayed =
        new SubmissionEncoder()
            .task(0x1_0000_0008L, 1_700_000_000_124L, "echo", 4)
            .requestId("again")
            .terms(0, 5, (byte) 1)
            .payload(new byte[] {6, 7}, 0, 2)
            .terms(
                new Terms(
                    new Terms.Times(1_700_000_002_000L, 1_700_000_003_000L, 4, 5),
                    new Terms.Backoff(100, 60_000, 200, 10),
                    3,
                    new Terms.Texts("echo@mail", "k\u00e9y", "acme"),
                    0,
                    ByteBuffer.wrap(new byte[] {10, 3, 1, 2, 3})));
    RecordEncoder outcome =
        new OutcomeEncoder()
            .task(0x1_0000_0007L, 9, (byte) 5, 1_700_000_000_456L, "worker-1")
            .times(1_700_000_000_200L, 1_700_000_000_300L, 1_500)
            .counts(1, 0)
            .error("no such f\u00efle")
            .result(new byte[] {7, 8, 9}, 0, 3);
    RecordEncoder attempt =
        new AttemptEncoder().task(7, 8, 9, 1, (byte) 1, "worker-2").error("exit code 1");
    RecordEncoder definition =
        new DefinitionEncoder()
            .definition((byte) 2, "n\u00e4chtlich", 1_700_000_000_789L, new byte[] {4, 5, 6});
    put(root, DefinitionFuzz.class, "plain", FuzzedRecord.bytes(definition));
    put(root, SubmissionFuzz.class, "plain", FuzzedRecord.bytes(submission));
    put(root, SubmissionFuzz.class, "terms", FuzzedRecord.bytes(delayed));
    put(root, OutcomeFuzz.class, "plain", FuzzedRecord.bytes(outcome));
    put(root, AttemptFuzz.class, "plain", FuzzedRecord.bytes(attempt));

    List<RecordEncoder> all = List.of(submission, outcome, attempt, delayed);
    byte[] open = document(all);
    byte[] end = {0, 0, 0, (byte) (Wires.END_OF_DATA >>> 24)};
    put(root, CycleFuzz.class, "open", join(new byte[] {SEAL}, open));
    put(root, CycleFuzz.class, "ended", join(new byte[] {SEAL}, open, open, end));
    put(root, CycleFuzz.class, "torn", join(new byte[] {SEAL}, open, new byte[4], open));
    byte[] unfinished = open.clone();
    unfinished[3] |= (byte) (Wires.NOT_COMPLETE >>> 24);
    put(root, CycleFuzz.class, "unfinished", join(new byte[] {SEAL}, open, unfinished));
    put(root, JournalFuzz.class, "open", join(new byte[] {SEAL}, open));
    put(root, JournalFuzz.class, "two", join(new byte[] {SEAL_TWO_FILES}, open, open));
    put(
        root,
        CycleFuzz.class,
        "definition",
        join(new byte[] {SEAL}, document(List.of(definition))));
    put(root, CycleFuzz.class, "unsealed", join(new byte[] {0}, open));
  }

  /** A document of these records, as a writer leaves it. */
  private static byte[] document(List<RecordEncoder> records) {
    ByteBuffer file = ByteBuffer.allocate(4_096).order(ByteOrder.LITTLE_ENDIAN);
    int at = RecordDescriptor.ALIGNMENT;
    long sequence = 1;
    for (RecordEncoder record : records) {
      file.put(at, FuzzedRecord.bytes(record));
      file.putShort(at + RecordDescriptor.MARKER_OFFSET, RecordDescriptor.MARKER);
      file.putLong(at + RecordDescriptor.SEQUENCE_OFFSET, sequence++);
      at = RecordDescriptor.align(at + record.length());
    }
    file.putInt(0, at - Wires.SPB_HEADER_SIZE);
    byte[] bytes = new byte[at];
    file.get(0, bytes);
    return bytes;
  }

  private static byte[] join(byte[]... parts) {
    ByteBuffer all = ByteBuffer.allocate(8_192);
    for (byte[] part : parts) {
      all.put(part);
    }
    byte[] bytes = new byte[all.position()];
    all.get(0, bytes);
    return bytes;
  }

  private static void put(Path root, Class<?> target, String name, byte[] bytes)
      throws IOException {
    Path folder = Files.createDirectories(root.resolve(target.getName()));
    Files.write(folder.resolve(name), bytes);
  }
}
