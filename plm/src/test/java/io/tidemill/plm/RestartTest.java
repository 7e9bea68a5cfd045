package io.tidemill.plm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.tidemill.rpc.RpcErrors;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.instance.Journals;
import io.tidemill.shm.journal.Journal;
import io.tidemill.shm.journal.JournalReader;
import io.tidemill.shm.journal.RunWriter;
import io.tidemill.shm.journal.SubmissionEncoder;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.Role;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.v1.Durability;
import io.tidemill.v1.GetTaskRequest;
import io.tidemill.v1.SubmitTaskRequest;
import io.tidemill.v1.SubmitTaskResponse;
import io.tidemill.v1.Task;
import io.tidemill.v1.TaskSpec;
import io.tidemill.v1.WaitTaskRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RestartTest {
  @TempDir Path folder;
  private Path data;

  @BeforeEach
  void name() {
    data = folder.resolve("data");
  }

  private static SubmitTaskResponse submit(TestPlm plm, TaskSpec spec) {
    return plm.calls().submitTask(SubmitTaskRequest.newBuilder().setTask(spec).build());
  }

  private static Task get(TestPlm plm, long id) {
    return plm.calls().getTask(GetTaskRequest.newBuilder().setTaskId(id).build()).getTask();
  }

  /**
   * What a PLM leaves that dies at some instruction of its acceptance, on the files as they are.
   */
  private final class Dead implements AutoCloseable {
    private final Instance instance;
    private final TaskTable tasks;
    private final Control control;
    private final Journal journal;

    Dead() throws Exception {
      instance =
          Instance.enter(
              data,
              TestPlm.settings(
                  data, Map.of("tasks.max", "20000", "workers.max", "16"), TestPlm.freePort()),
              Role.PLM);
      tasks = instance.regions().tasks();
      control = instance.control();
      journal = Journals.write(instance.dir().submissions(), instance.settings(), 0);
    }

    long fill(int slot) {
      control.slotsUsed(Math.max(control.slotsUsed(), slot + 1));
      long word = tasks.fill(slot, tasks.word(slot));
      return TaskId.of(control.epoch(), StateWord.generation(word), slot);
    }

    void append(long id, String requestId) {
      byte[] payload = "left".getBytes(StandardCharsets.UTF_8);
      SubmissionEncoder encoder =
          new SubmissionEncoder()
              .task(id, System.currentTimeMillis(), "left", 3)
              .session(99, 1)
              .requestId(requestId)
              .terms(1_000, 2, (byte) 1)
              .payload(payload, 0, payload.length);
      journal.reserve(1_000);
      control.submissionRun(journal.appendedThrough());
      RunWriter run = journal.begin();
      run.append(control.drawSequences(1), encoder);
      run.commit();
    }

    @Override
    public void close() {
      journal.close();
      instance.close();
    }
  }

  @Test
  void acceptsWhatWasJournaledAndNotPublished() throws Exception {
    long id;
    try (Dead dead = new Dead()) {
      id = dead.fill(5);
      dead.append(id, "named");
    }
    try (TestPlm plm = TestPlm.start(data)) {
      Task task = get(plm, id);
      assertThat(task.getState()).isEqualTo(io.tidemill.v1.TaskState.TASK_STATE_READY);
      assertThat(task.getType()).isEqualTo("left");
      assertThat(task.getPriority()).isEqualTo(3);
      assertThat(task.getPayloadBytes()).isEqualTo(4);
      TaskTable tasks = plm.instance().regions().tasks();
      assertThat(tasks.attemptsMax(5)).isEqualTo(2);
      assertThat(tasks.timeoutMs(5)).isEqualTo(1_000);
      assertThat(submit(plm, Specs.spec().toBuilder().setRequestId("named").build()).getTaskId())
          .isEqualTo(id);
      TestSession session = TestSession.open(plm, 99);
      session.submit(1, Specs.specs(2));
      await().until(() -> session.ackedThrough() == 2);
      assertThat(session.idOf(1)).isEqualTo(id);
      assertThat(session.duplicates()).isEqualTo(1);
    }
  }

  @Test
  void freesWhatWasFilledAndNotJournaled() throws Exception {
    long id;
    try (Dead dead = new Dead()) {
      long before = dead.fill(4);
      dead.append(before, "");
      id = dead.fill(5);
    }
    try (TestPlm plm = TestPlm.start(data)) {
      TaskTable tasks = plm.instance().regions().tasks();
      assertThat(StateWord.state(tasks.word(4))).isEqualTo(TaskState.READY);
      assertThat(StateWord.state(tasks.word(5))).isEqualTo(TaskState.FREE);
      assertThat(catchThrowable(() -> get(plm, id))).isNotNull();
      SubmitTaskResponse next = submit(plm, Specs.spec());
      assertThat(next.getTaskId()).isNotEqualTo(id);
    }
  }

  @Test
  void takesWhatEndedWhileThereWasNone() throws Exception {
    long id;
    FakeCluster cluster;
    try (TestPlm plm = TestPlm.start(data)) {
      id = submit(plm, Specs.spec()).getTaskId();
      cluster = new FakeCluster(plm.instance());
    }
    cluster.end(id, TaskState.SUCCEEDED, new byte[] {9}, false);
    cluster.close();
    try (TestPlm plm = TestPlm.start(data)) {
      await().until(() -> plm.instance().regions().tasks().wordOf(id) == -1);
      assertThat(get(plm, id).getResult().toByteArray()).isEqualTo(new byte[] {9});
    }
  }

  /** A loss of power could take back what was told too early. */
  @Test
  void tellsNoResultBeforeItIsOnDiskAsPromised() throws Exception {
    long id;
    TaskSpec disk = Specs.spec().toBuilder().setDurability(Durability.DURABILITY_DISK).build();
    try (TestPlm plm = TestPlm.start(data);
        FakeCluster cluster = new FakeCluster(plm.instance())) {
      id = submit(plm, disk).getTaskId();
      cluster.end(id, TaskState.SUCCEEDED, new byte[] {9});
    }
    try (TestPlm plm = TestPlm.start(data);
        FakeCluster cluster = new FakeCluster(plm.instance())) {
      TestSession session = TestSession.open(plm, 7);
      session.await(List.of(id));
      WaitTaskRequest shortly = WaitTaskRequest.newBuilder().setTaskId(id).setTimeoutMs(50).build();
      assertThat(plm.calls().waitTask(shortly).getEnded()).isFalse();
      // What the session was to be told before comes before this.
      session.submit(1, Specs.specs(1));
      await().until(() -> session.ackedThrough() == 1);
      assertThat(session.results()).isEmpty();
      cluster.force();
      await().until(() -> session.resultCount() == 1);
      assertThat(get(plm, id).getResult().toByteArray()).isEqualTo(new byte[] {9});
    }
  }

  @Test
  void rebuildsEverythingFromTheJournalsWhenTheMappedFilesAreGone() throws Exception {
    long live;
    long ended;
    try (TestPlm plm = TestPlm.start(data)) {
      live = submit(plm, Specs.spec().toBuilder().setRequestId("live").build()).getTaskId();
      ended = submit(plm, Specs.spec().toBuilder().setRequestId("ended").build()).getTaskId();
      FakeCluster cluster = new FakeCluster(plm.instance());
      cluster.end(ended, TaskState.SUCCEEDED, new byte[] {7});
      cluster.wakePlm();
      await().until(() -> plm.instance().regions().tasks().wordOf(ended) == -1);
      cluster.close();
    }
    try (var files = Files.list(data.resolve("shm"))) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    try (TestPlm plm = TestPlm.start(data)) {
      assertThat(get(plm, live).getState()).isEqualTo(io.tidemill.v1.TaskState.TASK_STATE_READY);
      assertThat(get(plm, ended).getResult().toByteArray()).isEqualTo(new byte[] {7});
      assertThat(get(plm, ended).getType()).isEqualTo("echo");
      assertThat(submit(plm, Specs.spec().toBuilder().setRequestId("live").build()).getTaskId())
          .isEqualTo(live);
      assertThat(submit(plm, Specs.spec().toBuilder().setRequestId("ended").build()).getTaskId())
          .isEqualTo(ended);
    }
  }

  @Test
  void deletesOnlySubmissionsThatNobodyNeeds() throws Exception {
    try (TestPlm plm =
        TestPlm.start(data, "result.keep.count", "1000", "journal.cycle.bytes", "1048576")) {
      FakeCluster cluster = new FakeCluster(plm.instance());
      long live = submit(plm, Specs.spec()).getTaskId();
      cluster.assign(live);
      TestSession session = TestSession.open(plm, 1);
      for (int run = 0; run < 28; run++) {
        session.submit(1 + 1_000L * run, Specs.specs(1_000));
        int through = 1_000 * (run + 1);
        await()
            .until(
                () -> {
                  cluster.endSome(1_000);
                  return session.resultCount() == through;
                });
      }
      long now = System.nanoTime();
      long later = now + TimeUnit.MINUTES.toNanos(1);
      int before = cycles(plm);
      plm.housekeeping().tidy(now);
      plm.housekeeping().tidy(later);
      assertThat(cycles(plm)).isEqualTo(before).isGreaterThan(3);
      assertThat(get(plm, live).getPayloadBytes()).isEqualTo(16);

      cluster.end(live, TaskState.SUCCEEDED, new byte[0]);
      session.submit(28_001, Specs.specs(1_000));
      await()
          .until(
              () -> {
                cluster.endSome(1_000);
                return session.resultCount() == 29_000;
              });
      plm.housekeeping().tidy(later);
      assertThat(cycles(plm)).isLessThanOrEqualTo(2);
      assertThat(plm.instance().control().submissionsOldest()).isGreaterThan(21_000);
      assertThat(get(plm, session.idOf(28_900)).getPayloadBytes()).isEqualTo(16);
      cluster.close();
    }
  }

  private static int cycles(TestPlm plm) {
    try (JournalReader reader = Journals.read(plm.instance().dir().submissions())) {
      return reader.cycles().size();
    }
  }

  @Test
  void saysThatAResultIsNoLongerKept() throws Exception {
    try (TestPlm plm = TestPlm.start(data, "result.keep.count", "1000")) {
      FakeCluster cluster = new FakeCluster(plm.instance()).run();
      SubmitTaskResponse first =
          submit(plm, Specs.spec().toBuilder().setRequestId("again").build());
      TestSession session = TestSession.open(plm, 1);
      session.submit(1, Specs.specs(1_000));
      await().until(() -> session.resultCount() == 1_000);
      await()
          .untilAsserted(
              () ->
                  assertThat(RpcErrors.reason(catchThrowable(() -> get(plm, first.getTaskId()))))
                      .isEqualTo("TASK_EXPIRED"));
      SubmitTaskResponse again =
          submit(plm, Specs.spec().toBuilder().setRequestId("again").build());
      assertThat(again.getDuplicate()).isFalse();
      assertThat(again.getTaskId()).isNotEqualTo(first.getTaskId());
      cluster.close();
    }
  }

  @Test
  void forgetsResultsWhoseTimeIsOver() throws Exception {
    try (TestPlm plm = TestPlm.start(data, "result.keep.seconds", "0")) {
      FakeCluster cluster = new FakeCluster(plm.instance()).run();
      long id = submit(plm, Specs.spec()).getTaskId();
      await()
          .untilAsserted(
              () ->
                  assertThat(RpcErrors.reason(catchThrowable(() -> get(plm, id))))
                      .isEqualTo("TASK_EXPIRED"));
      cluster.close();
    }
  }
}
