package io.tidemill.shm.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.shm.journal.ScanResult.Flaw;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Spoils a file in every way that crashes and disks do, and looks at what is read then. */
class JournalDamageTest {
  /** Runs of these lengths, and so documents with as many records. */
  private static final int[] RUNS = {2, 1, 3, 2, 1, 2};

  private static final long DOCUMENT_MAX = 3 * Samples.BYTES_MAX;
  private static final long APPENDED_LATER = 5;

  @TempDir Path folder;
  private Path file;
  private Path original;
  private int originalLength;
  private final List<Long> offsets = new ArrayList<>();
  private final List<Long> ends = new ArrayList<>();

  @BeforeEach
  void write() throws IOException {
    try (Journal journal = ChronicleJournal.open(Samples.small(folder));
        JournalReader reader = new MappedJournalReader(folder)) {
      RecordView view = new RecordView();
      for (int run : RUNS) {
        for (long position : Samples.append(journal, offsets.size(), run)) {
          assertThat(reader.read(position, view)).isTrue();
          offsets.add(Position.offset(position));
          ends.add(Position.offset(position) + view.length());
        }
      }
      file = journal.cycles().get(0).file();
    }
    original = folder.resolve("original");
    Files.copy(file, original);
    originalLength = (int) (ends.get(ends.size() - 1) + 4096);
    truncate(original, originalLength);
  }

  @Test
  void cutsFileThatEndsAtAnyByteOfItsLastRecords() throws IOException {
    for (long end = offsets.get(offsets.size() - 2); end <= originalLength; end++) {
      restore();
      truncate(file, end);
      checkCut(end);
    }
  }

  @Test
  void cutsFileOfZerosFromAnyByteOfItsLastRecords() throws IOException {
    long last = ends.get(ends.size() - 1);
    for (long end = offsets.get(offsets.size() - 2); end <= last; end++) {
      restore();
      write(end, new byte[(int) (originalLength - end)]);
      checkCut(end);
    }
  }

  @Test
  void cutsDocumentWhoseWriterDiedBeforeItsHeader() throws IOException {
    long header = offsets.get(offsets.size() - 2) - 8;
    restore();
    write(header, new byte[4]);
    ScanResult result = scan(offsets.size() - 2);
    assertThat(result.intact()).isTrue();
    assertThat(result.cuts()).extracting(Flaw::offset).containsExactly(header);
    assertThat(result.cuts().get(0).toString())
        .isEqualTo("a document was not finished: file=" + file + " offset=" + header);
  }

  @Test
  void goesOnBehindCutOfAnEarlierOpening() throws IOException {
    restore();
    truncate(file, ends.get(ends.size() - 1) - 1);
    try (Journal journal = ChronicleJournal.open(Samples.small(folder))) {
      Samples.append(journal, offsets.size(), (int) APPENDED_LATER);
    }
    List<Long> expected = new ArrayList<>(Samples.upTo(offsets.size() - 1L));
    for (long number = 0; number < APPENDED_LATER; number++) {
      expected.add(offsets.size() + number);
    }
    List<Long> found = new ArrayList<>();
    try (JournalReader reader = new MappedJournalReader(folder)) {
      ScanResult result = reader.scan(Position.NONE, Samples.collect(found));
      assertThat(result.intact()).isTrue();
      assertThat(result.cuts()).extracting(Flaw::file).containsExactly(file);
    }
    assertThat(found).isEqualTo(expected);
  }

  @Test
  void refusesChangedByteInTheMiddle() throws IOException {
    int refused = 0;
    long from = offsets.get(2) - 8;
    long to = ends.get(ends.size() - 4);
    for (long at = from; at < to; at++) {
      for (int mask : new int[] {0xff, 0x01, 0x40, 0x80}) {
        restore();
        write(at, new byte[] {(byte) (byteAt(at) ^ mask)});
        refused += isRefused(at) ? 1 : 0;
      }
    }
    // All but the padding between records and behind headers, which holds nothing.
    assertThat(refused).isGreaterThan((int) (to - from) * 4 * 8 / 10);
  }

  @Test
  void refusesStretchOfZerosInTheMiddle() throws IOException {
    for (int length : new int[] {4, 8, 64, 512}) {
      for (long at = offsets.get(2) - 8; at + length < offsets.get(7); at += 4) {
        restore();
        write(at, new byte[length]);
        isRefused(at);
      }
    }
  }

  @Test
  void salvagesWhatStandsBehindDamage() throws IOException {
    restore();
    write(offsets.get(2) - 8, new byte[(int) (ends.get(3) - offsets.get(2))]);
    try (Journal journal = ChronicleJournal.open(Samples.small(folder))) {
      Samples.append(journal, offsets.size(), (int) APPENDED_LATER);
    }
    List<Long> expected = new ArrayList<>(Samples.upTo(offsets.size() + APPENDED_LATER));
    expected.removeAll(List.of(2L, 3L));
    List<Long> found = new ArrayList<>();
    try (JournalReader reader = new MappedJournalReader(folder)) {
      ScanResult result = reader.salvage(Samples.collect(found));
      assertThat(result.damage()).extracting(Flaw::file).containsExactly(file);
      assertThat(result.records()).isEqualTo(found.size());
    }
    assertThat(found).isEqualTo(expected);
  }

  @Test
  void takesPayloadWithCopiesOfRecordsForPayload() throws IOException {
    restore();
    byte[] records = new byte[(int) (ends.get(3) - offsets.get(0))];
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      channel.read(ByteBuffer.wrap(records), offsets.get(0));
    }
    long position;
    try (Journal journal = ChronicleJournal.open(Samples.small(folder))) {
      RunWriter run = journal.begin();
      SubmissionEncoder encoder = new SubmissionEncoder().task(1, 2, "echo", 3);
      position = run.append(99, encoder.payload(records, 0, records.length));
      run.commit();
      file = journal.cycles().get(1).file();
    }
    write(Position.offset(position) - 8, new byte[4]);
    ScanResult result = scan(offsets.size());
    assertThat(result.intact()).isTrue();
    assertThat(result.cuts()).hasSize(1);
    write(Position.offset(position), new byte[8]);
    assertThat(scan(offsets.size()).intact()).isTrue();
  }

  /** What ends at a byte must be read up to there, and be cut if a record does not end there. */
  private void checkCut(long end) {
    int whole = (int) ends.stream().filter(recordEnd -> recordEnd <= end).count();
    ScanResult result = scan(whole);
    assertThat(result.damage()).as("cut at %d", end).isEmpty();
    assertThat(result.cuts()).hasSizeLessThanOrEqualTo(1);
    if (whole < offsets.size() && end > offsets.get(whole)) {
      assertThat(result.cuts())
          .as("cut at %d", end)
          .extracting(Flaw::offset)
          .containsExactly(offsets.get(whole));
    }
  }

  /** A change is either found, and said where, or changed nothing. */
  private boolean isRefused(long at) {
    List<Long> found = new ArrayList<>();
    ScanResult result = scan(found);
    if (result.intact() && result.cuts().isEmpty()) {
      assertThat(found).as("changed at %d", at).isEqualTo(Samples.upTo(offsets.size()));
      return false;
    }
    assertThat(result.damage()).as("changed at %d", at).hasSize(1);
    Flaw flaw = result.damage().get(0);
    assertThat(flaw.file()).isEqualTo(file);
    assertThat(flaw.offset()).isBetween(at - DOCUMENT_MAX, at + DOCUMENT_MAX);
    assertThat(flaw.toString()).contains("file=" + file).contains("offset=" + flaw.offset());
    assertThat(found).isEqualTo(Samples.upTo(found.size()));
    return true;
  }

  private ScanResult scan(int expected) {
    List<Long> found = new ArrayList<>();
    ScanResult result = scan(found);
    assertThat(found).isEqualTo(Samples.upTo(expected));
    return result;
  }

  private ScanResult scan(List<Long> found) {
    try (JournalReader reader = new MappedJournalReader(folder)) {
      return reader.scan(Position.NONE, Samples.collect(found));
    }
  }

  private void restore() throws IOException {
    Files.copy(original, file, StandardCopyOption.REPLACE_EXISTING);
  }

  private byte byteAt(long at) throws IOException {
    ByteBuffer one = ByteBuffer.allocate(1);
    try (FileChannel channel = FileChannel.open(original, StandardOpenOption.READ)) {
      channel.read(one, at);
    }
    return one.get(0);
  }

  private void write(long at, byte[] bytes) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(bytes), at);
    }
  }

  private static void truncate(Path path, long length) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
      channel.truncate(length);
    }
  }
}
