package io.tidemill.plm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.tidemill.rpc.RpcErrors;
import io.tidemill.shm.journal.DefinitionKind;
import io.tidemill.shm.journal.SubmissionDecoder;
import io.tidemill.shm.region.TaskId;
import io.tidemill.v1.CancelTaskRequest;
import io.tidemill.v1.Dependency;
import io.tidemill.v1.DependencyRule;
import io.tidemill.v1.GetDependenciesRequest;
import io.tidemill.v1.GetDependenciesResponse;
import io.tidemill.v1.GetTaskRequest;
import io.tidemill.v1.ParentResult;
import io.tidemill.v1.Refusal;
import io.tidemill.v1.SubmitTaskRequest;
import io.tidemill.v1.SubmitTasksRequest;
import io.tidemill.v1.SubmitTasksResponse;
import io.tidemill.v1.Task;
import io.tidemill.v1.TaskSpec;
import io.tidemill.v1.TaskState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tasks that wait for others, with a PLM that is stopped and started in the middle. */
class DependencyTest {
  private static final byte[] NOTHING = {};

  @TempDir Path folder;
  private Path data;

  @BeforeEach
  void name() {
    data = folder.resolve("data");
  }

  private static TaskSpec.Builder task() {
    return TaskSpec.newBuilder().setType("t");
  }

  private static TaskSpec after(DependencyRule rule, long... parents) {
    TaskSpec.Builder spec = task().setDependencyRule(rule);
    Arrays.stream(parents).forEach(id -> spec.addDependsOn(Dependency.newBuilder().setTaskId(id)));
    return spec.build();
  }

  private static TaskSpec after(long... parents) {
    return after(DependencyRule.DEPENDENCY_RULE_UNSPECIFIED, parents);
  }

  private static TaskSpec afterIndexes(int... indexes) {
    TaskSpec.Builder spec = task();
    Arrays.stream(indexes).forEach(i -> spec.addDependsOn(Dependency.newBuilder().setIndex(i)));
    return spec.build();
  }

  private static long submit(TestPlm plm, TaskSpec spec) {
    return plm.calls().submitTask(SubmitTaskRequest.newBuilder().setTask(spec).build()).getTaskId();
  }

  private static SubmitTasksResponse submitAtomic(TestPlm plm, TaskSpec... specs) {
    return plm.calls()
        .submitTasks(
            SubmitTasksRequest.newBuilder().setAtomic(true).addAllTasks(List.of(specs)).build());
  }

  private static Task get(TestPlm plm, long id) {
    return plm.calls().getTask(GetTaskRequest.newBuilder().setTaskId(id).build()).getTask();
  }

  private static void awaitState(TestPlm plm, long id, TaskState state) {
    await().untilAsserted(() -> assertThat(get(plm, id).getState()).isEqualTo(state));
  }

  private static GetDependenciesResponse dependencies(TestPlm plm, long id) {
    return plm.calls().getDependencies(GetDependenciesRequest.newBuilder().setTaskId(id).build());
  }

  private static void end(FakeCluster cluster, long id, io.tidemill.shm.region.TaskState state) {
    cluster.end(id, state, FakeCluster.resultOf(id));
    cluster.wakePlm();
  }

  private static void succeed(FakeCluster cluster, long id) {
    end(cluster, id, io.tidemill.shm.region.TaskState.SUCCEEDED);
  }

  private static void fail(FakeCluster cluster, long id) {
    cluster.assign(id);
    cluster.end(id, io.tidemill.shm.region.TaskState.FAILED, NOTHING);
    cluster.wakePlm();
  }

  /** What a worker is handed of the tasks that this one waited for. */
  private static List<ParentResult> handedOn(TestPlm plm, long id) {
    var reader = plm.instance().journals().readSubmissions();
    var view = new io.tidemill.shm.journal.RecordView();
    try (reader) {
      assertThat(reader.read(plm.instance().regions().tasks().submission(TaskId.slot(id)), view))
          .isTrue();
      return Extras.of(new SubmissionDecoder().wrap(view).terms()).getParentsList();
    }
  }

  /** Submissions wait for no more than a run's worth of what becomes ready together. */
  @Test
  void releasesManyWithLongPayloadsInSeveralRuns() throws Exception {
    int cycle = 1 << 20;
    try (TestPlm plm =
            TestPlm.start(data, "journal.cycle.bytes", "" + cycle, "payload.bytes.max", "400000");
        FakeCluster cluster = new FakeCluster(plm.instance())) {
      long parent = submit(plm, task().build());
      List<Long> children = new ArrayList<>();
      ByteString payload = ByteString.copyFrom(new byte[400_000]);
      for (int i = 0; i < 20; i++) {
        children.add(submit(plm, after(parent).toBuilder().setPayload(payload).build()));
      }
      succeed(cluster, parent);
      var terms = plm.instance().regions().terms();
      await().until(() -> children.stream().allMatch(id -> terms.pending(TaskId.slot(id)) == 0));
      for (long child : children) {
        assertThat(handedOn(plm, child)).hasSize(1);
      }
      try (var reader = plm.instance().journals().readSubmissions()) {
        assertThat(reader.cycles()).allMatch(each -> each.diskBytes() < 4L * cycle);
      }
    }
  }

  @Test
  void becomesReadyWithTheResultsOfThoseItWaitedFor() throws Exception {
    try (TestPlm plm = TestPlm.start(data);
        FakeCluster cluster = new FakeCluster(plm.instance())) {
      long first = submit(plm, task().build());
      long second = submit(plm, task().build());
      long child = submit(plm, after(first, second, first));
      assertThat(get(plm, child).getState()).isEqualTo(TaskState.TASK_STATE_WAITING);

      succeed(cluster, first);
      awaitState(plm, first, TaskState.TASK_STATE_SUCCEEDED);
      await().until(() -> dependencies(plm, child).getEnded() == 1);
      assertThat(dependencies(plm, child).getTotal()).isEqualTo(2);
      assertThat(get(plm, child).getState()).isEqualTo(TaskState.TASK_STATE_WAITING);

      succeed(cluster, second);
      await().until(() -> cluster.endSome(10) > 0);
      awaitState(plm, child, TaskState.TASK_STATE_SUCCEEDED);
      assertThat(dependencies(plm, child).getSucceeded()).isEqualTo(2);
    }
  }

  @Test
  void handsOnWhatFitsOfTheResults() throws Exception {
    try (TestPlm plm = TestPlm.start(data);
        FakeCluster cluster = new FakeCluster(plm.instance())) {
      long small = submit(plm, task().build());
      long large = submit(plm, task().build());
      long child = submit(plm, after(small, large));
      succeed(cluster, small);
      cluster.end(
          large,
          io.tidemill.shm.region.TaskState.SUCCEEDED,
          new byte[DependencyTurn.RESULT_BYTES_MAX + 1]);
      cluster.wakePlm();
      await().until(() -> plm.instance().regions().terms().pending(TaskId.slot(child)) == 0);
      List<ParentResult> results = handedOn(plm, child);
      assertThat(results).extracting(ParentResult::getTaskId).containsExactly(small, large);
      assertThat(results.get(0).getResult().toByteArray()).isEqualTo(FakeCluster.resultOf(small));
      assertThat(results.get(1).getLeftOut()).isTrue();
      assertThat(results.get(1).getState()).isEqualTo(TaskState.TASK_STATE_SUCCEEDED);
    }
  }

  @Test
  void isCancelledWithAllThatDependOnItWhenOneFails() throws Exception {
    try (TestPlm plm = TestPlm.start(data);
        FakeCluster cluster = new FakeCluster(plm.instance())) {
      long first = submit(plm, task().build());
      long second = submit(plm, task().build());
      long child = submit(plm, after(first, second));
      long grandchild = submit(plm, after(child));
      long anyway = submit(plm, after(DependencyRule.DEPENDENCY_RULE_ALL_ENDED, child, second));
      fail(cluster, first);
      await().until(() -> cluster.cancelAsked() > 0);
      awaitState(plm, child, TaskState.TASK_STATE_CANCELLED);
      await().until(() -> cluster.cancelAsked() > 0);
      awaitState(plm, grandchild, TaskState.TASK_STATE_CANCELLED);
      assertThat(get(plm, anyway).getState()).isEqualTo(TaskState.TASK_STATE_WAITING);
      succeed(cluster, second);
      await().until(() -> cluster.endSome(10) > 0);
      awaitState(plm, anyway, TaskState.TASK_STATE_SUCCEEDED);
    }
  }

  @Test
  void waitsForTheFirstOneThatSucceeds() throws Exception {
    try (TestPlm plm = TestPlm.start(data);
        FakeCluster cluster = new FakeCluster(plm.instance())) {
      long first = submit(plm, task().build());
      long second = submit(plm, task().build());
      long third = submit(plm, task().build());
      long child =
          submit(plm, after(DependencyRule.DEPENDENCY_RULE_ANY_SUCCEEDED, first, second, third));
      fail(cluster, first);
      awaitState(plm, first, TaskState.TASK_STATE_FAILED);
      assertThat(get(plm, child).getState()).isEqualTo(TaskState.TASK_STATE_WAITING);
      succeed(cluster, second);
      await().until(() -> plm.instance().regions().terms().pending(TaskId.slot(child)) == 0);
      assertThat(handedOn(plm, child))
          .extracting(ParentResult::getState)
          .containsExactly(
              TaskState.TASK_STATE_FAILED,
              TaskState.TASK_STATE_SUCCEEDED,
              TaskState.TASK_STATE_UNSPECIFIED);
    }
  }

  @Test
  void waitsForTasksThatHaveEndedBefore() throws Exception {
    try (TestPlm plm = TestPlm.start(data);
        FakeCluster cluster = new FakeCluster(plm.instance())) {
      long first = submit(plm, task().build());
      succeed(cluster, first);
      awaitState(plm, first, TaskState.TASK_STATE_SUCCEEDED);
      long child = submit(plm, after(first));
      await().until(() -> cluster.endSome(10) > 0);
      awaitState(plm, child, TaskState.TASK_STATE_SUCCEEDED);
    }
  }

  @Test
  void goesOnWaitingAfterRestartsThoughEndedTasksAreForgotten() throws Exception {
    long second;
    long child;
    try (TestPlm plm = TestPlm.start(data, "result.keep.count", "1000");
        FakeCluster cluster = new FakeCluster(plm.instance())) {
      long first = submit(plm, task().build());
      second = submit(plm, task().build());
      child = submit(plm, after(first, second));
      succeed(cluster, first);
      awaitState(plm, first, TaskState.TASK_STATE_SUCCEEDED);
      endOthers(plm, cluster, 1_000);
      assertThat(catchThrowable(() -> get(plm, first))).isNotNull(); // forgotten
    }
    rebootBySettingAside();
    try (TestPlm plm = TestPlm.start(data, "result.keep.count", "1000");
        FakeCluster cluster = new FakeCluster(plm.instance())) {
      assertThat(get(plm, child).getState()).isEqualTo(TaskState.TASK_STATE_WAITING);
      assertThat(plm.definitions().all(DefinitionKind.TASK_END)).hasSize(1);
      succeed(cluster, second);
      await().until(() -> cluster.endSome(10) > 0);
      awaitState(plm, child, TaskState.TASK_STATE_SUCCEEDED);
      await().until(() -> plm.definitions().all(DefinitionKind.TASK_END).isEmpty());
    }
  }

  /** So many others come and go, so that what ended before is kept no more. */
  private static void endOthers(TestPlm plm, FakeCluster cluster, int count) {
    SubmitTasksRequest.Builder others = SubmitTasksRequest.newBuilder();
    for (int i = 0; i < count; i++) {
      others.addTasks(task());
    }
    List<Long> ids = plm.calls().submitTasks(others.build()).getTaskIdsList();
    ids.forEach(id -> cluster.end(id, io.tidemill.shm.region.TaskState.SUCCEEDED, NOTHING));
    cluster.wakePlm();
    awaitState(plm, ids.get(count - 1), TaskState.TASK_STATE_SUCCEEDED);
  }

  /** The mapped files are gone, as after a boot: they are made anew from the journals. */
  private void rebootBySettingAside() throws Exception {
    try (Stream<Path> files = Files.walk(data.resolve("shm"))) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  @Test
  void findsAfterARestartWhatHasEndedMeanwhile() throws Exception {
    long first;
    long child;
    try (TestPlm plm = TestPlm.start(data)) {
      first = submit(plm, task().build());
      child = submit(plm, after(first));
    }
    try (TestPlm plm = TestPlm.start(data);
        FakeCluster cluster = new FakeCluster(plm.instance())) {
      succeed(cluster, first);
      await().until(() -> cluster.endSome(10) > 0);
      awaitState(plm, child, TaskState.TASK_STATE_SUCCEEDED);
    }
  }

  @Test
  void isForgottenWhenItIsCancelledWhileItWaits() throws Exception {
    try (TestPlm plm = TestPlm.start(data);
        FakeCluster cluster = new FakeCluster(plm.instance()).runCancels()) {
      long first = submit(plm, task().build());
      long second = submit(plm, task().build());
      long child = submit(plm, after(first, second));
      succeed(cluster, first);
      await().until(() -> plm.definitions().all(DefinitionKind.TASK_END).size() == 1);
      plm.calls().cancelTask(CancelTaskRequest.newBuilder().setTaskId(child).build());
      awaitState(plm, child, TaskState.TASK_STATE_CANCELLED);
      await().until(() -> plm.definitions().all(DefinitionKind.TASK_END).isEmpty());
      succeed(cluster, second);
      awaitState(plm, second, TaskState.TASK_STATE_SUCCEEDED);
    }
  }

  @Test
  void acceptsAGraphAsAWholeOrNotAtAll() throws Exception {
    try (TestPlm plm = TestPlm.start(data);
        FakeCluster cluster = new FakeCluster(plm.instance()).run()) {
      SubmitTasksResponse cyclic =
          submitAtomic(plm, task().build(), afterIndexes(0, 2), afterIndexes(1));
      assertThat(cyclic.getTaskIdsList()).containsExactly(0L, 0L, 0L);
      assertThat(cyclic.getRefusals(0).getMessage()).contains("1 -> 2 -> 1");

      SubmitTasksResponse one = submitAtomic(plm, task().build(), TaskSpec.getDefaultInstance());
      assertThat(one.getTaskIdsList()).containsExactly(0L, 0L);
      assertThat(one.getRefusalsList())
          .extracting(Refusal::getReason)
          .containsExactlyInAnyOrder("TYPE_INVALID", "ATOMIC_REFUSED");

      SubmitTasksResponse all =
          submitAtomic(plm, afterIndexes(1, 2), afterIndexes(3), afterIndexes(3), task().build());
      assertThat(all.getRefusalsList()).isEmpty();
      awaitState(plm, all.getTaskIds(0), TaskState.TASK_STATE_SUCCEEDED);
      assertThat(dependencies(plm, all.getTaskIds(0)).getTasksList())
          .extracting(ParentResult::getTaskId)
          .containsExactly(all.getTaskIds(1), all.getTaskIds(2));
    }
  }

  @Test
  void givesTheSameTasksWhenAGraphIsSubmittedAgain() throws Exception {
    TaskSpec[] graph = {
      afterIndexes(1).toBuilder().setRequestId("one").build(),
      task().setRequestId("two").build(),
      afterIndexes(0, 1).toBuilder().setRequestId("three").build()
    };
    List<Long> ids;
    try (TestPlm plm = TestPlm.start(data)) {
      ids = submitAtomic(plm, graph).getTaskIdsList();
      assertThat(ids).doesNotContain(0L).doesNotHaveDuplicates();
    }
    try (TestPlm plm = TestPlm.start(data);
        FakeCluster cluster = new FakeCluster(plm.instance()).run()) {
      SubmitTasksResponse again = submitAtomic(plm, graph);
      assertThat(again.getTaskIdsList()).isEqualTo(ids);
      assertThat(again.getDuplicates()).isEqualTo(3);
      graph[1] = graph[1].toBuilder().setRequestId("another").build();
      assertThat(submitAtomic(plm, graph).getRefusalsList())
          .extracting(Refusal::getReason)
          .containsExactly("ATOMIC_REFUSED");
      awaitState(plm, ids.get(2), TaskState.TASK_STATE_SUCCEEDED);
    }
  }

  @Test
  void refusesToWaitForWhatIsNotKnown() throws Exception {
    try (TestPlm plm = TestPlm.start(data)) {
      Throwable refused = catchThrowable(() -> submit(plm, after(TaskId.of(1, 3, 77))));
      assertThat(RpcErrors.reason(refused)).isEqualTo("DEPENDENCY_UNKNOWN");
    }
  }
}
