package io.tidemill.plm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.tidemill.plm.Definitions.Change;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.instance.Journals;
import io.tidemill.shm.journal.Cycle;
import io.tidemill.shm.journal.DefinitionKind;
import io.tidemill.shm.journal.Journal;
import io.tidemill.shm.journal.JournalReader;
import io.tidemill.shm.journal.Position;
import io.tidemill.shm.journal.RecordView;
import io.tidemill.shm.journal.RunWriter;
import io.tidemill.shm.os.Disk;
import io.tidemill.shm.region.Counter;
import io.tidemill.shm.region.Role;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.v1.GetTaskRequest;
import io.tidemill.v1.SetPriorityRequest;
import io.tidemill.v1.SubmitTasksRequest;
import io.tidemill.v1.Task;
import io.tidemill.v1.TaskSpec;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CarryForwardTest {
  private static final int CYCLE = 1 << 20;
  private static final int LIVE = 200;
  private static final int LIVE_BYTES = 1_000;
  private static final byte[] LONG = new byte[Definitions.BODY_BYTES_MAX - 1];
  private static final int ROUND = 64;
  private static final int ROUND_TASK_BYTES = 16 << 10;

  /** What is of no use, the cycle being written, and what a tidying is behind. */
  private static final int CYCLES_MAX = CarryForward.SLACK_CYCLES + 3;

  @TempDir Path folder;
  private Path data;
  private long now = System.nanoTime();

  @BeforeEach
  void name() {
    data = folder.resolve("data");
  }

  @AfterEach
  void theKernelForcesAgain() {
    Disk.sync(null);
  }

  private TestPlm start() throws Exception {
    return TestPlm.start(
        data,
        "journal.cycle.bytes",
        "" + CYCLE,
        "result.keep.seconds",
        "0",
        "payload.bytes.max",
        "100000");
  }

  private static List<Long> submit(TestPlm plm, int count, int bytes) {
    TaskSpec spec =
        TaskSpec.newBuilder()
            .setType("echo")
            .setPayload(ByteString.copyFrom(new byte[bytes]))
            .build();
    return plm.calls()
        .submitTasks(
            SubmitTasksRequest.newBuilder().addAllTasks(Collections.nCopies(count, spec)).build())
        .getTaskIdsList();
  }

  /** A cycle's worth of tasks comes and goes; then the house is kept. */
  private void round(TestPlm plm, FakeCluster cluster) {
    List<Long> ids = submit(plm, ROUND, ROUND_TASK_BYTES);
    ids.forEach(id -> cluster.end(id, TaskState.SUCCEEDED, new byte[0]));
    cluster.wakePlm();
    TaskTable tasks = plm.instance().regions().tasks();
    await()
        .pollInterval(2, TimeUnit.MILLISECONDS)
        .until(() -> ids.stream().allMatch(id -> tasks.wordOf(id) == -1));
    now += TimeUnit.MINUTES.toNanos(1);
    plm.housekeeping().carry();
    plm.housekeeping().tidy(now);
  }

  private static List<Cycle> cycles(TestPlm plm) {
    try (JournalReader reader = Journals.read(plm.instance().dir().submissions())) {
      return reader.cycles();
    }
  }

  private static Task get(TestPlm plm, long id) {
    return plm.calls().getTask(GetTaskRequest.newBuilder().setTaskId(id).build()).getTask();
  }

  @Test
  void keepsTheDiskBoundedThoughOldTasksLive() throws Exception {
    List<Long> live;
    try (TestPlm plm = start()) {
      FakeCluster cluster = new FakeCluster(plm.instance());
      live = submit(plm, LIVE, LIVE_BYTES);
      define(plm);
      int most = 0;
      for (int round = 0; round < 45; round++) {
        plm.define(new Change(DefinitionKind.QUEUE, "changed", new byte[] {(byte) round}));
        round(plm, cluster);
        most = Math.max(most, cycles(plm).size());
      }
      assertThat(most).isBetween(CarryForward.SLACK_CYCLES, CYCLES_MAX);
      assertThat(cycles(plm).get(0).number()).as("gone round several times").isGreaterThan(30);
      live.forEach(id -> assertThat(get(plm, id).getPayloadBytes()).isEqualTo(LIVE_BYTES));
      assertThat(plm.instance().control().submissionsOldest()).isGreaterThan(LIVE + 25L * ROUND);
      cluster.close();
    }
    assertAllLive(live);
    try (var files = Files.list(data.resolve("shm"))) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    assertAllLive(live);
  }

  private void assertAllLive(List<Long> live) throws Exception {
    try (TestPlm plm = start()) {
      TaskTable tasks = plm.instance().regions().tasks();
      int found = 0;
      for (int slot = 0; slot < plm.instance().control().slotsUsed(); slot++) {
        found += StateWord.state(tasks.word(slot)).isLive() ? 1 : 0;
      }
      assertThat(found).isEqualTo(live.size());
      assertDefined(plm);
      live.forEach(id -> assertThat(get(plm, id).getPayloadBytes()).isEqualTo(LIVE_BYTES));
    }
  }

  @Test
  void copiesNoMoreThanIsAccepted() throws Exception {
    try (TestPlm plm = start()) {
      FakeCluster cluster = new FakeCluster(plm.instance());
      // Four cycles of live tasks: half of what there may be.
      List<Long> live = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        live.addAll(submit(plm, ROUND, ROUND_TASK_BYTES));
      }
      int rounds = 40;
      for (int round = 0; round < rounds; round++) {
        round(plm, cluster);
      }
      int newest = cycles(plm).get(cycles(plm).size() - 1).number();
      assertThat(newest).as("cycles written for %s of load", rounds).isLessThan(2 * (4 + rounds));
      assertThat(cycles(plm).size()).isLessThanOrEqualTo(2 * 5 + CYCLES_MAX);
      live.forEach(id -> assertThat(get(plm, id).getPayloadBytes()).isEqualTo(ROUND_TASK_BYTES));
      cluster.close();
    }
  }

  @Test
  void carriesAChangedPriority() throws Exception {
    long id;
    try (TestPlm plm = start();
        FakeCluster cluster = new FakeCluster(plm.instance())) {
      id = submit(plm, 1, LIVE_BYTES).get(0);
      var unused =
          plm.calls()
              .setPriority(SetPriorityRequest.newBuilder().setTaskId(id).setPriority(77).build());
      while (cycles(plm).get(0).number() == 1) {
        round(plm, cluster);
      }
      assertThat(get(plm, id).getPriority()).isEqualTo(77);
    }
    try (var files = Files.list(data.resolve("shm"))) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    try (TestPlm plm = start()) {
      assertThat(get(plm, id).getPriority()).isEqualTo(77);
      assertThat(plm.instance().regions().tasks().priority(TaskId.slot(id))).isEqualTo(77);
    }
  }

  @Test
  void hasWhatItCarriedOnTheDiskBeforeTheOldFileGoes() throws Exception {
    try (TestPlm plm = start()) {
      FakeCluster cluster = new FakeCluster(plm.instance());
      long live = submit(plm, 1, LIVE_BYTES).get(0);
      AtomicInteger forcedThrough = new AtomicInteger();
      Disk.sync(
          new Disk.Sync() {
            @Override
            public void file(Path file, FileChannel channel) {
              String name = file.getFileName().toString();
              if (file.startsWith(data.resolve("journal/submissions")) && name.endsWith(".cq4")) {
                int cycle = Integer.parseInt(name.substring(name.length() - 6, name.length() - 4));
                forcedThrough.accumulateAndGet(cycle, Math::max);
              }
            }
          });
      while (cycles(plm).get(0).number() == 1) {
        round(plm, cluster);
      }
      int carriedTo =
          Position.cycle(plm.instance().regions().tasks().submission(TaskId.slot(live)));
      assertThat(carriedTo).isGreaterThan(CarryForward.SLACK_CYCLES - 1);
      assertThat(forcedThrough.get()).isGreaterThanOrEqualTo(carriedTo);
      cluster.close();
    }
  }

  @Test
  void takesACopyThatNoSlotPointsToForTheSameTask() throws Exception {
    long id;
    try (TestPlm plm = start()) {
      id = submit(plm, 1, LIVE_BYTES).get(0);
    }
    copyAndDie(id);
    try (TestPlm plm = start()) {
      assertThat(get(plm, id).getPayloadBytes()).isEqualTo(LIVE_BYTES);
      FakeCluster cluster = new FakeCluster(plm.instance());
      cluster.end(id, TaskState.SUCCEEDED, new byte[0]);
      cluster.wakePlm();
      await().until(() -> plm.instance().regions().tasks().wordOf(id) == -1);
      cluster.close();
    }
    try (var files = Files.list(data.resolve("shm"))) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    try (TestPlm plm = start()) {
      assertThat(plm.instance().regions().tasks().wordOf(id)).isEqualTo(-1);
      assertThat(plm.instance().control().count(Counter.ACCEPTED)).isEqualTo(1);
    }
  }

  /** Some are changed now and then, some never, and one is removed. */
  private static void define(TestPlm plm) throws Exception {
    assertThat(
            plm.define(
                new Change(DefinitionKind.QUEUE, "never changed", new byte[] {1, 2, 3}),
                new Change(DefinitionKind.SCHEDULE_STATE, "long", LONG),
                new Change(DefinitionKind.LIMIT, "removed", new byte[] {5})))
        .isNull();
    plm.define(Change.removal(DefinitionKind.LIMIT, "removed"));
  }

  private static void assertDefined(TestPlm plm) {
    Definitions all = plm.definitions();
    assertThat(all.all(DefinitionKind.QUEUE)).containsOnlyKeys("changed", "never changed");
    assertThat(all.get(DefinitionKind.QUEUE, "never changed")).containsExactly(1, 2, 3);
    assertThat(all.get(DefinitionKind.QUEUE, "changed")).containsExactly(44);
    assertThat(all.get(DefinitionKind.SCHEDULE_STATE, "long")).isEqualTo(LONG);
    assertThat(all.all(DefinitionKind.LIMIT)).isEmpty();
  }

  /** What a PLM leaves that dies between the copy and the slot. */
  private void copyAndDie(long id) throws Exception {
    try (Instance instance =
            Instance.enter(
                data,
                TestPlm.settings(
                    data, Map.of("tasks.max", "20000", "workers.max", "16"), TestPlm.freePort()),
                Role.PLM);
        Journal journal = Journals.write(instance.dir().submissions(), instance.settings(), 0);
        JournalReader reader = Journals.read(instance.dir().submissions())) {
      RecordView view = new RecordView();
      assertThat(reader.read(instance.regions().tasks().submission(TaskId.slot(id)), view))
          .isTrue();
      journal.reserve(10_000);
      RunWriter run = journal.begin();
      run.copy(view);
      run.commit();
    }
  }
}
