package io.tidemill.shm.instance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.shm.config.Settings;
import io.tidemill.shm.journal.Journal;
import io.tidemill.shm.journal.JournalReader;
import io.tidemill.shm.journal.LossyDisk;
import io.tidemill.shm.journal.OtherBoot;
import io.tidemill.shm.journal.OutcomeDecoder;
import io.tidemill.shm.journal.OutcomeEncoder;
import io.tidemill.shm.journal.Position;
import io.tidemill.shm.journal.RecordDescriptor;
import io.tidemill.shm.journal.RecordEncoder;
import io.tidemill.shm.journal.RunWriter;
import io.tidemill.shm.journal.SubmissionDecoder;
import io.tidemill.shm.journal.SubmissionEncoder;
import io.tidemill.shm.os.Disk;
import io.tidemill.shm.region.RegionHeader.Kind;
import io.tidemill.shm.region.Role;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskState;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Loses the power at random moments of an instance's life, several times one after the other, and
 * starts it again from what an arbitrary subset of the unforced pages, lengths and names leaves.
 * {@code -Dtidemill.power.seed} repeats a run, {@code -Dtidemill.power.losses} makes it longer.
 */
@Tag("exhaustive")
class InstancePowerLossTest {
  private static final long SEED = Long.getLong("tidemill.power.seed", System.nanoTime());
  private static final int LOSSES = Integer.getInteger("tidemill.power.losses", 24);
  private static final int BOOTS = 4;
  private static final int STEPS = 25;
  private static final int PAYLOAD_MAX = 9_000;
  private static final Set<String> LOST_ANYWAY = Set.of("shm", "run", "logs");

  @TempDir Path fallback;
  private Path temp;
  private int folders;
  private int said;
  private long lostTasks;
  private long lostOutcomes;
  private long checkedTasks;

  @BeforeEach
  void makeFolder() throws IOException {
    temp = LossyDisk.temporary(fallback);
  }

  @AfterEach
  void deleteFolder() throws IOException {
    delete(temp);
  }

  @Test
  void keepsEveryTaskAndOutcomeThatWasForcedAndRaisesTheEpoch() throws IOException {
    int losses = 0;
    for (long round = 0; losses < LOSSES; round++) {
      losses += live(new Random(SEED + round), SEED + round);
    }
    System.out.printf(
        "power loss, instance: seed=%d losses=%d starts_that_said_so=%d tasks_checked=%d"
            + " lost_forced_tasks=0 lost_forced_outcomes=0 outcomes_twice=0 unforced_tasks_lost=%d"
            + " unforced_outcomes_lost=%d%n",
        SEED, losses, said, checkedTasks, lostTasks, lostOutcomes);
    assertThat(said).as("starts that said what is missing, seed " + SEED).isPositive();
    assertThat(lostTasks).isPositive();
  }

  private int live(Random random, long seed) throws IOException {
    Path data = temp.resolve("data" + folders++);
    List<Path> all = new ArrayList<>(List.of(data));
    Files.createDirectory(data, Disk.PRIVATE_FOLDER);
    Map<Long, Task> tasks = new LinkedHashMap<>();
    int epoch = 0;
    for (int boot = 0; boot <= BOOTS; boot++) {
      String what = "seed=" + seed + " boot=" + boot;
      try (LossyDisk disk = new LossyDisk(data, LOST_ANYWAY);
          Host host = new Host(data, random, tasks)) {
        assertThat(host.epoch()).as(what).isGreaterThan(epoch);
        epoch = host.epoch();
        check(host, what);
        if (boot == BOOTS) {
          break;
        }
        host.live(disk);
        data = temp.resolve("data" + folders++);
        all.add(data);
        disk.lose(random, data);
        afterReboot(data, host.data, random);
      }
    }
    for (Path each : all) {
      delete(each);
    }
    return BOOTS;
  }

  /** The mapped files are gone, or they are those of another boot. */
  private static void afterReboot(Path data, Path before, Random random) throws IOException {
    OtherBoot.pretend(data.resolve("journal/submissions"));
    OtherBoot.pretend(data.resolve("journal/outcomes"));
    if (random.nextBoolean() || Files.notExists(data.resolve("journal/submissions/forced"))) {
      return;
    }
    DataDir dir = new DataDir(data, "");
    dir.prepare();
    for (Kind kind : Kind.values()) {
      Files.copy(before.resolve("shm").resolve(kind.fileName()), dir.mapped(kind));
      try (RandomAccessFile file = new RandomAccessFile(dir.mapped(kind).toFile(), "rw")) {
        file.seek(32);
        file.writeLong(random.nextLong());
      }
    }
  }

  /** What the first process of the next boot finds, against what was promised. */
  private void check(Host host, String what) throws IOException {
    Map<Long, List<byte[]>> outcomes = host.outcomesFound();
    Set<Long> submissions = host.submissionsFound();
    boolean missing = false;
    for (Task task : List.copyOf(host.tasks.values())) {
      checkedTasks++;
      String which = what + " task=" + Long.toHexString(task.id);
      List<byte[]> found = outcomes.getOrDefault(task.id, List.of());
      boolean isReady = host.isReady(task.id);
      assertThat(found.size()).as(which).isLessThanOrEqualTo(1);
      if (task.outcomeForced) {
        assertThat(found).as(which).hasSize(1);
      }
      if (!found.isEmpty()) {
        assertThat(task.recorded).as(which).isTrue();
        assertThat(found.get(0)).as(which).isEqualTo(result(task.id));
        assertThat(isReady).as(which).isFalse();
      } else if (task.submissionForced) {
        assertThat(isReady).as(which).isTrue();
      }
      lostTasks += !isReady && found.isEmpty() ? 1 : 0;
      lostOutcomes += task.recorded && found.isEmpty() ? 1 : 0;
      missing |= !submissions.contains(task.id) || (task.recorded && found.isEmpty());
      if (!isReady && found.isEmpty()) {
        host.tasks.remove(task.id);
      } else {
        task.submissionForced = true;
        task.recorded = !found.isEmpty();
        task.outcomeForced = task.recorded;
      }
    }
    assertThat(host.tasks.keySet()).as(what).containsAll(host.readyIds());
    boolean wasSaid =
        host.instance.control().errors().entries().stream()
            .anyMatch(entry -> entry.text().contains("a loss of power took records"));
    said += wasSaid ? 1 : 0;
    assertThat(missing || !wasSaid || host.hasAside()).as(what + ": said without cause").isTrue();
  }

  private static byte[] result(long id) {
    byte[] result = new byte[(int) (id % 97)];
    Arrays.fill(result, (byte) id);
    return result;
  }

  private static void delete(Path top) throws IOException {
    try (Stream<Path> walk = Files.walk(top)) {
      for (Path each : walk.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }

  /** A task as its client and its worker know it. */
  private static final class Task {
    private final long id;
    private boolean submissionForced;
    private boolean recorded;
    private boolean outcomeForced;

    Task(long id) {
      this.id = id;
    }
  }

  /** The servers of one boot, as far as journals and epoch go. */
  private static final class Host implements AutoCloseable {
    private final Path data;
    private final Random random;
    private final Map<Long, Task> tasks;
    private final Instance instance;
    private Journal submissions;
    private Journal outcomes;
    private int leases;

    Host(Path data, Random random, Map<Long, Task> tasks) throws IOException {
      this.data = data;
      this.random = random;
      this.tasks = tasks;
      this.instance = Instance.enter(data, settings(), Role.PLM);
      open();
    }

    private void open() throws IOException {
      submissions = Journals.write(instance.dir().submissions(), settings(), 0);
      outcomes = Journals.write(instance.dir().outcomes(), settings(), 0);
    }

    private Settings settings() throws IOException {
      return Settings.load(
          Map.of(
              "tasks.max", "1000",
              "workers.max", "8",
              "types.max", "16",
              "journal.cycle.bytes", "1048576",
              "journal.force.interval.ms", "0"),
          Map.of(),
          data);
    }

    int epoch() {
      return instance.control().epoch();
    }

    boolean isReady(long id) {
      long word = instance.regions().tasks().wordOf(id);
      return word != -1 && StateWord.state(word) == TaskState.READY;
    }

    List<Long> readyIds() {
      List<Long> ids = new ArrayList<>();
      for (int slot = 0; slot < instance.control().slotsUsed(); slot++) {
        if (StateWord.state(instance.regions().tasks().word(slot)) == TaskState.READY) {
          ids.add(instance.regions().tasks().id(slot));
        }
      }
      return ids;
    }

    Map<Long, List<byte[]>> outcomesFound() {
      Map<Long, List<byte[]>> found = new LinkedHashMap<>();
      OutcomeDecoder decoder = new OutcomeDecoder();
      try (JournalReader reader = Journals.read(instance.dir().outcomes())) {
        reader.scan(
            Position.NONE,
            record ->
                found
                    .computeIfAbsent(decoder.wrap(record).taskId(), id -> new ArrayList<>())
                    .add(decoder.resultBytes()));
      }
      return found;
    }

    Set<Long> submissionsFound() {
      Set<Long> found = new HashSet<>();
      SubmissionDecoder decoder = new SubmissionDecoder();
      try (JournalReader reader = Journals.read(instance.dir().submissions())) {
        reader.scan(Position.NONE, record -> found.add(decoder.wrap(record).taskId()));
      }
      return found;
    }

    boolean hasAside() throws IOException {
      try (Stream<Path> names = Files.list(instance.dir().journals())) {
        return names.anyMatch(name -> name.toString().contains("power-loss"));
      }
    }

    void live(LossyDisk disk) throws IOException {
      int steps = random.nextInt(STEPS);
      for (int i = 0; i < steps; i++) {
        step();
        if (random.nextInt(4) == 0) {
          disk.observe();
        }
      }
    }

    private void step() throws IOException {
      int what = random.nextInt(12);
      if (what < 4) {
        submit(1 + random.nextInt(6));
      } else if (what < 7) {
        record();
      } else if (what < 9) {
        submissions.force();
        tasks.values().forEach(task -> task.submissionForced = true);
      } else if (what < 11) {
        outcomes.force();
        tasks.values().forEach(task -> task.outcomeForced = task.recorded);
      } else {
        submissions.close();
        outcomes.close();
        open();
      }
    }

    private void submit(int count) {
      for (int i = 0; i < count && tasks.size() < 900; i++) {
        int slot = tasks.size() + i;
        while (tasks.containsKey(TaskId.of(epoch(), 1, slot)) || isTaken(slot)) {
          slot++;
        }
        Task task = new Task(TaskId.of(epoch(), 1, slot));
        byte[] payload = new byte[random.nextInt(PAYLOAD_MAX)];
        random.nextBytes(payload);
        append(
            submissions,
            new SubmissionEncoder()
                .task(task.id, 1_000, "echo", 1)
                .terms(5_000, 1, (byte) 2)
                .payload(payload, 0, payload.length));
        tasks.put(task.id, task);
      }
    }

    private boolean isTaken(int slot) {
      return tasks.keySet().stream().anyMatch(id -> TaskId.slot(id) == slot);
    }

    /** Of a task whose submission may have been forced or not, once. */
    private void record() {
      List<Task> live = tasks.values().stream().filter(task -> !task.recorded).toList();
      if (!live.isEmpty()) {
        Task task = live.get(random.nextInt(live.size()));
        byte[] result = result(task.id);
        long lease = TaskId.lease(epoch(), ++leases);
        append(
            outcomes,
            new OutcomeEncoder()
                .task(task.id, lease, (byte) TaskState.SUCCEEDED.number(), 2_000, "w1")
                .result(result, 0, result.length));
        task.recorded = true;
      }
    }

    private void append(Journal journal, RecordEncoder record) {
      assertThat(journal.reserve(record.length() + RecordDescriptor.OVERHEAD_MAX)).isTrue();
      RunWriter run = journal.begin();
      run.append(instance.control().drawSequences(1), record);
      run.commit();
    }

    @Override
    public void close() {
      submissions.close();
      outcomes.close();
      instance.close();
      instance.regions().close();
    }
  }
}
