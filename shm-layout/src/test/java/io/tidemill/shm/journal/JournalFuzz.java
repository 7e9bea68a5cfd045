package io.tidemill.shm.journal;

import static io.tidemill.shm.journal.FuzzedRecord.require;

import io.tidemill.shm.inspect.FuzzFolder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Any bytes as the cycle files of a journal, through the reader that maps them. The first byte says
 * how: bit 0, that checksums are made to hold wherever a record seems to begin, which no fuzzer
 * finds by itself; bit 1, that the bytes are two files; the others, from which record on it is read
 * once more.
 */
public final class JournalFuzz {
  private static final int SEALED_CHECKSUMS = 1;
  private static final int TWO_FILES = 2;

  private static final Path FOLDER = FuzzFolder.make("journal-fuzz");
  private static final MappedJournalReader READER = new MappedJournalReader(FOLDER, 4);

  private JournalFuzz() {}

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
    require(cycle == 1 || cycle == 2, "a cycle that is not there");
    ShownRecord.check(view, lengths[cycle]);
    shown.add(view.position());
  }

  private static void write(int cycle, byte[] bytes, boolean sealed) throws IOException {
    if (sealed) {
      ShownRecord.seal(bytes, cycle);
    }
    try (FileChannel channel =
        FileChannel.open(file(cycle), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      channel.truncate(bytes.length);
      channel.write(ByteBuffer.wrap(bytes), 0);
    }
  }

  private static Path file(int cycle) throws IOException {
    Path run = Files.createDirectories(FOLDER.resolve("run-00000001"));
    return run.resolve(CycleNames.fileName(cycle));
  }
}
