package io.tidemill.shm.inspect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.shm.config.Settings;
import io.tidemill.shm.instance.DataDir;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.instance.InstanceException;
import io.tidemill.shm.instance.Journals;
import io.tidemill.shm.journal.Journal;
import io.tidemill.shm.journal.OutcomeEncoder;
import io.tidemill.shm.journal.RunWriter;
import io.tidemill.shm.journal.SubmissionEncoder;
import io.tidemill.shm.region.Role;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupTest {
  private static final int SLOTS = 2_000;
  private static final int BATCH = 200;
  private static final int LASTING = 20;
  private static final int PAYLOAD = 1_000;

  @TempDir Path temp;

  /**
   * What a running system does to its journals: batches that end at once, and some tasks that stay.
   */
  private static final class Traffic implements AutoCloseable {
    private final Journal submissions;
    private final Journal outcomes;
    private final SubmissionEncoder submission = new SubmissionEncoder();
    private final OutcomeEncoder outcome = new OutcomeEncoder();
    private final Semaphore allowed = new Semaphore(0);
    private final Semaphore deletions = new Semaphore(0);
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final AtomicInteger rounds = new AtomicInteger();
    private CompletableFuture<Void> running = CompletableFuture.completedFuture(null);
    private long sequence;

    Traffic(Path data) throws IOException {
      DataDir dir = new DataDir(data, "");
      dir.prepare();
      submissions = Journals.write(dir.submissions(), settings(data), 0);
      outcomes = Journals.write(dir.outcomes(), settings(data), 0);
      submit(0, 0, LASTING);
    }

    void start() {
      running =
          CompletableFuture.runAsync(
              () -> {
                allowed.acquireUninterruptibly();
                while (!stopped.get()) {
                  round();
                  allowed.acquireUninterruptibly();
                }
              });
    }

    /**
     * So many rounds more, and one deletion at some time in them: a slow disk is not to be outrun.
     */
    void allow(int more) {
      deletions.release();
      allowed.release(more);
    }

    void round() {
      int generation = rounds.incrementAndGet();
      int from = LASTING + generation % 8 * BATCH;
      submit(generation, from, BATCH);
      end(generation, from, BATCH);
      if (submissions.cycles().size() > 2 && deletions.tryAcquire()) {
        // As retention does: what lives is carried forward, then the old submissions go, then their
        // outcomes.
        submit(0, 0, LASTING);
        submissions.deleteCyclesBefore(lastCycle(submissions));
        outcomes.deleteCyclesBefore(lastCycle(outcomes));
      }
    }

    private int lastCycle(Journal journal) {
      return journal.cycles().get(journal.cycles().size() - 1).number();
    }

    private void submit(int generation, int from, int count) {
      assertThat(submissions.reserve(count * (PAYLOAD + 200L))).isTrue();
      RunWriter run = submissions.begin();
      for (int slot = from; slot < from + count; slot++) {
        submission
            .task(TaskId.of(1, generation, slot), 1_000, "echo", 0)
            .terms(1_000, 1, (byte) 1)
            .payload(new byte[PAYLOAD], 0, PAYLOAD);
        run.append(++sequence, submission);
      }
      run.commit();
    }

    void end(int generation, int from, int count) {
      assertThat(outcomes.reserve(count * 200L)).isTrue();
      RunWriter run = outcomes.begin();
      for (int slot = from; slot < from + count; slot++) {
        outcome.task(
            TaskId.of(1, generation, slot), 1, (byte) TaskState.SUCCEEDED.number(), 2_000, "w1");
        run.append(++sequence, outcome);
      }
      run.commit();
    }

    @Override
    public void close() {
      stopped.set(true);
      allowed.release();
      running.join();
      submissions.close();
      outcomes.close();
    }
  }

  @Test
  void restoresWhatLivedWhenNothingMoves() throws IOException {
    Path data = data();
    try (Traffic traffic = new Traffic(data)) {
      traffic.round();
      traffic.submit(1_000, 1_900, 7);
      Backup.Result backup = Backup.make(data, temp.resolve("backup"));
      assertThat(backup.submissions()).isEqualTo(LASTING + BATCH + 7);
      assertThat(backup.outcomes()).isEqualTo(BATCH);
      assertThat(backup.epoch()).isEqualTo(3);
    }
    Set<Long> expected = lasting();
    for (int slot = 1_900; slot < 1_907; slot++) {
      expected.add(TaskId.of(1, 1_000, slot));
    }
    assertThat(restored("backup", "restored")).isEqualTo(expected);
  }

  @Test
  void isWholeWhileTheSystemRunsAndDeletesOldCycles() throws IOException {
    Path data = data();
    try (Traffic traffic = new Traffic(data)) {
      traffic.start();
      for (int i = 0; i < 6; i++) {
        traffic.allow(30);
        Backup.make(data, temp.resolve("backup" + i));
      }
    }
    for (int i = 0; i < 6; i++) {
      Set<Long> live = restored("backup" + i, "restored" + i);
      assertThat(live).containsAll(lasting());
      live.removeAll(lasting());
      // Submissions are copied before the outcomes, so at most the batch under way then has none.
      assertThat(live.size()).isLessThanOrEqualTo(BATCH);
      assertThat(live.stream().map(TaskId::generation).distinct().count()).isLessThanOrEqualTo(1);
    }
  }

  @Test
  void goesOnUnderAnEpochThatTheSourceHasNotReached() throws IOException {
    Path data = data();
    new Traffic(data).close();
    Backup.make(data, temp.resolve("backup"));
    Restore.make(temp.resolve("backup"), temp.resolve("restored"), 0);
    try (Instance instance = enter(temp.resolve("restored"))) {
      assertThat(instance.control().epoch()).isEqualTo(3 + Restore.EPOCH_MARGIN + 1);
    }
    Restore.make(temp.resolve("backup"), temp.resolve("again"), 100);
    try (Instance instance = enter(temp.resolve("again"))) {
      assertThat(instance.control().epoch()).isEqualTo(101);
    }
    assertThatThrownBy(() -> Restore.make(temp.resolve("backup"), temp.resolve("third"), 3))
        .hasMessageContaining("the epoch was used already");
    assertThat(temp.resolve("third")).doesNotExist();
  }

  @Test
  void takesOverSettingsButNoFolderOfTheSource() throws IOException {
    Path data = data();
    Files.writeString(
        data.resolve(Settings.FILE_NAME), "port.plm=7555\nshm.dir=/dev/shm/x\ntasks.max=5000\n");
    new Traffic(data).close();
    Backup.make(data, temp.resolve("backup"));
    Restore.Result result = Restore.make(temp.resolve("backup"), temp.resolve("restored"), 0);
    assertThat(result.leftOut()).containsExactly("shm.dir=/dev/shm/x");
    assertThat(temp.resolve("restored").resolve(Settings.FILE_NAME))
        .hasContent("port.plm=7555\ntasks.max=5000\n");
  }

  @Test
  void keepsBothToTheOwner() throws IOException {
    Path data = data();
    new Traffic(data).close();
    Backup.make(data, temp.resolve("backup"));
    Restore.make(temp.resolve("backup"), temp.resolve("restored"), 0);
    for (String folder : new String[] {"backup", "restored"}) {
      assertThat(mode(temp.resolve(folder))).isEqualTo("rwx------");
      assertThat(mode(temp.resolve(folder).resolve("epoch"))).isEqualTo("rw-------");
    }
    try (var left = Files.list(temp)) {
      assertThat(left.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder("data", "backup", "restored");
    }
  }

  @Test
  void refusesFoldersThatAreInTheWay() throws IOException {
    Path data = data();
    new Traffic(data).close();
    Path backup = temp.resolve("backup");
    Backup.make(data, backup);
    assertThatThrownBy(() -> Backup.make(data, backup))
        .isInstanceOf(InstanceException.class)
        .hasMessageContaining("exists already");
    assertThatThrownBy(() -> Restore.make(backup, data, 0))
        .isInstanceOf(InstanceException.class)
        .hasMessageContaining("not empty");
    assertThatThrownBy(() -> Backup.make(temp.resolve("none"), temp.resolve("b")))
        .hasMessageContaining("no instance here");
    assertThatThrownBy(() -> Restore.make(data, temp.resolve("r"), 0))
        .hasMessageContaining("no backup here");
  }

  @Test
  void refusesABackupThatWasChanged() throws IOException {
    Path data = data();
    new Traffic(data).close();
    for (String name : new String[] {"manifest", "journal", "missing", "longer"}) {
      Path backup = temp.resolve(name);
      Backup.make(data, backup);
      Path file = backup.resolve("journal/submissions/run-00000001/19700101-0001.cq4");
      switch (name) {
        case "manifest" -> flip(backup.resolve("manifest"), 20);
        case "journal" -> flip(file, 500);
        case "missing" -> Files.delete(file);
        default -> Files.write(file, new byte[10], StandardOpenOption.APPEND);
      }
      assertThatThrownBy(() -> Restore.make(backup, temp.resolve("restored"), 0))
          .isInstanceOf(InstanceException.class)
          .hasMessageContaining("the backup is damaged");
      assertThat(temp.resolve("restored")).doesNotExist();
    }
  }

  @Test
  void leadsNowhereElse() {
    Manifest manifest = new Manifest(1, 1, List.of(new Manifest.Entry("../../etc/passwd", 1, 1)));
    assertThatThrownBy(
            () -> {
              Files.write(temp.resolve(Manifest.NAME), manifest.bytes());
              Manifest.read(temp);
            })
        .hasMessageContaining("not understood");
  }

  private Path data() throws IOException {
    Path data = temp.resolve("data");
    new DataDir(data, "").prepare();
    Files.writeString(data.resolve("epoch"), "3\n");
    return data;
  }

  private static Set<Long> lasting() {
    Set<Long> ids = new TreeSet<>();
    for (int slot = 0; slot < LASTING; slot++) {
      ids.add(TaskId.of(1, 0, slot));
    }
    return ids;
  }

  private Set<Long> restored(String backup, String data) throws IOException {
    Restore.make(temp.resolve(backup), temp.resolve(data), 0);
    Set<Long> live = new TreeSet<>();
    try (Instance instance = enter(temp.resolve(data))) {
      TaskTable tasks = instance.regions().tasks();
      for (int slot = 0; slot < SLOTS; slot++) {
        if (tasks.wordOf(tasks.id(slot)) != -1 && tasks.id(slot) != 0) {
          live.add(tasks.id(slot));
        }
      }
      assertThat(instance.control().slotsUsed()).isLessThanOrEqualTo(SLOTS);
    }
    return live;
  }

  private static Instance enter(Path data) throws IOException {
    return Instance.enter(data, settings(data), Role.PLM);
  }

  private static Settings settings(Path data) throws IOException {
    return Settings.load(
        Map.of("tasks.max", Integer.toString(SLOTS), "journal.cycle.bytes", "1048576"),
        Map.of(),
        data);
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  private static void flip(Path file, int at) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[at] ^= 1;
    Files.write(file, bytes);
  }
}
