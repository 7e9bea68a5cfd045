package io.tidemill.plm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.tidemill.rpc.RpcErrors;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.region.Role;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.v1.GetStatsRequest;
import io.tidemill.v1.SubmitTaskRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Slots that have held as many tasks as their generation can count. */
class RetiredSlotsTest {
  private static final String TASKS_MAX = "1000";

  @TempDir Path folder;
  private Path data;

  /** All slots are free; the first three are left one generation each, the rest have none. */
  @BeforeEach
  void wearOut() throws Exception {
    data = folder.resolve("data");
    try (Instance instance =
        Instance.enter(
            data,
            TestPlm.settings(
                data, Map.of("tasks.max", TASKS_MAX, "workers.max", "16"), TestPlm.freePort()),
            Role.PLM)) {
      TaskTable tasks = instance.regions().tasks();
      instance.control().slotsUsed(tasks.capacity());
      for (int slot = 0; slot < tasks.capacity(); slot++) {
        int generation = slot < 3 ? StateWord.GENERATION_MAX - 1 : StateWord.GENERATION_MAX;
        tasks.restore(slot, StateWord.of(TaskState.FREE, StateWord.NO_WORKER, 0, generation));
      }
    }
  }

  @Test
  void takesNoTaskIntoASlotWhoseGenerationsAreUsedUpAndGoesOnWithTheOthers() throws Exception {
    Set<Long> ids = new HashSet<>();
    try (TestPlm plm = TestPlm.start(data, "tasks.max", TASKS_MAX)) {
      assertThat(retired(plm)).isEqualTo(997);
      FakeCluster cluster = new FakeCluster(plm.instance()).run();
      for (int i = 0; i < 3; i++) {
        long id = submit(plm);
        ids.add(id);
        assertThat(TaskId.generation(id)).isEqualTo(StateWord.GENERATION_MAX);
        await().until(() -> plm.instance().regions().tasks().wordOf(id) == -1);
      }
      Throwable refused = catchThrowable(() -> submit(plm));
      assertThat(RpcErrors.reason(refused)).isEqualTo("TASKS_FULL");
      assertThat(refused).hasMessageContaining("retired_slots=1000").hasMessageContaining("shm");
      cluster.close();
    }
    assertThat(ids).hasSize(3);
  }

  @Test
  void hasAllSlotsAgainOnceTheFilesAreMadeAnew() throws Exception {
    long before;
    try (TestPlm plm = TestPlm.start(data, "tasks.max", TASKS_MAX)) {
      FakeCluster cluster = new FakeCluster(plm.instance()).run();
      before = submit(plm);
      await().until(() -> plm.instance().regions().tasks().wordOf(before) == -1);
      cluster.close();
    }
    try (var files = Files.list(data.resolve("shm"))) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    try (TestPlm plm = TestPlm.start(data, "tasks.max", TASKS_MAX)) {
      assertThat(retired(plm)).isZero();
      for (int i = 0; i < 1_000; i++) {
        assertThat(submit(plm)).isNotEqualTo(before);
      }
    }
  }

  private static long submit(TestPlm plm) {
    return plm.calls()
        .submitTask(SubmitTaskRequest.newBuilder().setTask(Specs.spec()).build())
        .getTaskId();
  }

  private static long retired(TestPlm plm) {
    return plm.calls().getStats(GetStatsRequest.getDefaultInstance()).getRetiredSlots();
  }
}
