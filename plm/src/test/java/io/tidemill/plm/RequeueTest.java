package io.tidemill.plm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import io.tidemill.rpc.RpcErrors;
import io.tidemill.shm.journal.RecordView;
import io.tidemill.shm.journal.SubmissionDecoder;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskState;
import io.tidemill.v1.Dependency;
import io.tidemill.v1.DiscardTasksRequest;
import io.tidemill.v1.Durability;
import io.tidemill.v1.GetTaskRequest;
import io.tidemill.v1.ListTasksRequest;
import io.tidemill.v1.RequeueTasksRequest;
import io.tidemill.v1.RetryPolicy;
import io.tidemill.v1.SubmitTaskRequest;
import io.tidemill.v1.SubmitTasksRequest;
import io.tidemill.v1.Task;
import io.tidemill.v1.TaskActionResult;
import io.tidemill.v1.TaskAdminServiceGrpc;
import io.tidemill.v1.TaskSpec;
import io.tidemill.v1.UniqueUntil;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ended tasks that are submitted again, or let go of. */
class RequeueTest {
  @TempDir Path folder;
  private TestPlm plm;
  private FakeCluster cluster;

  @BeforeEach
  void start() throws Exception {
    plm = TestPlm.start(folder.resolve("data"));
    cluster = new FakeCluster(plm.instance());
  }

  @AfterEach
  void stop() throws Exception {
    cluster.close();
    plm.close();
  }

  private void restart() throws Exception {
    stop();
    start();
  }

  private TaskAdminServiceGrpc.TaskAdminServiceBlockingStub admin() {
    return TaskAdminServiceGrpc.newBlockingStub(plm.channel())
        .withDeadlineAfter(30, TimeUnit.SECONDS);
  }

  private long submit(TaskSpec spec) {
    return plm.calls().submitTask(SubmitTaskRequest.newBuilder().setTask(spec).build()).getTaskId();
  }

  private long ended(TaskSpec spec, TaskState state) {
    long id = submit(spec);
    cluster.end(id, state, "the result".getBytes(StandardCharsets.UTF_8));
    awaitTaken(id);
    return id;
  }

  private void awaitTaken(long id) {
    cluster.wakePlm();
    await()
        .pollInterval(Duration.ofMillis(1))
        .until(() -> plm.instance().regions().tasks().wordOf(id) == -1);
  }

  private Task get(long id) {
    return plm.calls().getTask(GetTaskRequest.newBuilder().setTaskId(id).build()).getTask();
  }

  private String reasonOfGet(long id) {
    return RpcErrors.reason(catchThrowable(() -> get(id)));
  }

  private List<TaskActionResult> requeue(boolean succeeded, Long... ids) {
    return admin()
        .requeueTasks(
            RequeueTasksRequest.newBuilder()
                .addAllTaskIds(List.of(ids))
                .setSucceeded(succeeded)
                .build())
        .getResultsList();
  }

  private long requeued(long id) {
    TaskActionResult result = requeue(false, id).get(0);
    assertThat(result.hasRefusal()).as("%s", result).isFalse();
    return result.getNewTaskId();
  }

  private List<TaskActionResult> discard(Long... ids) {
    return admin()
        .discardTasks(DiscardTasksRequest.newBuilder().addAllTaskIds(List.of(ids)).build())
        .getResultsList();
  }

  private List<Long> listed() {
    return plm.calls().listTasks(ListTasksRequest.getDefaultInstance()).getTasksList().stream()
        .map(Task::getTaskId)
        .toList();
  }

  @Test
  void runsAnEndedTaskAgainAsANewOne() {
    for (TaskState state :
        List.of(TaskState.DEAD, TaskState.FAILED, TaskState.CANCELLED, TaskState.EXPIRED)) {
      long old = ended(Specs.spec(), state);
      long made = requeued(old);
      assertThat(get(made).getRequeuedFrom()).isEqualTo(old);
      assertThat(get(made).getState()).isEqualTo(io.tidemill.v1.TaskState.TASK_STATE_READY);
      assertThat(get(old).getRequeuedAs()).isEqualTo(made);
      assertThat(get(old).getStateValue()).isEqualTo(state.number());
      cluster.endSome(10);
      awaitTaken(made);
      assertThat(get(made).getResult().toStringUtf8()).isEqualTo(Long.toHexString(made));
      assertThat(get(made).getRequeuedFrom()).isEqualTo(old);
    }
  }

  @Test
  void requeuesOnceHoweverOftenItIsAsked() throws Exception {
    long old = ended(Specs.spec(), TaskState.DEAD);
    long made = requeued(old);
    List<TaskActionResult> again = requeue(false, old, old);
    assertThat(again).extracting(TaskActionResult::getNewTaskId).containsExactly(made, made);
    assertThat(again).allMatch(TaskActionResult::getAlready);
    restart();
    assertThat(requeue(false, old).get(0).getNewTaskId()).isEqualTo(made);
    assertThat(get(old).getRequeuedAs()).isEqualTo(made);
    assertThat(get(made).getRequeuedFrom()).isEqualTo(old);
    cluster.endSome(10);
    awaitTaken(made);
    discard(made);
    restart();
    assertThat(requeue(false, old).get(0)).returns(made, TaskActionResult::getNewTaskId);
    assertThat(listed()).containsExactly(old);
  }

  @Test
  void requeuesATaskOnceThatIsNamedTwiceInOneCall() {
    long old = ended(Specs.spec(), TaskState.DEAD);
    List<TaskActionResult> results = requeue(false, old, old);
    assertThat(results.get(0).getNewTaskId()).isEqualTo(results.get(1).getNewTaskId()).isNotZero();
    assertThat(results).extracting(TaskActionResult::getAlready).containsExactly(false, true);
    assertThat(listed()).hasSize(2);
  }

  @Test
  void refusesWhatCannotBeRequeued() {
    long live = submit(Specs.spec());
    long succeeded = ended(Specs.spec(), TaskState.SUCCEEDED);
    long gone = ended(Specs.spec(), TaskState.DEAD);
    discard(gone);
    List<TaskActionResult> results = requeue(false, live, succeeded, gone, 12_345L);
    assertThat(results)
        .extracting(result -> result.getRefusal().getReason())
        .containsExactly("TASK_NOT_ENDED", "TASK_SUCCEEDED", "TASK_EXPIRED", "TASK_UNKNOWN");
    assertThat(results).extracting(TaskActionResult::getNewTaskId).containsOnly(0L);
    assertThat(requeue(true, succeeded).get(0).getNewTaskId()).isNotZero();
    assertThat(RpcErrors.reason(catchThrowable(() -> requeue(false)))).isEqualTo("TASK_IDS_COUNT");
  }

  /** All fields of a submission are here, or in the list of those that a new run does not have. */
  @Test
  void keepsAllThatATaskWasSubmittedWith() {
    TaskSpec spec =
        TaskSpec.newBuilder()
            .setType("report")
            .setPayload(ByteString.copyFromUtf8("a payload"))
            .setPriority(-7)
            .setExecutionTimeoutMs(12_345)
            .setMaxAttempts(4)
            .setDurability(Durability.DURABILITY_PROCESS)
            .setStartWithinMs(50_000)
            .setDeadlineMs(100_000)
            .setRetry(
                RetryPolicy.newBuilder()
                    .setInitialMs(100)
                    .setMaxMs(5_000)
                    .setMultiplier(2.5)
                    .setJitter(0.2))
            .setMaxWorkerDeaths(9)
            .setQueue("mail")
            .setKey("user:17")
            .setAffinityKey("model-7")
            .setTenant("acme")
            .setUniqueKey("once")
            .setUniqueUntil(UniqueUntil.UNIQUE_UNTIL_END)
            .putLabels("zone", "a")
            .putAmounts("cpu", 2)
            .build();
    Set<String> left = new TreeSet<>(Set.of("request_id", "delay_ms", "run_at_ms"));
    left.addAll(Set.of("depends_on", "dependency_rule", "unique_for_ms"));
    Set<String> fields =
        TaskSpec.getDescriptor().getFields().stream()
            .map(FieldDescriptor::getName)
            .filter(name -> !left.contains(name))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(spec.getAllFields().keySet())
        .extracting(FieldDescriptor::getName)
        .as("what a requeue has to keep; see SpecOfRecord")
        .containsExactlyInAnyOrderElementsOf(fields);

    long made = requeued(ended(spec, TaskState.DEAD));
    TaskSpec again = spec(made);
    assertThat(again.getStartWithinMs()).isBetween(49_900L, 50_100L);
    assertThat(again.getDeadlineMs()).isBetween(99_900L, 100_100L);
    assertThat(again.toBuilder().setStartWithinMs(50_000).setDeadlineMs(100_000).build())
        .isEqualTo(spec);
  }

  private TaskSpec spec(long id) {
    SubmissionDecoder record = record(id);
    return SpecOfRecord.of(record, Extras.of(record.terms()), plm.instance().control());
  }

  private SubmissionDecoder record(long id) {
    RecordView view = new RecordView();
    var reader = plm.instance().journals().readSubmissions();
    long position = plm.instance().regions().tasks().submission(TaskId.slot(id));
    assertThat(reader.read(position, view)).isTrue();
    return new SubmissionDecoder().wrap(view);
  }

  @Test
  void refusesANewRunWhileAnotherTaskHoldsTheUniqueKey() {
    TaskSpec spec = Specs.spec().toBuilder().setUniqueKey("once").build();
    long old = ended(spec, TaskState.DEAD);
    long holder = submit(spec);
    assertThat(requeue(false, old).get(0).getRefusal().getReason()).isEqualTo("UNIQUE_KEY_HELD");
    assertThat(get(old).getRequeuedAs()).isZero();
    cluster.end(holder, TaskState.SUCCEEDED, new byte[0]);
    awaitTaken(holder);
    assertThat(spec(requeued(old)).getUniqueKey()).isEqualTo("once");
  }

  @Test
  void runsATaskAgainThatHoldsItsUniqueKeyItself() {
    TaskSpec spec = Specs.spec().toBuilder().setUniqueKey("once").setUniqueForMs(3_600_000).build();
    long old = ended(spec, TaskState.DEAD);
    long made = requeued(old);
    assertThat(made).isNotEqualTo(old);
    assertThat(spec(made).getUniqueKey()).isEmpty();
  }

  @Test
  void runsAtOnceThoughTheOldOneWaitedForATime() {
    TaskSpec spec = Specs.spec().toBuilder().setDelayMs(3_600_000).setStartWithinMs(60_000).build();
    long old = submit(spec);
    cluster.end(old, TaskState.CANCELLED, new byte[0]);
    awaitTaken(old);
    Task made = get(requeued(old));
    assertThat(made.getState()).isEqualTo(io.tidemill.v1.TaskState.TASK_STATE_READY);
    assertThat(made.getStartByMs() - made.getSubmittedMs()).isBetween(59_000L, 61_000L);
  }

  @Test
  void takesWhatTheOldOneWaitedForAsEnded() {
    long parent = ended(Specs.spec(), TaskState.FAILED);
    TaskSpec child =
        Specs.spec().toBuilder().addDependsOn(Dependency.newBuilder().setTaskId(parent)).build();
    long old = submit(child);
    await()
        .pollInterval(Duration.ofMillis(1))
        .until(
            () -> {
              cluster.cancelAsked();
              cluster.wakePlm();
              return plm.instance().regions().tasks().wordOf(old) == -1;
            });
    long made = requeued(old);
    assertThat(get(made).getState()).isEqualTo(io.tidemill.v1.TaskState.TASK_STATE_READY);
    assertThat(Extras.of(record(made).terms()).getParentsList())
        .singleElement()
        .returns(parent, io.tidemill.v1.ParentResult::getTaskId)
        .returns(io.tidemill.v1.TaskState.TASK_STATE_FAILED, io.tidemill.v1.ParentResult::getState);
  }

  @Test
  void forgetsWhatIsDiscardedForGood() throws Exception {
    long first = ended(Specs.spec(), TaskState.FAILED);
    long second = ended(Specs.spec(), TaskState.SUCCEEDED);
    long third = ended(Specs.spec(), TaskState.SUCCEEDED);
    assertThat(discard(first, third)).noneMatch(TaskActionResult::hasRefusal);
    for (int starts = 0; starts < 3; starts++) {
      assertThat(reasonOfGet(first)).isEqualTo("TASK_EXPIRED");
      assertThat(reasonOfGet(third)).isEqualTo("TASK_EXPIRED");
      assertThat(listed()).containsExactly(second);
      restart();
    }
    assertThat(discard(first).get(0).getRefusal().getReason()).isEqualTo("TASK_EXPIRED");
    assertThat(get(second).getResult().toStringUtf8()).isEqualTo("the result");
  }

  @Test
  void discardsNoLiveTask() {
    long live = submit(Specs.spec());
    assertThat(discard(live).get(0).getRefusal().getReason()).isEqualTo("TASK_NOT_ENDED");
    assertThat(get(live).getTaskId()).isEqualTo(live);
  }

  /** One after the other they would be waited for for minutes, and so would everybody behind. */
  @Test
  void waitsOnceForAllTheEndsThatNobodyForces() {
    TaskSpec disk = Specs.spec().toBuilder().setDurability(Durability.DURABILITY_DISK).build();
    Long[] ids =
        plm.calls()
            .submitTasks(
                SubmitTasksRequest.newBuilder()
                    .addAllTasks(Collections.nCopies(TaskAdminApi.TASKS_MAX, disk))
                    .build())
            .getTaskIdsList()
            .toArray(new Long[0]);
    for (long id : ids) {
      cluster.end(id, TaskState.FAILED, new byte[0]);
    }
    assertThat(requeue(false, ids))
        .allMatch(each -> each.getRefusal().getReason().equals("TASK_NOT_ENDED"));
    assertThat(discard(ids))
        .allMatch(each -> each.getRefusal().getReason().equals("TASK_NOT_ENDED"));
    cluster.force();
    awaitTaken(ids[ids.length - 1]);
    assertThat(requeue(false, ids)).noneMatch(TaskActionResult::hasRefusal);
  }

  @Test
  void discardsMoreThanOneDefinitionHolds() throws Exception {
    List<Long> ids = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      List<Long> some =
          plm.calls()
              .submitTasks(SubmitTasksRequest.newBuilder().addAllTasks(Specs.specs(500)).build())
              .getTaskIdsList();
      ids.addAll(some);
    }
    while (cluster.endSome(5_000) > 0) {
      cluster.wakePlm();
    }
    awaitTaken(ids.get(1_499));
    for (int from = 0; from < 1_500; from += 500) {
      assertThat(discard(ids.subList(from, from + 500).toArray(new Long[0])))
          .noneMatch(TaskActionResult::hasRefusal);
    }
    assertThat(listed()).isEmpty();
    restart();
    assertThat(listed()).isEmpty();
    long next = ended(Specs.spec(), TaskState.FAILED);
    discard(next);
    restart();
    assertThat(listed()).isEmpty();
  }
}
