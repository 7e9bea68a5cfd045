package io.tidemill.shm.journal;

import static io.tidemill.shm.journal.FuzzedRecord.require;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32C;

/**
 * Any bytes as the cycle files of a journal. The first byte says how: bit 0, that checksums are
 * made to hold wherever a record seems to begin, which no fuzzer finds by itself; bit 1, that the
 * bytes are two files; the others, from which record on it is read once more.
 */
public final class CycleFuzz {
  private static final int SEALED_CHECKSUMS = 1;
  private static final int TWO_FILES = 2;

  private static final Path FOLDER = folder();
  private static final MappedJournalReader READER = new MappedJournalReader(FOLDER, 4);

  private CycleFuzz() {}

  /** What the fuzzer calls, and the replay of its seeds. */
  public static void fuzzerTestOneInput(byte[] input) throws IOException {
    if (input.length == 0) {
      return;
    }
    byte[] bytes = Arrays.copyOfRange(input, 1, input.length);
    boolean two = (input[0] & TWO_FILES) != 0;
    int split = two ? bytes.length / 2 / 8 * 8 : bytes.length;
    boolean sealed = (input[0] & SEALED_CHECKSUMS) != 0;
    READER.trim();
    write(1, Arrays.copyOf(bytes, split), sealed);
    if (two) {
      write(2, Arrays.copyOfRange(bytes, split, bytes.length), sealed);
    } else {
      Files.deleteIfExists(file(2));
    }
    check(new long[] {0, split, bytes.length - split}, (input[0] & 0xFF) >>> 2);
  }

  private static void check(long[] lengths, int again) {
    List<Long> shown = new ArrayList<>();
    ScanResult result = READER.scan(Position.NONE, view -> take(view, lengths, shown));
    require(result.records() == shown.size(), "more or fewer records than were counted");
    checkAscending(shown);
    if (!shown.isEmpty()) {
      checkFrom(shown, again % shown.size());
    }
    Set<Long> salvaged = new HashSet<>();
    READER.salvage(view -> salvaged.add(view.position()));
    require(salvaged.containsAll(shown), "a salvage leaves out what a scan shows");
    if (result.damage().isEmpty() && result.cuts().isEmpty()) {
      ScanResult more = READER.scan(result.resume(), view -> require(false, "shown again"));
      require(more.damage().isEmpty(), "damage where a scan goes on");
    }
    READER.read(Position.of(1, again), new RecordView());
  }

  private static void checkFrom(List<Long> shown, int from) {
    require(READER.read(shown.get(from), new RecordView()), "what was shown cannot be read");
    List<Long> rest = new ArrayList<>();
    READER.scan(shown.get(from), view -> rest.add(view.position()));
    require(rest.equals(shown.subList(from, shown.size())), "another rest from a record on");
  }

  private static void checkAscending(List<Long> positions) {
    for (int i = 1; i < positions.size(); i++) {
      require(positions.get(i - 1) < positions.get(i), "positions do not rise");
    }
  }

  private static void take(RecordView view, long[] lengths, List<Long> shown) {
    int cycle = Position.cycle(view.position());
    long offset = Position.offset(view.position());
    require(cycle == 1 || cycle == 2, "a cycle that is not there");
    require(offset + view.length() <= lengths[cycle], "a record reaches beyond its file");
    require(
        view.buffer().getInt(view.offset() + RecordDescriptor.CHECKSUM_OFFSET)
            == checksum(view.buffer(), view.offset(), view.length(), view.position()),
        "a record whose checksum does not hold");
    decode(view);
    shown.add(view.position());
  }

  /** As a start does with all that it is shown. */
  private static void decode(RecordView view) {
    try {
      switch (view.kind()) {
        case RecordKind.SUBMISSION -> {
          SubmissionDecoder record = new SubmissionDecoder().wrap(view);
          require(record.payloadBytes().length < view.length(), "a payload without an end");
          require(record.type().length() + record.requestId().length() < view.length(), "texts");
        }
        case RecordKind.OUTCOME -> {
          OutcomeDecoder record = new OutcomeDecoder().wrap(view);
          require(record.resultBytes().length < view.length(), "a result without an end");
          require(record.workerId().length() + record.error().length() < view.length(), "texts");
        }
        case RecordKind.ATTEMPT -> {
          AttemptDecoder record = new AttemptDecoder().wrap(view);
          require(record.workerId().length() + record.error().length() < view.length(), "texts");
        }
        default -> require(view.length() >= RecordDescriptor.HEADER_LENGTH, "no header");
      }
    } catch (JournalFailure refused) {
      require(refused.getMessage().contains("position="), "a refusal that does not say where");
    }
  }

  private static void write(int cycle, byte[] bytes, boolean sealed) throws IOException {
    ByteBuffer content = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (sealed) {
      seal(content, cycle);
    }
    try (FileChannel channel =
        FileChannel.open(file(cycle), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      channel.truncate(bytes.length);
      channel.write(content.clear(), 0);
    }
  }

  /** From the end, so that a record that lies in another one is sealed before it. */
  static void seal(ByteBuffer file, int cycle) {
    int last = (file.capacity() - RecordDescriptor.HEADER_LENGTH) / 8 * 8;
    for (int at = last; at >= 0; at -= RecordDescriptor.ALIGNMENT) {
      int length = file.getInt(at + RecordDescriptor.LENGTH_OFFSET);
      boolean seemsOne =
          length >= RecordDescriptor.HEADER_LENGTH
              && length <= file.capacity() - at
              && file.getShort(at + RecordDescriptor.MARKER_OFFSET) == RecordDescriptor.MARKER;
      if (seemsOne) {
        file.putInt(
            at + RecordDescriptor.CHECKSUM_OFFSET,
            checksum(file, at, length, Position.of(cycle, at)));
      }
    }
  }

  private static int checksum(ByteBuffer buffer, int record, int length, long position) {
    return RecordDescriptor.checksum(new CRC32C(), buffer.duplicate(), record, length, position);
  }

  private static Path file(int cycle) {
    return FOLDER.resolve("run-00000001").resolve(CycleNames.fileName(cycle));
  }

  private static Path folder() {
    try {
      Path folder = Files.createTempDirectory("cycle-fuzz");
      Files.createDirectories(folder.resolve("run-00000001"));
      Runtime.getRuntime().addShutdownHook(new Thread(() -> clear(folder)));
      return folder;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static void clear(Path folder) {
    try {
      Folders.delete(folder);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
