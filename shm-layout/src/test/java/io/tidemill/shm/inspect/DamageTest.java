package io.tidemill.shm.inspect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tidemill.shm.config.Settings;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.instance.Journals;
import io.tidemill.shm.instance.Regions;
import io.tidemill.shm.journal.Journal;
import io.tidemill.shm.journal.JournalReader;
import io.tidemill.shm.journal.LossyDisk;
import io.tidemill.shm.journal.Position;
import io.tidemill.shm.journal.ScanResult;
import io.tidemill.shm.os.Disk;
import io.tidemill.shm.os.Host;
import io.tidemill.shm.region.Role;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * One row for each damage that can be done to a stopped instance, and how the next start answers.
 * The table of docs/failure-model.md says the same.
 */
@Tag("exhaustive")
class DamageTest {
  private static final int TASKS = 40;
  private static final int ENDED = 10;
  private static final int UNFORCED = 5;
  private static final String CYCLE_1 = "journal/submissions/run-00000001/19700101-0001.cq4";
  private static final String CYCLE_2 = "journal/submissions/run-00000002/19700101-0002.cq4";
  private static final String CYCLE_3 = "journal/submissions/run-00000003/19700101-0003.cq4";
  private static final String OUTCOMES = "journal/outcomes/run-00000003/19700101-0003.cq4";

  @TempDir static Path fallback;
  private static Path temp;
  private static Path template;
  private static List<Long> offsets;
  private static long forcedOffset;
  private static int copies;

  /** What the next start does. */
  private enum Answer {
    /** It goes on with all there is. */
    STARTS,
    /** The same, having cut a tail that nobody was promised. */
    CUTS,
    /** It makes the mapped files anew, with every task. */
    REBUILDS,
    /** It says what is wrong, where, and what to do. */
    REFUSES,
    /** The same, and a repair makes it start, with all tasks whose records are there. */
    REFUSES_UNTIL_REPAIRED
  }

  @FunctionalInterface
  private interface Deed {
    void on(Path data) throws IOException;
  }

  private record Row(String damage, Answer answer, String named, Deed deed) {
    @Override
    public String toString() {
      return damage + ": " + answer;
    }
  }

  /** Three runs; the last one's end is not forced. Some tasks have ended. */
  @BeforeAll
  static void writeTemplate() throws IOException {
    temp = LossyDisk.temporary(fallback);
    template = temp.resolve("template");
    for (int run = 0; run < 3; run++) {
      try (TestInstance instance = new TestInstance(template)) {
        int from = run * TASKS;
        for (int slot = from; slot < from + TASKS; slot++) {
          instance.accept(slot, slot);
        }
        for (int slot = from; slot < from + ENDED; slot++) {
          instance.end(instance.idOf(slot), TaskState.SUCCEEDED, 2_000);
        }
        instance.submissions().force();
        instance.outcomes().force();
        forcedOffset = Position.offset(instance.submissions().forcedThrough());
        if (run == 2) {
          for (int slot = from + TASKS; slot < from + TASKS + UNFORCED; slot++) {
            instance.accept(slot, slot);
          }
        }
      }
    }
    offsets = new ArrayList<>();
    try (JournalReader reader = Journals.read(template.resolve("journal/submissions"))) {
      reader.scan(Position.of(3, 0), view -> offsets.add(Position.offset(view.position())));
    }
  }

  @AfterAll
  static void deleteFolder() throws IOException {
    delete(temp);
  }

  @ParameterizedTest
  @MethodSource("rows")
  void answersEachDamageAsTheTableSays(Row row) throws IOException {
    Path data = temp.resolve("data" + copies++);
    copy(template, data);
    int before = epoch(data);
    row.deed().on(data);
    Started[] started = new Started[1];
    Throwable refused = catchThrowable(() -> started[0] = start(data));
    switch (row.answer()) {
      case STARTS, CUTS -> {
        assertThat(refused).isNull();
        assertThat(started[0].cuts() == 0).isEqualTo(row.answer() == Answer.STARTS);
        assertThat(epoch(data)).isEqualTo(before);
      }
      case REBUILDS -> {
        assertThat(refused).isNull();
        assertThat(epoch(data)).isEqualTo(before + 1);
        assertThat(started[0].live()).isEqualTo(3 * (TASKS - ENDED) + UNFORCED);
      }
      case REFUSES -> checkRefused(row, data, refused);
      case REFUSES_UNTIL_REPAIRED -> {
        checkRefused(row, data, refused);
        repairAndStart(data);
      }
    }
    delete(data);
  }

  private static void checkRefused(Row row, Path data, Throwable refused) {
    assertThat(refused).isNotNull();
    assertThat(refused.getMessage())
        .contains(data.resolve(row.named()).toString())
        .contains("; ")
        .doesNotContain("Exception");
    assertThat(catchThrowable(() -> start(data))).as("again").hasMessage(refused.getMessage());
  }

  private static void repairAndStart(Path data) throws IOException {
    List<String> before = names(data.resolve("journal"));
    RepairReport report = Repair.run(data, TestInstance.settings(data), false);
    assertThat(report.sound()).isFalse();
    assertThat(names(data.resolve("journal"))).as("a dry run changes nothing").isEqualTo(before);
    assertThat(catchThrowable(() -> start(data))).isNotNull();
    RepairReport done = Repair.run(data, TestInstance.settings(data), true);
    assertThat(done.repaired()).isTrue();
    assertThat(start(data).live()).isEqualTo(report.liveTasks());
    assertThat(Repair.run(data, TestInstance.settings(data), true).sound()).isTrue();
  }

  /** As the servers start: the memory, then both journals, read whole and opened for writing. */
  private static Started start(Path data) throws IOException {
    Settings settings = TestInstance.settings(data);
    Regions regions = null;
    try (Instance instance = Instance.enter(data, settings, Role.PLM)) {
      regions = instance.regions();
      return look(instance, settings);
    } finally {
      if (regions != null) {
        regions.close();
      }
    }
  }

  private static Started look(Instance instance, Settings settings) {
    int cuts = 0;
    for (Path folder : List.of(instance.dir().submissions(), instance.dir().outcomes())) {
      try (JournalReader reader = Journals.read(folder)) {
        ScanResult result = reader.scan(Position.NONE, view -> {});
        Journals.requireIntact(result);
        cuts += result.cuts().size();
      }
      try (Journal journal = Journals.write(folder, settings, 0)) {
        assertThat(journal.cycles()).isNotEmpty();
      }
    }
    long live = 0;
    TaskTable tasks = instance.regions().tasks();
    for (int slot = 0; slot < instance.control().slotsUsed(); slot++) {
      live += StateWord.state(tasks.word(slot)) == TaskState.READY ? 1 : 0;
    }
    return new Started(live, cuts);
  }

  private record Started(long live, int cuts) {}

  static Stream<Row> rows() throws IOException {
    return Stream.of(mappedFiles(), submissions(), otherFiles()).flatMap(List::stream);
  }

  private static List<Row> mappedFiles() {
    List<Row> rows = new ArrayList<>();
    for (String name : List.of("control")) {
      String file = "shm/" + name;
      rows.add(row(file + " deleted", Answer.REBUILDS, file, data -> remove(data, file)));
      rows.add(row(file + " empty", Answer.REBUILDS, file, data -> truncate(data, file, 0)));
      rows.add(row(file + " cut in its header", Answer.REBUILDS, file, d -> truncate(d, file, 33)));
      rows.add(row(file + " cut", Answer.REBUILDS, file, data -> halve(data, file)));
      rows.add(row(file + " magic flipped", Answer.REBUILDS, file, data -> flip(data, file, 3)));
      rows.add(row(file + " kind flipped", Answer.REBUILDS, file, data -> flip(data, file, 12)));
      rows.add(row(file + " stamp flipped", Answer.REBUILDS, file, data -> flip(data, file, 17)));
      rows.add(row(file + " capacity flipped", Answer.REBUILDS, file, d -> flip(d, file, 25)));
      rows.add(row(file + " of another boot", Answer.REBUILDS, file, data -> flip(data, file, 34)));
      rows.add(row(file + " of a newer layout", Answer.REFUSES, file, d -> put(d, file, 8, 99)));
      rows.add(row(file + " of an older layout", Answer.REFUSES, file, d -> put(d, file, 8, 0)));
      rows.addAll(notOurs(file, Answer.REFUSES));
    }
    String heap = "shm/task-heap";
    rows.add(row(heap + " deleted", Answer.REBUILDS, heap, data -> remove(data, heap)));
    rows.add(row(heap + " cut", Answer.REBUILDS, heap, data -> halve(data, heap)));
    rows.add(row("shm deleted", Answer.REBUILDS, "shm", data -> delete(data.resolve("shm"))));
    return rows;
  }

  private static List<Row> submissions() throws IOException {
    Answer repair = Answer.REFUSES_UNTIL_REPAIRED;
    long record = offsets.get(10);
    long firstUnforced = offsets.get(TASKS);
    List<Row> rows = new ArrayList<>();
    rows.add(
        row("document header flipped", repair, CYCLE_3, flipAt(CYCLE_3, headerBefore(record))));
    rows.add(
        row(
            "document header of zeros",
            repair,
            CYCLE_3,
            data -> put(data, CYCLE_3, headerBefore(record), 0)));
    rows.add(row("record length flipped", repair, CYCLE_3, flipAt(CYCLE_3, record)));
    rows.add(row("record checksum flipped", repair, CYCLE_3, flipAt(CYCLE_3, record + 5)));
    rows.add(row("record kind flipped", repair, CYCLE_3, flipAt(CYCLE_3, record + 8)));
    rows.add(row("record marker flipped", repair, CYCLE_3, flipAt(CYCLE_3, record + 10)));
    rows.add(row("record sequence flipped", repair, CYCLE_3, flipAt(CYCLE_3, record + 17)));
    rows.add(row("record body flipped", repair, CYCLE_3, flipAt(CYCLE_3, record + 30)));
    rows.add(row("record flipped in an old file", repair, CYCLE_1, flipAt(CYCLE_1, record + 30)));
    rows.add(row("outcome flipped", repair, OUTCOMES, flipAt(OUTCOMES, outcomeOffset() + 30)));
    rows.add(row("Chronicle's file header flipped", repair, CYCLE_3, flipAt(CYCLE_3, 1)));
    rows.add(row("Chronicle's own content flipped", Answer.STARTS, CYCLE_3, flipAt(CYCLE_3, 40)));
    rows.add(
        row("a page of zeros", repair, CYCLE_3, data -> zero(data, CYCLE_3, record & -4096, 4096)));
    rows.add(row("first file deleted", repair, CYCLE_1, data -> remove(data, CYCLE_1)));
    rows.add(row("middle file deleted", repair, CYCLE_2, data -> remove(data, CYCLE_2)));
    rows.add(row("last file deleted", repair, CYCLE_3, data -> remove(data, CYCLE_3)));
    rows.add(row("file empty", repair, CYCLE_3, data -> truncate(data, CYCLE_3, 0)));
    for (long at : new TreeSet<>(List.of(offsets.get(3) - 4, record + 1, forcedOffset - 9))) {
      rows.add(row("forced part cut at " + at, repair, CYCLE_3, d -> truncate(d, CYCLE_3, at)));
    }
    rows.add(
        row(
            "cut at its forced end",
            Answer.STARTS,
            CYCLE_3,
            d -> truncate(d, CYCLE_3, forcedOffset)));
    for (long at = firstUnforced + 1; at < firstUnforced + 48; at += 15) {
      long end = at;
      rows.add(
          row("unforced part cut at " + at, Answer.CUTS, CYCLE_3, d -> truncate(d, CYCLE_3, end)));
    }
    rows.addAll(notOurs(CYCLE_2, Answer.REFUSES));
    String run = "journal/submissions/run-00000002";
    rows.add(row("run folder is a file", Answer.REFUSES, run, data -> replaceByFile(data, run)));
    rows.add(row("run folder is a link", Answer.REFUSES, run, data -> replaceByLink(data, run)));
    rows.add(
        row(
            "run folder open to others",
            Answer.REFUSES,
            run,
            data -> mode(data, run, "rwxr-xr-x")));
    rows.add(
        row(
            "journal emptied",
            Answer.REFUSES,
            "journal/submissions",
            d -> delete(d.resolve("journal/submissions"))));
    rows.add(
        row(
            "journal is a link",
            Answer.REFUSES,
            "journal/outcomes",
            d -> replaceByLink(d, "journal/outcomes")));
    String metadata = "journal/submissions/run-00000002/metadata.cq4t";
    rows.add(
        row("Chronicle's metadata deleted", Answer.STARTS, metadata, d -> remove(d, metadata)));
    rows.add(row("Chronicle's metadata flipped", Answer.STARTS, metadata, flipAt(metadata, 9)));
    return rows;
  }

  private static List<Row> otherFiles() {
    Answer repair = Answer.REFUSES_UNTIL_REPAIRED;
    List<Row> rows = new ArrayList<>();
    String mark = "journal/submissions/forced";
    rows.add(row("mark deleted", repair, "journal/submissions", data -> remove(data, mark)));
    rows.add(row("one copy of the mark flipped", Answer.STARTS, mark, flipAt(mark, 20)));
    rows.add(row("both copies of the mark flipped", repair, mark, flipAt(mark, 20, 532)));
    rows.addAll(notOurs(mark, Answer.REFUSES));
    rows.add(row("epoch deleted", repair, "epoch", data -> remove(data, "epoch")));
    rows.add(row("epoch no number", repair, "epoch", data -> text(data, "epoch", "one\n")));
    rows.add(row("epoch of zeros", repair, "epoch", data -> text(data, "epoch", "\0\0")));
    rows.add(row("epoch 0", repair, "epoch", data -> text(data, "epoch", "0\n")));
    rows.addAll(notOurs("epoch", Answer.REFUSES));
    String lock = "run/plm.lock";
    rows.add(row("lock deleted", Answer.STARTS, lock, data -> remove(data, lock)));
    rows.addAll(notOurs(lock, Answer.REFUSES));
    rows.addAll(notOurs("run/open.lock", Answer.REFUSES));
    rows.add(row("run deleted", Answer.STARTS, "run", data -> delete(data.resolve("run"))));
    rows.add(row("run is a link", Answer.REFUSES, "run", data -> replaceByLink(data, "run")));
    rows.add(row("logs deleted", Answer.STARTS, "logs", data -> delete(data.resolve("logs"))));
    String properties = "tidemill.properties";
    rows.add(
        row(
            "settings unknown",
            Answer.REFUSES,
            properties,
            d -> text(d, properties, "tasks.mux=5\n")));
    rows.add(
        row(
            "settings written by others",
            Answer.REFUSES,
            properties,
            data -> {
              text(data, properties, "\n");
              mode(data, properties, "rw-rw-rw-");
            }));
    rows.add(
        row(
            "settings are a folder",
            Answer.REFUSES,
            properties,
            data -> Files.createDirectory(data.resolve(properties))));
    rows.add(
        row("data folder open to others", Answer.REFUSES, "", data -> mode(data, "", "rwxr-xr-x")));
    rows.add(row("data folder is a file", Answer.REFUSES, "", data -> replaceByFile(data, "")));
    rows.add(row("data folder of another user", Answer.REFUSES, "", data -> giveAway(data, "")));
    return rows;
  }

  /** A file that is something else, or somebody else's, or anybody's. */
  private static List<Row> notOurs(String file, Answer answer) {
    return List.of(
        row(file + " of another user", answer, file, data -> giveAway(data, file)),
        row(file + " mode 0666", answer, file, data -> mode(data, file, "rw-rw-rw-")),
        row(file + " is a link", answer, file, data -> replaceByLink(data, file)),
        row(file + " is a folder", answer, file, data -> replaceByFolder(data, file)));
  }

  private static Row row(String damage, Answer answer, String named, Deed deed) {
    return new Row(damage, answer, named, deed);
  }

  private static long outcomeOffset() {
    List<Long> found = new ArrayList<>();
    try (JournalReader reader = Journals.read(template.resolve("journal/outcomes"))) {
      reader.scan(Position.of(3, 0), view -> found.add(Position.offset(view.position())));
    }
    return found.get(2);
  }

  /** Where the document of a run's first record has its header: records begin at multiples of 8. */
  private static long headerBefore(long record) throws IOException {
    try (RandomAccessFile opened = new RandomAccessFile(template.resolve(CYCLE_3).toFile(), "r")) {
      opened.seek(record - 4);
      return opened.readInt() == 0 ? record - 8 : record - 4;
    }
  }

  private static int epoch(Path data) throws IOException {
    String text = Files.readString(data.resolve("epoch"), StandardCharsets.US_ASCII).strip();
    return Integer.parseInt(text);
  }

  private static void remove(Path data, String file) throws IOException {
    Files.delete(data.resolve(file));
  }

  private static void truncate(Path data, String file, long length) throws IOException {
    try (RandomAccessFile opened = new RandomAccessFile(data.resolve(file).toFile(), "rw")) {
      opened.setLength(length);
    }
  }

  private static void halve(Path data, String file) throws IOException {
    truncate(data, file, Files.size(data.resolve(file)) / 2);
  }

  private static Deed flipAt(String file, long... offsets) {
    return data -> {
      for (long offset : offsets) {
        flip(data, file, offset);
      }
    };
  }

  private static void flip(Path data, String file, long offset) throws IOException {
    try (RandomAccessFile opened = new RandomAccessFile(data.resolve(file).toFile(), "rw")) {
      opened.seek(offset);
      int found = opened.read();
      opened.seek(offset);
      opened.write(found ^ 0x04);
    }
  }

  private static void put(Path data, String file, long offset, int value) throws IOException {
    try (RandomAccessFile opened = new RandomAccessFile(data.resolve(file).toFile(), "rw")) {
      opened.seek(offset);
      opened.writeInt(Integer.reverseBytes(value));
    }
  }

  private static void zero(Path data, String file, long offset, int length) throws IOException {
    try (RandomAccessFile opened = new RandomAccessFile(data.resolve(file).toFile(), "rw")) {
      opened.seek(offset);
      opened.write(new byte[length]);
    }
  }

  private static void text(Path data, String file, String content) throws IOException {
    Path path = data.resolve(file);
    Files.deleteIfExists(path);
    Disk.create(path).close();
    Files.writeString(path, content, StandardCharsets.US_ASCII);
  }

  private static void mode(Path data, String file, String mode) throws IOException {
    Files.setPosixFilePermissions(data.resolve(file), PosixFilePermissions.fromString(mode));
  }

  private static void giveAway(Path data, String file) throws IOException {
    assumeTrue(Host.uid() == 0, "only root can give files away");
    Files.setAttribute(data.resolve(file), "unix:uid", 65_534);
  }

  private static void replaceByLink(Path data, String file) throws IOException {
    Path path = data.resolve(file);
    Path elsewhere = temp.resolve("elsewhere" + copies++);
    Files.move(path, elsewhere);
    Files.createSymbolicLink(path, elsewhere);
  }

  private static void replaceByFolder(Path data, String file) throws IOException {
    remove(data, file);
    Files.createDirectory(data.resolve(file), Disk.PRIVATE_FOLDER);
  }

  private static void replaceByFile(Path data, String file) throws IOException {
    Path path = file.isEmpty() ? data : data.resolve(file);
    delete(path);
    Disk.create(path).close();
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> walk = Files.walk(folder)) {
      return walk.map(Path::toString).sorted().toList();
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> walk = Files.walk(from)) {
      for (Path each : walk.toList()) {
        Path target = to.resolve(from.relativize(each).toString());
        Files.copy(each, target, StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
  }

  private static void delete(Path top) throws IOException {
    try (Stream<Path> walk = Files.walk(top)) {
      for (Path each : walk.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }
}
