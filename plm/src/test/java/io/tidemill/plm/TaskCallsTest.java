package io.tidemill.plm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.tidemill.rpc.RpcErrors;
import io.tidemill.shm.region.TaskId;
import io.tidemill.v1.CancelTaskRequest;
import io.tidemill.v1.CancelTaskResponse;
import io.tidemill.v1.Durability;
import io.tidemill.v1.GetStatsRequest;
import io.tidemill.v1.GetStatsResponse;
import io.tidemill.v1.GetTaskRequest;
import io.tidemill.v1.ListTasksRequest;
import io.tidemill.v1.ListTasksResponse;
import io.tidemill.v1.SubmitTaskRequest;
import io.tidemill.v1.SubmitTaskResponse;
import io.tidemill.v1.SubmitTasksRequest;
import io.tidemill.v1.SubmitTasksResponse;
import io.tidemill.v1.Task;
import io.tidemill.v1.TaskSpec;
import io.tidemill.v1.TaskState;
import io.tidemill.v1.WaitTaskRequest;
import io.tidemill.v1.WaitTaskResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TaskCallsTest {
  @TempDir Path folder;
  private TestPlm plm;
  private FakeCluster cluster;

  @BeforeEach
  void start() throws Exception {
    plm = TestPlm.start(folder.resolve("data"), "tasks.max", "1000");
    cluster = new FakeCluster(plm.instance());
  }

  @AfterEach
  void stop() throws Exception {
    plm.close();
    cluster.close();
  }

  private long submit(TaskSpec spec) {
    return plm.calls().submitTask(SubmitTaskRequest.newBuilder().setTask(spec).build()).getTaskId();
  }

  private Task get(long id) {
    return plm.calls().getTask(GetTaskRequest.newBuilder().setTaskId(id).build()).getTask();
  }

  private void endAll() {
    while (cluster.endSome(1_000) > 0) {
      // until nothing is left
    }
  }

  @Test
  void showsTaskWhileItWaitsRunsAndHasEnded() {
    long id = submit(Specs.spec().toBuilder().setPriority(-7).build());
    Task waiting = get(id);
    assertThat(waiting.getState()).isEqualTo(TaskState.TASK_STATE_READY);
    assertThat(waiting.getType()).isEqualTo("echo");
    assertThat(waiting.getPriority()).isEqualTo(-7);
    assertThat(waiting.getPayloadBytes()).isEqualTo(16);
    assertThat(waiting.getAttempt()).isEqualTo(1);
    assertThat(waiting.getLease()).isZero();
    assertThat(waiting.getNote()).isEqualTo("no worker is connected");

    long lease = cluster.assign(id);
    assertThat(get(id).getState()).isEqualTo(TaskState.TASK_STATE_ASSIGNED);
    assertThat(get(id).getLease()).isEqualTo(lease);
    cluster.start(id);
    assertThat(get(id).getState()).isEqualTo(TaskState.TASK_STATE_RUNNING);
    assertThat(get(id).getStartedMs()).isGreaterThanOrEqualTo(get(id).getAssignedMs());

    cluster.end(id, io.tidemill.shm.region.TaskState.FAILED, new byte[] {1, 2});
    cluster.wakePlm();
    Task ended = get(id);
    assertThat(ended.getState()).isEqualTo(TaskState.TASK_STATE_FAILED);
    assertThat(ended.getResult()).isEqualTo(ByteString.copyFrom(new byte[] {1, 2}));
    assertThat(ended.getError()).isEqualTo("ended as FAILED");
    assertThat(ended.getWorkerId()).isEqualTo("fake");
    assertThat(ended.getSubmittedMs()).isEqualTo(waiting.getSubmittedMs());
    assertThat(ended.getType()).isEqualTo("echo");
    assertThat(ended.getPriority()).isEqualTo(-7);
    assertThat(ended.getLease()).isEqualTo(lease);
  }

  @Test
  void showsEndedTaskAfterItsSlotIsFreeAgain() {
    long id = submit(Specs.spec());
    endAll();
    await().until(() -> plm.instance().regions().tasks().wordOf(id) == -1);
    assertThat(get(id).getState()).isEqualTo(TaskState.TASK_STATE_SUCCEEDED);
    assertThat(get(id).getResult().toByteArray()).isEqualTo(FakeCluster.resultOf(id));
  }

  @Test
  void waitsUntilTaskEnds() {
    long id = submit(Specs.spec());
    cluster.run();
    WaitTaskResponse response =
        plm.calls().waitTask(WaitTaskRequest.newBuilder().setTaskId(id).build());
    assertThat(response.getEnded()).isTrue();
    assertThat(response.getTask().getState()).isEqualTo(TaskState.TASK_STATE_SUCCEEDED);
    WaitTaskResponse again =
        plm.calls().waitTask(WaitTaskRequest.newBuilder().setTaskId(id).build());
    assertThat(again.getEnded()).isTrue();
  }

  @Test
  void answersWithStateWhenWaitIsOver() {
    long id = submit(Specs.spec());
    WaitTaskResponse response =
        plm.calls().waitTask(WaitTaskRequest.newBuilder().setTaskId(id).setTimeoutMs(20).build());
    assertThat(response.getEnded()).isFalse();
    assertThat(response.getTask().getState()).isEqualTo(TaskState.TASK_STATE_READY);
  }

  @Test
  void refusesIdsThatNeverWereTasks() {
    for (long id : new long[] {0, -1, 12345, 1L << 52 | 1L << 24 | 999_999}) {
      Throwable error = catchThrowable(() -> get(id));
      assertThat(Status.fromThrowable(error).getCode()).isEqualTo(Status.Code.NOT_FOUND);
      assertThat(RpcErrors.reason(error)).isEqualTo("TASK_UNKNOWN");
      Throwable waiting =
          catchThrowable(
              () -> plm.calls().waitTask(WaitTaskRequest.newBuilder().setTaskId(id).build()));
      assertThat(RpcErrors.reason(waiting)).isEqualTo("TASK_UNKNOWN");
      Throwable cancelling =
          catchThrowable(
              () -> plm.calls().cancelTask(CancelTaskRequest.newBuilder().setTaskId(id).build()));
      assertThat(RpcErrors.reason(cancelling)).isEqualTo("TASK_UNKNOWN");
    }
  }

  static List<Arguments> badSpecs() {
    return List.of(
        bad("TYPE_INVALID", "type", spec -> spec.clearType()),
        bad("TYPE_INVALID", "type", spec -> spec.setType("a b")),
        bad("TYPE_INVALID", "type", spec -> spec.setType("caf\u00e9")),
        bad("TYPE_INVALID", "type", spec -> spec.setType("x".repeat(129))),
        bad(
            "PAYLOAD_TOO_LARGE",
            "payload",
            spec -> spec.setPayload(ByteString.copyFrom(new byte[(1 << 20) + 1]))),
        bad("REQUEST_ID_TOO_LONG", "request id", spec -> spec.setRequestId("r".repeat(129))),
        bad("REQUEST_ID_TOO_LONG", "request id", spec -> spec.setRequestId("r".repeat(1_000))),
        bad(
            "EXECUTION_TIMEOUT_OUT_OF_RANGE",
            "execution_timeout_ms=4294967295",
            spec -> spec.setExecutionTimeoutMs(-1)),
        bad("MAX_ATTEMPTS_OUT_OF_RANGE", "max_attempts=1001", spec -> spec.setMaxAttempts(1_001)),
        bad("MAX_ATTEMPTS_OUT_OF_RANGE", "max_attempts", spec -> spec.setMaxAttempts(-1)),
        bad("DURABILITY_UNKNOWN", "durability=9", spec -> spec.setDurabilityValue(9)));
  }

  private static Arguments bad(
      String reason, String named, UnaryOperator<TaskSpec.Builder> change) {
    return Arguments.of(reason, named, change.apply(Specs.spec().toBuilder()).build());
  }

  @ParameterizedTest
  @MethodSource("badSpecs")
  void refusesBadFieldAndNamesIt(String reason, String named, TaskSpec spec) {
    Throwable error = catchThrowable(() -> submit(spec));
    Status status = Status.fromThrowable(error);
    assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(RpcErrors.reason(error)).isEqualTo(reason);
    assertThat(status.getDescription()).contains(named).contains("; ");

    SubmitTasksResponse many =
        plm.calls()
            .submitTasks(
                SubmitTasksRequest.newBuilder()
                    .addTasks(Specs.spec())
                    .addTasks(spec)
                    .addTasks(Specs.spec())
                    .build());
    assertThat(many.getTaskIdsList()).hasSize(3);
    assertThat(many.getTaskIds(0)).isNotZero();
    assertThat(many.getTaskIds(1)).isZero();
    assertThat(many.getTaskIds(2)).isNotZero();
    assertThat(many.getRefusalsList()).hasSize(1);
    assertThat(many.getRefusals(0).getNumber()).isEqualTo(1);
    assertThat(many.getRefusals(0).getReason()).isEqualTo(reason);
    assertThat(many.getRefusals(0).getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT.value());
  }

  @Test
  void takesEveryFieldAtItsLimit() {
    TaskSpec spec =
        TaskSpec.newBuilder()
            .setType("x".repeat(128))
            .setPayload(ByteString.copyFrom(new byte[1 << 20]))
            .setPriority(Integer.MIN_VALUE)
            .setExecutionTimeoutMs(Integer.MAX_VALUE)
            .setMaxAttempts(1_000)
            .setRequestId("\u00fc".repeat(128))
            .build();
    Task task = get(submit(spec));
    assertThat(task.getPriority()).isEqualTo(Integer.MIN_VALUE);
    assertThat(task.getPayloadBytes()).isEqualTo(1 << 20);
  }

  @Test
  void refusesWhatTheTableHasNoRoomForAndAcceptsAgainAfterwards() {
    SubmitTasksResponse response =
        plm.calls()
            .submitTasks(SubmitTasksRequest.newBuilder().addAllTasks(Specs.specs(1_010)).build());
    assertThat(response.getTaskIdsList().stream().filter(id -> id != 0)).hasSize(1_000);
    assertThat(response.getRefusalsList()).hasSize(10);
    assertThat(response.getRefusals(0).getReason()).isEqualTo("TASKS_FULL");
    assertThat(response.getRefusals(0).getNumber()).isEqualTo(1_000);
    assertThat(response.getRefusals(0).getRetryAfterMs()).isPositive();
    Throwable error = catchThrowable(() -> submit(Specs.spec()));
    assertThat(Status.fromThrowable(error).getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(RpcErrors.reason(error)).isEqualTo("TASKS_FULL");

    endAll();
    await().ignoreExceptions().untilAsserted(() -> assertThat(submit(Specs.spec())).isNotZero());
  }

  @Test
  void refusesTooManyTasksInOneCall() {
    Throwable error =
        catchThrowable(
            () ->
                plm.calls()
                    .submitTasks(
                        SubmitTasksRequest.newBuilder().addAllTasks(Specs.specs(10_001)).build()));
    assertThat(RpcErrors.reason(error)).isEqualTo("TOO_MANY_TASKS");
  }

  @Test
  void findsTheFirstTaskOfARequestId() {
    SubmitTaskRequest request =
        SubmitTaskRequest.newBuilder()
            .setTask(Specs.spec().toBuilder().setRequestId("order-1"))
            .build();
    SubmitTaskResponse first = plm.calls().submitTask(request);
    SubmitTaskResponse second = plm.calls().submitTask(request);
    assertThat(first.getDuplicate()).isFalse();
    assertThat(second.getDuplicate()).isTrue();
    assertThat(second.getTaskId()).isEqualTo(first.getTaskId());
    SubmitTasksResponse many =
        plm.calls()
            .submitTasks(
                SubmitTasksRequest.newBuilder()
                    .addTasks(Specs.spec().toBuilder().setRequestId("a"))
                    .addTasks(Specs.spec().toBuilder().setRequestId("order-1"))
                    .addTasks(Specs.spec())
                    .addTasks(Specs.spec().toBuilder().setRequestId("a"))
                    .build());
    assertThat(many.getTaskIds(3)).isEqualTo(many.getTaskIds(0));
    assertThat(many.getTaskIds(1)).isEqualTo(first.getTaskId());
    assertThat(many.getDuplicates()).isEqualTo(2);
  }

  @Test
  void listsLiveAndEndedTasksPageByPage() {
    List<Long> ids = new ArrayList<>();
    for (int i = 0; i < 25; i++) {
      ids.add(submit(Specs.spec().toBuilder().setType(i % 2 == 0 ? "even" : "odd").build()));
    }
    for (int i = 0; i < 10; i++) {
      cluster.end(ids.get(i), io.tidemill.shm.region.TaskState.SUCCEEDED, new byte[0]);
    }
    cluster.wakePlm();
    await().until(() -> plm.instance().regions().tasks().wordOf(ids.get(9)) == -1);
    assertThat(list(ListTasksRequest.newBuilder().setPageSize(4)))
        .containsExactlyInAnyOrderElementsOf(ids);
    assertThat(list(ListTasksRequest.newBuilder().addStates(TaskState.TASK_STATE_READY)))
        .containsExactlyInAnyOrderElementsOf(ids.subList(10, 25));
    assertThat(
            list(
                ListTasksRequest.newBuilder()
                    .setPageSize(3)
                    .setType("odd")
                    .addStates(TaskState.TASK_STATE_SUCCEEDED)))
        .containsExactly(ids.get(1), ids.get(3), ids.get(5), ids.get(7), ids.get(9));
    assertThat(list(ListTasksRequest.newBuilder().setType("none"))).isEmpty();
  }

  private List<Long> list(ListTasksRequest.Builder request) {
    List<Long> ids = new ArrayList<>();
    ListTasksResponse page;
    do {
      page = plm.calls().listTasks(request.build());
      page.getTasksList().forEach(task -> ids.add(task.getTaskId()));
      request.setPageToken(page.getNextPageToken());
    } while (!page.getNextPageToken().isEmpty());
    assertThat(new HashSet<>(ids)).hasSameSizeAs(ids);
    return ids;
  }

  @Test
  void refusesBadListRequests() {
    assertThat(reasonOf(ListTasksRequest.newBuilder().setPageSize(1_001)))
        .isEqualTo("PAGE_SIZE_OUT_OF_RANGE");
    assertThat(reasonOf(ListTasksRequest.newBuilder().setPageToken("x1")))
        .isEqualTo("PAGE_TOKEN_INVALID");
    assertThat(reasonOf(ListTasksRequest.newBuilder().setPageToken("s-1").setType("none")))
        .isEqualTo("PAGE_TOKEN_INVALID");
    assertThat(reasonOf(ListTasksRequest.newBuilder().addStatesValue(77)))
        .isEqualTo("STATE_UNKNOWN");
  }

  private String reasonOf(ListTasksRequest.Builder request) {
    return RpcErrors.reason(catchThrowable(() -> plm.calls().listTasks(request.build())));
  }

  @Test
  void cancelsWaitingTask() {
    long id = submit(Specs.spec());
    cluster.runCancels();
    CancelTaskResponse response =
        plm.calls().cancelTask(CancelTaskRequest.newBuilder().setTaskId(id).build());
    assertThat(response.getTask().getState()).isEqualTo(TaskState.TASK_STATE_CANCELLED);
    assertThat(response.getRequested()).isFalse();
    Throwable again =
        catchThrowable(
            () -> plm.calls().cancelTask(CancelTaskRequest.newBuilder().setTaskId(id).build()));
    assertThat(Status.fromThrowable(again).getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
    assertThat(RpcErrors.reason(again)).isEqualTo("TASK_ENDED");
  }

  @Test
  void asksForTheCancellationOfARunningTask() {
    long id = submit(Specs.spec());
    cluster.assign(id);
    cluster.start(id);
    CancelTaskResponse response =
        plm.calls().cancelTask(CancelTaskRequest.newBuilder().setTaskId(id).build());
    assertThat(response.getRequested()).isTrue();
    assertThat(response.getTask().getState()).isEqualTo(TaskState.TASK_STATE_RUNNING);
    assertThat(cluster.cancelAsked()).isEqualTo(1);
    await().until(() -> get(id).getState() == TaskState.TASK_STATE_CANCELLED);
  }

  @Test
  void leavesTheReasonOfACancellationWhereTheRegisterFindsIt() {
    long id = submit(Specs.spec());
    cluster.assign(id);
    CancelTaskRequest.Builder request = CancelTaskRequest.newBuilder().setTaskId(id);
    plm.calls().cancelTask(request.setReason("not needed").build());
    assertThat(reasonNoted(id)).isEqualTo("not needed");
    plm.calls().cancelTask(request.setReason("").build());
    assertThat(reasonNoted(id)).isEqualTo("not needed");
    plm.calls().cancelTask(request.setReason("too late").build());
    assertThat(reasonNoted(id)).isEqualTo("too late");
  }

  private String reasonNoted(long id) {
    return plm.instance().regions().cancelNotes().read(id).text();
  }

  @Test
  void showsTheProgressOfTheLeaseThatATaskIsUnder() {
    long id = submit(Specs.spec());
    int first = TaskId.leaseNumber(cluster.assign(id));
    plm.instance().regions().progressNotes().write(id, first, 0.25f, "a quarter");
    assertThat(get(id).getProgress()).isEqualTo(0.25f);
    assertThat(get(id).getProgressMessage()).isEqualTo("a quarter");
    cluster.start(id);
    assertThat(get(id).getProgress()).isEqualTo(0.25f);

    cluster.requeue(id);
    assertThat(get(id).getProgressMessage()).isEmpty();
    cluster.assign(id);
    assertThat(get(id).getProgress()).isZero();
    assertThat(get(id).getProgressMessage()).isEmpty();
  }

  @Test
  void refusesTooLongReasonOfACancellation() {
    Throwable error =
        catchThrowable(
            () ->
                plm.calls()
                    .cancelTask(
                        CancelTaskRequest.newBuilder()
                            .setTaskId(submit(Specs.spec()))
                            .setReason("r".repeat(1_001))
                            .build()));
    assertThat(RpcErrors.reason(error)).isEqualTo("REASON_TOO_LONG");
  }

  @Test
  void acknowledgesDiskDurabilityOnlyWhenForced() {
    SubmitTaskResponse response =
        plm.calls()
            .submitTask(
                SubmitTaskRequest.newBuilder()
                    .setTask(Specs.spec().toBuilder().setDurability(Durability.DURABILITY_DISK))
                    .build());
    assertThat(response.getDurability()).isEqualTo(Durability.DURABILITY_DISK);
    long id = response.getTaskId();
    assertThat(plm.instance().regions().tasks().isDisk(TaskId.slot(id))).isTrue();

    cluster.end(id, io.tidemill.shm.region.TaskState.SUCCEEDED, new byte[0]);
    cluster.wakePlm();
    WaitTaskResponse early =
        plm.calls().waitTask(WaitTaskRequest.newBuilder().setTaskId(id).setTimeoutMs(50).build());
    assertThat(early.getEnded()).isFalse();
    assertThat(early.getTask().getState()).isEqualTo(TaskState.TASK_STATE_RUNNING);
    cluster.force();
    WaitTaskResponse late =
        plm.calls().waitTask(WaitTaskRequest.newBuilder().setTaskId(id).build());
    assertThat(late.getEnded()).isTrue();
    assertThat(late.getTask().getState()).isEqualTo(TaskState.TASK_STATE_SUCCEEDED);
  }

  @Test
  void findsEndsThatTheRingLeftOut() {
    long id = submit(Specs.spec());
    cluster.end(id, io.tidemill.shm.region.TaskState.SUCCEEDED, new byte[0], false);
    plm.instance().control().askSweep(io.tidemill.shm.region.Role.PLM);
    cluster.wakePlm();
    assertThat(plm.calls().waitTask(WaitTaskRequest.newBuilder().setTaskId(id).build()).getEnded())
        .isTrue();
    await().until(() -> plm.instance().regions().tasks().wordOf(id) == -1);
  }

  @Test
  void countsWhatItAcceptedAndRefused() {
    submit(Specs.spec().toBuilder().setPriority(5).build());
    submit(Specs.spec().toBuilder().setPriority(5).build());
    submit(Specs.spec());
    assertThat(catchThrowable(() -> submit(TaskSpec.getDefaultInstance()))).isNotNull();
    GetStatsResponse stats = plm.calls().getStats(GetStatsRequest.getDefaultInstance());
    assertThat(stats.getAccepted()).isEqualTo(3);
    assertThat(stats.getRefused()).isEqualTo(1);
    assertThat(stats.getCapacity()).isEqualTo(1_000);
    assertThat(stats.getPriorities(0).getPriority()).isEqualTo(5);
    assertThat(stats.getPriorities(0).getCount()).isEqualTo(2);
    assertThat(stats.getStatesList())
        .anySatisfy(
            state -> {
              assertThat(state.getState()).isEqualTo(TaskState.TASK_STATE_READY);
              assertThat(state.getCount()).isEqualTo(3);
            });
    assertThat(stats.getProcesses(0).getRole()).isEqualTo("plm");
    assertThat(stats.getProcesses(0).getState()).isEqualTo("ALIVE");
    assertThat(stats.getProcesses(1).getState()).isEqualTo("NEVER_STARTED");
  }
}
