package io.tidemill.shm.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChronicleJournalTest {
  private static final Path SHARED_MEMORY = Path.of("/dev/shm");

  @TempDir Path folder;
  private Path elsewhere;

  @AfterEach
  void deleteElsewhere() throws IOException {
    if (elsewhere != null) {
      Folders.delete(elsewhere);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void findsRunsOfEveryLength(boolean inSharedMemory) throws IOException {
    Path place = inSharedMemory ? sharedMemory() : folder;
    List<Long> positions = new ArrayList<>();
    try (Journal journal = ChronicleJournal.open(Samples.small(place))) {
      for (int length : new int[] {1, 2, 3, 10, 100, 255, 256, 1000}) {
        positions.addAll(Samples.append(journal, positions.size(), length));
      }
    }
    assertThat(Samples.numbers(place)).isEqualTo(Samples.upTo(positions.size()));
    assertThat(positions).isSorted().doesNotHaveDuplicates().noneMatch(p -> p == Position.NONE);
    checkReads(place, positions);
  }

  @Test
  void rollsByBytes() throws IOException {
    List<Long> positions = new ArrayList<>();
    try (Journal journal = ChronicleJournal.open(Samples.small(folder))) {
      for (int i = 0; i < 400; i++) {
        positions.addAll(Samples.append(journal, positions.size(), 50));
      }
      assertThat(journal.cycles()).hasSizeBetween(4, 6);
      assertThat(journal.cycles())
          .allSatisfy(cycle -> assertThat(cycle.diskBytes()).isBetween(1L << 20, 3L << 20));
    }
    assertThat(Samples.numbers(folder)).isEqualTo(Samples.upTo(positions.size()));
    checkReads(folder, positions);
  }

  @Test
  void showsNothingOfAnAbandonedRun() throws IOException {
    try (Journal journal = ChronicleJournal.open(Samples.small(folder))) {
      Samples.append(journal, 0, 3);
      RunWriter run = journal.begin();
      for (int i = 0; i < 20; i++) {
        run.append(1000 + i, Samples.fill(new SubmissionEncoder(), 1000 + i));
      }
      run.abandon();
      journal.begin().abandon();
      journal.begin().commit();
      Samples.append(journal, 3, 2);
      run = journal.begin();
      run.append(9, Samples.fill(new SubmissionEncoder(), 9));
      run.abandon();
    }
    assertThat(Samples.numbers(folder)).isEqualTo(Samples.upTo(5));
  }

  @Test
  void beginsNewCycleAtEachOpening() {
    for (int i = 0; i < 5; i++) {
      try (Journal journal = ChronicleJournal.open(Samples.small(folder))) {
        List<Long> positions = Samples.append(journal, i * 2L, 2);
        assertThat(Position.cycle(positions.get(0))).isEqualTo(i + 1);
      }
    }
    assertThat(Samples.numbers(folder)).isEqualTo(Samples.upTo(10));
  }

  @Test
  void goesOnAfterAnOpeningThatDiedBeforeItsFirstFile() throws IOException {
    try (Journal journal = ChronicleJournal.open(Samples.small(folder))) {
      Samples.append(journal, 0, 1);
    }
    Path unfinished = Files.createDirectories(new JournalFolder(folder).run(2));
    Files.write(unfinished.resolve("metadata.cq4t"), new byte[] {1, 2, 3});
    try (Journal journal = ChronicleJournal.open(Samples.small(folder))) {
      Samples.append(journal, 1, 1);
    }
    Files.createFile(new JournalFolder(folder).run(2).resolve(CycleNames.fileName(3)));
    try (Journal journal = ChronicleJournal.open(Samples.small(folder))) {
      assertThat(Position.cycle(Samples.append(journal, 2, 1).get(0))).isEqualTo(4);
    }
    assertThat(Samples.numbers(folder)).isEqualTo(Samples.upTo(3));
  }

  @Test
  void deletesFinishedCyclesOnly() throws IOException {
    List<Long> positions = new ArrayList<>();
    try (Journal journal = ChronicleJournal.open(Samples.small(folder))) {
      Samples.append(journal, 0, 1);
    }
    try (Journal journal = ChronicleJournal.open(Samples.small(folder));
        JournalReader reader = new MappedJournalReader(folder)) {
      for (int i = 0; i < 300; i++) {
        positions.addAll(Samples.append(journal, positions.size(), 50));
      }
      RecordView view = new RecordView();
      assertThat(reader.read(positions.get(0), view)).isTrue();
      List<Cycle> before = journal.cycles();
      int last = before.get(before.size() - 1).number();
      assertThat(journal.deleteCyclesBefore(last + 100)).isGreaterThan(3L << 20);
      assertThat(journal.cycles()).extracting(Cycle::number).containsExactly(last);
      assertThat(folder.resolve("run-00000001")).doesNotExist();
      reader.forgetCyclesBefore(last);
      assertThat(reader.read(positions.get(0), view)).isFalse();
      long first = firstIn(last, positions);
      positions.addAll(Samples.append(journal, positions.size(), 4000));
      assertThat(Samples.numbers(folder))
          .isEqualTo(Samples.upTo(positions.size()).subList((int) first, positions.size()));
    }
  }

  @Test
  void refusesJournalWithMissingCycle() throws IOException {
    try (Journal journal = ChronicleJournal.open(Samples.small(folder))) {
      for (int i = 0; i < 300; i++) {
        Samples.append(journal, i * 50L, 50);
      }
      Files.delete(journal.cycles().get(1).file());
    }
    try (JournalReader reader = new MappedJournalReader(folder)) {
      ScanResult result = reader.scan(Position.NONE, view -> {});
      assertThat(result.intact()).isFalse();
      assertThat(result.damage().get(0).toString())
          .contains("missing")
          .contains(CycleNames.fileName(2));
    }
  }

  @Test
  void scansFromPositionAndResumes() {
    List<Long> positions = new ArrayList<>();
    try (Journal journal = ChronicleJournal.open(Samples.small(folder));
        JournalReader reader = new MappedJournalReader(folder)) {
      assertThat(reader.scan(Position.NONE, view -> {}).records()).isZero();
      for (int i = 0; i < 40; i++) {
        positions.addAll(Samples.append(journal, positions.size(), 50));
      }
      List<Long> found = new ArrayList<>();
      ScanResult result = reader.scan(positions.get(777), Samples.collect(found));
      assertThat(found).isEqualTo(Samples.upTo(2000).subList(777, 2000));
      assertThat(reader.scan(result.resume(), Samples.collect(found)).records()).isZero();
      for (int i = 40; i < 400; i++) {
        positions.addAll(Samples.append(journal, positions.size(), 50));
        result = reader.scan(result.resume(), Samples.collect(found));
        assertThat(result.records()).isEqualTo(50);
      }
      assertThat(found).isEqualTo(Samples.upTo(positions.size()).subList(777, positions.size()));
    }
  }

  @Test
  void carriesRecordForwardAsItStands() {
    long copied;
    List<Long> positions;
    try (Journal journal = ChronicleJournal.open(Samples.small(folder));
        JournalReader reader = new MappedJournalReader(folder)) {
      positions = Samples.append(journal, 0, 20);
      RecordView view = new RecordView();
      assertThat(reader.read(positions.get(13), view)).isTrue();
      RunWriter run = journal.begin();
      copied = run.copy(view);
      run.commit();
      assertThat(reader.read(copied, view)).isTrue();
      assertThat(Samples.check(new SubmissionDecoder(), view)).isEqualTo(13);
    }
  }

  @Test
  void findsNoRecordWhereNoneIs() {
    try (Journal journal = ChronicleJournal.open(Samples.small(folder));
        JournalReader reader = new MappedJournalReader(folder)) {
      long position = Samples.append(journal, 1, 1).get(0);
      RecordView view = new RecordView();
      for (long wrong :
          new long[] {
            0,
            8,
            position + 8,
            position - 8,
            position + 4,
            Position.of(2, 64),
            Position.of(1, 1L << 39)
          }) {
        assertThat(reader.read(wrong, view)).as("position %d", wrong).isFalse();
      }
    }
  }

  @Test
  void refusesRecordsBeyondTheLimit() {
    try (Journal journal = ChronicleJournal.open(Samples.small(folder));
        JournalReader reader = new MappedJournalReader(folder)) {
      SubmissionEncoder encoder = new SubmissionEncoder().task(1, 2, "", 3);
      int max = journal.recordBytesMax() - encoder.length();
      RunWriter run = journal.begin();
      List<Long> positions = new ArrayList<>();
      for (int i = 0; i < 9; i++) {
        positions.add(run.append(i, encoder.payload(new byte[max], 0, max)));
      }
      assertThatThrownBy(() -> run.append(9, encoder.payload(new byte[max + 1], 0, max + 1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("record too long");
      run.commit();
      RecordView view = new RecordView();
      assertThat(positions).allMatch(position -> reader.read(position, view));
    }
  }

  @Test
  void reservesNothingThatMustStayFree() {
    Path tight = folder.resolve("tight");
    List<Long> positions;
    try (Journal journal = ChronicleJournal.open(Samples.small(tight))) {
      positions = Samples.append(journal, 0, 10);
    }
    JournalSettings greedy = Samples.small(tight).keepingFree(Long.MAX_VALUE / 2);
    try (Journal journal = ChronicleJournal.open(greedy)) {
      assertThat(journal.availableBytes()).isZero();
      assertThat(journal.reserve(1 << 20)).isFalse();
    }
    try (Journal journal = ChronicleJournal.open(Samples.small(tight))) {
      assertThat(journal.reserve(1L << 50)).isFalse();
      assertThat(journal.availableBytes()).isPositive();
      positions.addAll(Samples.append(journal, 10, 10));
      assertThat(journal.reserve(1L << 50)).isFalse();
      positions.addAll(Samples.append(journal, 20, 10));
    }
    assertThat(Samples.numbers(tight)).isEqualTo(Samples.upTo(30));
  }

  @Test
  void forcesWhatWasAppendedBefore() throws IOException {
    try (Journal journal = ChronicleJournal.open(Samples.small(folder))) {
      assertThat(journal.forcedThrough()).isZero();
      long position = Samples.append(journal, 0, 10).get(9);
      assertThat(journal.forcedThrough()).isLessThanOrEqualTo(position);
      journal.force();
      assertThat(journal.forcedThrough())
          .isGreaterThan(position)
          .isEqualTo(journal.appendedThrough());
      for (int i = 0; i < 300; i++) {
        Samples.append(journal, 10 + i * 50L, 50);
      }
      assertThat(openCycleFiles()).isGreaterThan(3);
      journal.force();
      assertThat(journal.forcedThrough()).isEqualTo(journal.appendedThrough());
    }
    // Chronicle closes its own in the background.
    Awaitility.await().untilAsserted(() -> assertThat(openCycleFiles()).isZero());
  }

  private static void checkReads(Path folder, List<Long> positions) {
    SubmissionDecoder decoder = new SubmissionDecoder();
    RecordView view = new RecordView();
    try (JournalReader reader = new MappedJournalReader(folder, 2)) {
      for (int i = 0; i < positions.size(); i++) {
        int number = (int) (i * 7919L % positions.size());
        assertThat(reader.read(positions.get(number), view)).isTrue();
        assertThat(Samples.check(decoder, view)).isEqualTo(number);
      }
      reader.trim();
      assertThat(reader.read(positions.get(0), view)).isTrue();
    }
  }

  private static long firstIn(int cycle, List<Long> positions) {
    return positions.stream().filter(position -> Position.cycle(position) < cycle).count();
  }

  /**
   * Descriptors that this process has on files of ours: one for each cycle not forced, beside
   * Chronicle's.
   */
  private long openCycleFiles() throws IOException {
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      return descriptors.filter(this::isCycleFile).count();
    }
  }

  private boolean isCycleFile(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).startsWith(folder.toRealPath());
    } catch (IOException e) {
      return false; // Closed since it was listed.
    }
  }

  private Path sharedMemory() throws IOException {
    Path parent = Files.isWritable(SHARED_MEMORY) ? SHARED_MEMORY : folder;
    elsewhere = Files.createTempDirectory(parent, "tidemill-test-");
    return elsewhere;
  }
}
