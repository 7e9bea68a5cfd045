package io.tidemill.plm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.tidemill.rpc.RpcErrors;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.instance.Journals;
import io.tidemill.shm.journal.Journal;
import io.tidemill.shm.journal.JournalReader;
import io.tidemill.shm.journal.RecordView;
import io.tidemill.shm.journal.RunWriter;
import io.tidemill.shm.journal.SubmissionDecoder;
import io.tidemill.shm.journal.SubmissionEncoder;
import io.tidemill.shm.os.Disk;
import io.tidemill.shm.region.Rings;
import io.tidemill.shm.region.Role;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskId;
import io.tidemill.v1.Dependency;
import io.tidemill.v1.Durability;
import io.tidemill.v1.GetTaskRequest;
import io.tidemill.v1.SetPriorityRequest;
import io.tidemill.v1.SetPriorityResponse;
import io.tidemill.v1.SubmitTaskRequest;
import io.tidemill.v1.Task;
import io.tidemill.v1.TaskSpec;
import io.tidemill.v1.TaskState;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Changes of priorities, with a PLM that is stopped, killed and started in the middle. */
class PriorityTest {
  @TempDir Path folder;
  private Path data;

  @BeforeEach
  void name() {
    data = folder.resolve("data");
  }

  @AfterEach
  void theKernelForcesAgain() {
    Disk.sync(null);
  }

  private static long submit(TestPlm plm, TaskSpec spec) {
    return plm.calls().submitTask(SubmitTaskRequest.newBuilder().setTask(spec).build()).getTaskId();
  }

  private static Task get(TestPlm plm, long id) {
    return plm.calls().getTask(GetTaskRequest.newBuilder().setTaskId(id).build()).getTask();
  }

  private static SetPriorityResponse set(TestPlm plm, long id, int priority) {
    return plm.calls()
        .setPriority(SetPriorityRequest.newBuilder().setTaskId(id).setPriority(priority).build());
  }

  private static int slotPriority(TestPlm plm, long id) {
    return plm.instance().regions().tasks().priority(TaskId.slot(id));
  }

  private static String reason(Throwable refused) {
    return RpcErrors.reason(refused);
  }

  /** The mapped files are gone, as after a boot. */
  private void forgetMappedFiles() throws Exception {
    try (var files = Files.list(data.resolve("shm"))) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
  }

  @Test
  void givesATaskThatWaitsAnotherPriorityAndItsPlaceStays() throws Exception {
    try (TestPlm plm = TestPlm.start(data)) {
      long ready = submit(plm, Specs.spec().toBuilder().setRequestId("r").setKey("user:1").build());
      long sequence = plm.instance().regions().tasks().sequence(TaskId.slot(ready));
      Map<Integer, Long> told = new HashMap<>();
      drain(plm, told);

      SetPriorityResponse answer = set(plm, ready, Integer.MIN_VALUE);

      assertThat(answer.getTask().getPriority()).isEqualTo(Integer.MIN_VALUE);
      assertThat(answer.getTask().getState()).isEqualTo(TaskState.TASK_STATE_READY);
      assertThat(answer.getDurability()).isEqualTo(Durability.DURABILITY_PROCESS);
      assertThat(slotPriority(plm, ready)).isEqualTo(Integer.MIN_VALUE);
      assertThat(plm.instance().regions().tasks().sequence(TaskId.slot(ready))).isEqualTo(sequence);
      Task shown = get(plm, ready);
      assertThat(shown.getPriority()).isEqualTo(Integer.MIN_VALUE);
      assertThat(shown.getPayloadBytes()).isEqualTo(Specs.spec().getPayload().size());
      assertThat(shown.getKey()).isEqualTo("user:1");
      drain(plm, told);
      assertThat(told).containsEntry(TaskId.slot(ready), sequence);
      assertThat(submit(plm, Specs.spec().toBuilder().setRequestId("r").build())).isEqualTo(ready);
    }
  }

  private static void drain(TestPlm plm, Map<Integer, Long> told) {
    told.clear();
    plm.instance()
        .regions()
        .rings()
        .plmToScheduler()
        .drain((event, sequence) -> told.put(Rings.index(event), sequence), 100);
  }

  @Test
  void refusesATaskThatWaitsNoMore() throws Exception {
    try (TestPlm plm = TestPlm.start(data);
        FakeCluster cluster = new FakeCluster(plm.instance())) {
      long id = submit(plm, Specs.spec().toBuilder().setPriority(3).build());
      cluster.assign(id);
      Throwable assigned = catchThrowable(() -> set(plm, id, 9));
      assertThat(reason(assigned)).isEqualTo("TASK_NOT_WAITING");
      assertThat(assigned)
          .hasMessageContaining("FAILED_PRECONDITION")
          .hasMessageContaining("ASSIGNED");
      cluster.start(id);
      assertThat(catchThrowable(() -> set(plm, id, 9))).hasMessageContaining("state=RUNNING");
      cluster.requeue(id);
      set(plm, id, 4);
      cluster.end(id, io.tidemill.shm.region.TaskState.SUCCEEDED, new byte[0]);
      cluster.wakePlm();
      await().until(() -> plm.instance().regions().tasks().wordOf(id) == -1);
      Throwable ended = catchThrowable(() -> set(plm, id, 9));
      assertThat(reason(ended)).isEqualTo("TASK_NOT_WAITING");
      assertThat(ended).hasMessageContaining("state=SUCCEEDED");
      assertThat(get(plm, id).getPriority()).isEqualTo(4);
      assertThat(reason(catchThrowable(() -> set(plm, id + (1L << 24), 9))))
          .isEqualTo("TASK_UNKNOWN");
    }
  }

  @Test
  void keepsItAcrossRestartsRebootsAndTheEnd() throws Exception {
    long ready;
    long waiting;
    try (TestPlm plm = TestPlm.start(data)) {
      ready = submit(plm, Specs.spec());
      waiting = submit(plm, Specs.spec().toBuilder().setDelayMs(3_600_000).build());
      set(plm, ready, 5);
      set(plm, ready, 7);
      set(plm, waiting, -7);
      assertThat(get(plm, waiting).getState()).isEqualTo(TaskState.TASK_STATE_WAITING);
    }
    for (boolean boot : new boolean[] {false, true}) {
      if (boot) {
        forgetMappedFiles();
      }
      try (TestPlm plm = TestPlm.start(data)) {
        assertThat(slotPriority(plm, ready)).isEqualTo(7);
        assertThat(get(plm, ready).getPriority()).isEqualTo(7);
        assertThat(slotPriority(plm, waiting)).isEqualTo(-7);
        assertThat(get(plm, waiting).getDueMs()).isPositive();
      }
    }
    try (TestPlm plm = TestPlm.start(data);
        FakeCluster cluster = new FakeCluster(plm.instance())) {
      cluster.end(ready, io.tidemill.shm.region.TaskState.SUCCEEDED, new byte[0]);
      cluster.wakePlm();
      await().until(() -> plm.instance().regions().tasks().wordOf(ready) == -1);
    }
    forgetMappedFiles();
    try (TestPlm plm = TestPlm.start(data)) {
      assertThat(get(plm, ready).getState()).isEqualTo(TaskState.TASK_STATE_SUCCEEDED);
      assertThat(get(plm, ready).getPriority()).isEqualTo(7);
    }
  }

  @Test
  void keepsItWhenTheTaskWaitsForAnother() throws Exception {
    try (TestPlm plm = TestPlm.start(data);
        FakeCluster cluster = new FakeCluster(plm.instance())) {
      long parent = submit(plm, Specs.spec());
      long child =
          submit(
              plm,
              Specs.spec().toBuilder()
                  .addDependsOn(Dependency.newBuilder().setTaskId(parent))
                  .build());
      set(plm, child, 11);
      cluster.end(parent, io.tidemill.shm.region.TaskState.SUCCEEDED, new byte[] {1});
      cluster.wakePlm();
      await().until(() -> plm.instance().regions().terms().pending(TaskId.slot(child)) == 0);
      assertThat(get(plm, child).getPriority()).isEqualTo(11);
      assertThat(slotPriority(plm, child)).isEqualTo(11);
    }
  }

  /** What was journaled and not acknowledged holds, for the slot as for a rebuild. */
  @Test
  void makesHoldWhatAPlmJournaledBeforeItDied() throws Exception {
    long id;
    try (TestPlm plm = TestPlm.start(data)) {
      id = submit(plm, Specs.spec());
      submit(plm, Specs.spec());
    }
    journalAndDie(id, 42);
    try (TestPlm plm = TestPlm.start(data)) {
      assertThat(slotPriority(plm, id)).isEqualTo(42);
      assertThat(get(plm, id).getPriority()).isEqualTo(42);
      assertThat(get(plm, id).getState()).isEqualTo(TaskState.TASK_STATE_READY);
      Map<Integer, Long> told = new HashMap<>();
      drain(plm, told);
      assertThat(told).containsKey(TaskId.slot(id));
    }
    forgetMappedFiles();
    try (TestPlm plm = TestPlm.start(data)) {
      assertThat(slotPriority(plm, id)).isEqualTo(42);
    }
  }

  private void journalAndDie(long id, int priority) throws Exception {
    try (Instance instance =
            Instance.enter(
                data,
                TestPlm.settings(
                    data, Map.of("tasks.max", "20000", "workers.max", "16"), TestPlm.freePort()),
                Role.PLM);
        Journal journal = Journals.write(instance.dir().submissions(), instance.settings(), 0);
        JournalReader reader = Journals.read(instance.dir().submissions())) {
      assertThat(StateWord.state(instance.regions().tasks().wordOf(id)).isLive()).isTrue();
      RecordView view = new RecordView();
      assertThat(reader.read(instance.regions().tasks().submission(TaskId.slot(id)), view))
          .isTrue();
      journal.reserve(10_000);
      RunWriter run = journal.begin();
      run.append(
          view.sequence(),
          new SubmissionEncoder().again(new SubmissionDecoder().wrap(view)).priority(priority));
      run.commit();
    }
  }

  @Test
  void acknowledgesADiskTasksChangeAfterItsForce() throws Exception {
    try (TestPlm plm = TestPlm.start(data, "journal.force.interval.ms", "0")) {
      long id =
          submit(plm, Specs.spec().toBuilder().setDurability(Durability.DURABILITY_DISK).build());
      AtomicInteger forces = new AtomicInteger();
      Disk.sync(
          new Disk.Sync() {
            @Override
            public void file(Path file, FileChannel channel) {
              if (file.startsWith(data.resolve("journal/submissions"))) {
                forces.incrementAndGet();
              }
            }
          });
      assertThat(set(plm, id, 6).getDurability()).isEqualTo(Durability.DURABILITY_DISK);
      int once = forces.get();
      assertThat(once).isPositive();
      // Said again, it is promised again: what was said before may not have been forced.
      assertThat(set(plm, id, 6).getDurability()).isEqualTo(Durability.DURABILITY_DISK);
      assertThat(get(plm, id).getPriority()).isEqualTo(6);
    }
  }
}
