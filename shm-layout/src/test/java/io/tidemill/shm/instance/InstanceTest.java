package io.tidemill.shm.instance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.shm.config.Settings;
import io.tidemill.shm.journal.Journal;
import io.tidemill.shm.journal.OutcomeEncoder;
import io.tidemill.shm.journal.RecordDescriptor;
import io.tidemill.shm.journal.RecordEncoder;
import io.tidemill.shm.journal.RunWriter;
import io.tidemill.shm.journal.SubmissionEncoder;
import io.tidemill.shm.journal.Terms;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.Counter;
import io.tidemill.shm.region.KeyHash;
import io.tidemill.shm.region.RegionHeader.Kind;
import io.tidemill.shm.region.Role;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.shm.region.TermsTable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstanceTest {
  @TempDir Path temp;
  private Path data;

  @BeforeEach
  void dataFolder() {
    data = temp.resolve("data");
  }

  @Test
  void makesFilesOnceAndUsesThemAgain() throws IOException {
    int epoch;
    try (Instance first = enter(Role.PLM)) {
      epoch = first.control().epoch();
      first.regions().tasks().priority(3, 42);
      assertThat(first.incarnation()).isEqualTo(1);
    }
    try (Instance second = enter(Role.PLM)) {
      assertThat(second.control().epoch()).isEqualTo(epoch);
      assertThat(second.regions().tasks().priority(3)).isEqualTo(42);
      assertThat(second.incarnation()).isEqualTo(2);
    }
    assertThat(Instance.observe(new DataDir(data, "")).control().phase(Role.PLM))
        .isEqualTo(Control.Phase.STOPPED);
  }

  @Test
  void keepsFoldersAndFilesToTheOwner() throws IOException {
    enter(Role.PLM).close();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data)))
        .isEqualTo("rwx------");
    for (Kind kind : Kind.values()) {
      Path file = data.resolve("shm").resolve(kind.fileName());
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .isEqualTo("rw-------");
    }
  }

  @Test
  void keepsJournalsToTheOwner() throws IOException {
    try (Instance first = enter(Role.PLM)) {
      append(first.dir().submissions(), 1, submission(TaskId.of(1, 1, 0), 10));
    }
    try (Stream<Path> journal = Files.walk(data.resolve("journal"))) {
      for (Path each : journal.toList()) {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(each)))
            .as("%s", each)
            .isEqualTo(Files.isDirectory(each) ? "rwx------" : "rw-------");
      }
    }
  }

  @Test
  void letsOneProcessHaveARole() throws IOException {
    try (Instance held = enter(Role.REGISTER)) {
      assertThatThrownBy(() -> enter(Role.REGISTER))
          .isInstanceOf(InstanceException.class)
          .hasMessageContaining("another process of this role has the instance: role=register");
      assertThat(held.role()).isEqualTo(Role.REGISTER);
    }
  }

  @Test
  void rebuildsFromTheJournalsUnderAHigherEpochWhenAFileIsMissing() throws IOException {
    long ended = TaskId.of(1, 1, 0);
    long live = TaskId.of(1, 5, 7);
    try (Instance first = enter(Role.PLM)) {
      append(first.dir().submissions(), 1, submission(ended, 10), submission(live, -4));
      append(first.dir().outcomes(), 3, outcome(ended));
    }
    Files.delete(data.resolve("shm").resolve(Kind.TASKS.fileName()));
    try (Instance second = enter(Role.PLM)) {
      assertThat(second.control().epoch()).isEqualTo(2);
      TaskTable tasks = second.regions().tasks();
      assertThat(StateWord.state(tasks.wordOf(live))).isEqualTo(TaskState.READY);
      assertThat(tasks.priority(7)).isEqualTo(-4);
      assertThat(tasks.sequence(7)).isEqualTo(2);
      assertThat(second.regions().types().name(tasks.type(7))).isEqualTo("echo");
      assertThat(tasks.wordOf(ended)).as("it has an outcome").isEqualTo(-1);
      assertThat(StateWord.generation(tasks.word(0))).as("ids do not repeat").isEqualTo(1);
      assertThat(second.control().lastSequence()).isEqualTo(3);
      assertThat(second.control().slotsUsed()).isEqualTo(8);
    }
  }

  @Test
  void rebuildsTermsAndTakesTheLaterOfTwoRecordsOfATask() throws IOException {
    long id = TaskId.of(1, 5, 7);
    long plain = TaskId.of(1, 1, 6);
    Terms terms =
        new Terms(
            new Terms.Times(9_000_000_000_000L, 0, 1_000, 9_000_000_000_500L),
            new Terms.Backoff(100, 5_000, 150, 20),
            4,
            new Terms.Texts("echo@mail", "k", "t", "a"),
            0,
            ByteBuffer.allocate(0));
    try (Instance first = enter(Role.PLM)) {
      append(first.dir().submissions(), 1, submission(id, 10), submission(plain, 3));
      append(first.dir().submissions(), 1, submission(id, -4).terms(terms));
    }
    Files.delete(data.resolve("shm").resolve(Kind.TERMS.fileName()));
    try (Instance second = enter(Role.PLM)) {
      TaskTable tasks = second.regions().tasks();
      TermsTable held = second.regions().terms();
      assertThat(second.control().count(Counter.ACCEPTED)).isEqualTo(2);
      assertThat(tasks.priority(7)).isEqualTo(-4);
      assertThat(tasks.sequence(7)).isEqualTo(1);
      assertThat(second.regions().types().name(tasks.type(7))).isEqualTo("echo@mail");
      assertThat(tasks.hasTerms(7)).isTrue();
      assertThat(second.control().millisAt(held.dueNanos(7))).isEqualTo(9_000_000_000_000L);
      assertThat(held.startByNanos(7)).as("before this boot").isEqualTo(1);
      assertThat(held.endByNanos(7) - held.dueNanos(7)).isEqualTo(500_000_000);
      assertThat(held.backoffHundredths(7)).isEqualTo(150);
      assertThat(held.workerDeathsMax(7)).isEqualTo(4);
      assertThat(held.affinity(7)).isEqualTo(KeyHash.affinity("a")).isNotZero();
      assertThat(held.key(7)).isEqualTo(KeyHash.of("k"));
      assertThat(tasks.hasTerms(6)).isFalse();
    }
  }

  @Test
  void rebuildsAfterAnotherBoot() throws IOException {
    enter(Role.PLM).close();
    overwrite(Kind.MAPPING, 32, 0x1234);
    try (Instance second = enter(Role.PLM)) {
      assertThat(second.control().epoch()).isEqualTo(2);
    }
  }

  @Test
  void refusesAnotherLayoutAndTouchesNothing() throws IOException {
    enter(Role.PLM).close();
    overwrite(Kind.TASKS, 8, 99);
    assertThatThrownBy(() -> enter(Role.PLM))
        .isInstanceOf(InstanceException.class)
        .hasMessageContaining("version=99");
    assertThat(Files.exists(data.resolve("shm").resolve(Kind.TASKS.fileName()))).isTrue();
  }

  @Test
  void refusesFilesThatOthersMayWriteAndLinks() throws IOException {
    enter(Role.PLM).close();
    Path file = data.resolve("shm").resolve(Kind.CONTROL.fileName());
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
    assertThatThrownBy(() -> enter(Role.PLM)).hasMessageContaining("mode=666");
    Path elsewhere = temp.resolve("elsewhere");
    Files.move(file, elsewhere);
    Files.createSymbolicLink(file, elsewhere);
    assertThatThrownBy(() -> enter(Role.PLM)).hasMessageContaining("no plain file");
  }

  @Test
  void refusesToRebuildUnderARunningProcess() throws IOException {
    try (Instance running = enter(Role.REGISTER)) {
      Files.delete(data.resolve("shm").resolve(Kind.TASKS.fileName()));
      // Locks of one process do not show to itself, so the other role is asked for by another
      // process.
      assertThat(running.role()).isEqualTo(Role.REGISTER);
      Process other = enterElsewhere(Role.PLM);
      String said = new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(said).contains("another process has them").contains("process=register");
    }
  }

  @Test
  void letsThreeProcessesThatStartAtOnceMakeTheFilesOnce() throws IOException {
    List<Process> starts = new ArrayList<>();
    for (Role role : Role.servers()) {
      starts.add(enterElsewhere(role));
    }
    for (Process start : starts) {
      assertThat(new String(start.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
          .contains("entered under epoch 1");
    }
  }

  private Process enterElsewhere(Role role) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(Enter.class.getName(), data.toString(), role.name()));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  /** Enters as the given role and prints under which epoch, or why it could not. */
  static final class Enter {
    private Enter() {}

    public static void main(String[] arguments) throws IOException {
      Path data = Path.of(arguments[0]);
      try (Instance entered = Instance.enter(data, settings(data), Role.valueOf(arguments[1]))) {
        System.out.println("entered under epoch " + entered.control().epoch());
      } catch (InstanceException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  @Test
  void refusesAFolderThatOthersMayRead() throws IOException {
    Files.createDirectory(data);
    Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwxr-xr-x"));
    assertThatThrownBy(() -> enter(Role.PLM))
        .isInstanceOf(InstanceException.class)
        .hasMessageContaining("chmod 700");
  }

  private Instance enter(Role role) throws IOException {
    return Instance.enter(data, settings(data), role);
  }

  private static Settings settings(Path data) throws IOException {
    Map<String, String> small = new HashMap<>();
    small.put("tasks.max", "1000");
    small.put("workers.max", "8");
    return Settings.load(small, Map.of(), data);
  }

  private void overwrite(Kind kind, long offset, int value) throws IOException {
    try (RandomAccessFile file =
        new RandomAccessFile(data.resolve("shm").resolve(kind.fileName()).toFile(), "rw")) {
      file.seek(offset);
      file.writeInt(Integer.reverseBytes(value));
    }
  }

  private static void append(Path folder, long sequence, RecordEncoder... records)
      throws IOException {
    try (Journal journal = Journals.write(folder, settings(folder), 0)) {
      long bytes = 0;
      for (RecordEncoder record : records) {
        bytes += record.length() + RecordDescriptor.OVERHEAD_MAX;
      }
      assertThat(journal.reserve(bytes)).isTrue();
      RunWriter run = journal.begin();
      for (int i = 0; i < records.length; i++) {
        run.append(sequence + i, records[i]);
      }
      run.commit();
    }
  }

  private static SubmissionEncoder submission(long id, int priority) {
    return new SubmissionEncoder().task(id, 1_000, "echo", priority).terms(5_000, 1, (byte) 1);
  }

  private static OutcomeEncoder outcome(long id) {
    return new OutcomeEncoder().task(id, 1, (byte) TaskState.SUCCEEDED.number(), 2_000, "w1");
  }
}
