package io.tidemill.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.tidemill.v1.CancelTaskResponse;
import io.tidemill.v1.ListTasksRequest;
import io.tidemill.v1.Refusal;
import io.tidemill.v1.SubmitTaskResponse;
import io.tidemill.v1.SubmitTasksResponse;
import io.tidemill.v1.Task;
import io.tidemill.v1.TaskSpec;
import io.tidemill.v1.TaskState;
import io.tidemill.v1.WaitTaskResponse;
import io.tidemill.v1.WorkerInfo;
import io.tidemill.v1.WorkerState;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class TidemillClientTest {
  private final FakePlm plm = new FakePlm();
  private final TidemillClient client =
      TidemillClient.builder().plm(plm.address()).register(plm.address()).build();

  @AfterEach
  void close() {
    client.close();
    plm.close();
  }

  private static TaskSpec spec(String payload) {
    return TaskSpec.newBuilder()
        .setType("echo")
        .setPayload(ByteString.copyFromUtf8(payload))
        .build();
  }

  private TidemillException failure(Runnable call) {
    return catchThrowableOfType(TidemillException.class, call::run);
  }

  @Test
  void makesOneTaskWhenAnswersAreLost() {
    plm.failNextCalls.set(3);
    SubmitTaskResponse answer = client.submit(spec("x"));
    assertThat(answer.getDuplicate()).isTrue();
    assertThat(plm.taskCount()).isEqualTo(1);
    assertThat(plm.unaryCalls).hasValue(4);
  }

  @Test
  void makesOneTaskEachWhenAnswerToBatchIsLost() {
    plm.failNextCalls.set(2);
    List<TaskSpec> specs = IntStream.range(0, 25_000).mapToObj(i -> spec("p" + i)).toList();
    SubmitTasksResponse answer = client.submitAll(specs);
    assertThat(answer.getTaskIdsList()).hasSize(25_000).doesNotContain(0L).doesNotHaveDuplicates();
    assertThat(plm.taskCount()).isEqualTo(25_000);
  }

  @Test
  void countsRefusalsOfLaterBatchesFromTheStart() {
    plm.refuser(
        spec ->
            spec.getPayload().toStringUtf8().equals("p12345")
                ? Refusal.newBuilder().setReason("TYPE_INVALID").setCode(3)
                : null);
    List<TaskSpec> specs = IntStream.range(0, 15_000).mapToObj(i -> spec("p" + i)).toList();
    SubmitTasksResponse answer = client.submitAll(specs);
    assertThat(answer.getTaskIds(12_345)).isZero();
    assertThat(answer.getRefusalsList()).hasSize(1);
    assertThat(answer.getRefusals(0).getNumber()).isEqualTo(12_345);
  }

  @Test
  void namesDuplicatesOfLaterBatchesFromTheStart() {
    List<TaskSpec> specs =
        IntStream.range(0, 15_000)
            .mapToObj(i -> spec("p").toBuilder().setRequestId("r" + (i == 12_345 ? 7 : i)).build())
            .toList();
    SubmitTasksResponse answer = client.submitAll(specs);
    assertThat(answer.getDuplicateTasksList()).hasSize(1);
    assertThat(answer.getDuplicateTasks(0).getNumber()).isEqualTo(12_345);
    assertThat(answer.getDuplicateTasks(0).getDuplicateOf()).isEqualTo(answer.getTaskIds(7));
  }

  @Test
  void comesBackWhenServerSaysThatThereWillBeRoom() {
    AtomicInteger refusals = new AtomicInteger(2);
    plm.refuser(
        spec ->
            refusals.getAndDecrement() > 0
                ? Refusal.newBuilder().setReason("TASKS_FULL").setCode(8).setRetryAfterMs(5)
                : null);
    assertThat(client.submit(spec("x")).getTaskId()).isNotZero();
  }

  @Test
  void failsAtOnceWhenThereIsNoRoomAndNoWordOfIt() {
    plm.refuser(
        spec -> Refusal.newBuilder().setReason("DISK_FULL").setCode(8).setMessage("disk full"));
    TidemillException error = failure(() -> client.submit(spec("x")));
    assertThat(error.code()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(error.reason()).isEqualTo("DISK_FULL");
    assertThat(error).hasMessage("disk full");
  }

  @Test
  void saysWhichServerCannotBeReachedWhenTimeIsOver() {
    plm.kill();
    try (TidemillClient hasty =
        TidemillClient.builder().plm(plm.address()).callTimeout(Duration.ofMillis(1_500)).build()) {
      TidemillException error = failure(() -> hasty.get(1));
      assertThat(error.code()).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(error).hasMessageContaining("the PLM: address=" + plm.address());
    }
  }

  @Test
  void tellsUnknownTasksByReason() {
    TidemillException error = failure(() -> client.get(42));
    assertThat(error.code()).isEqualTo(Status.Code.NOT_FOUND);
    assertThat(error.reason()).isEqualTo("TASK_UNKNOWN");
    assertThat(error.details()).containsEntry("task_id", "000000000000002a");
  }

  @Test
  void waitsForEndAcrossRestartOfServer() throws Exception {
    plm.endsAtOnce(false);
    long id = client.submit(spec("x")).getTaskId();
    CompletableFuture<WaitTaskResponse> waiting = client.awaitAsync(id, Duration.ofSeconds(30));
    plm.kill();
    plm.endAll();
    plm.start();
    WaitTaskResponse answer = waiting.get(30, TimeUnit.SECONDS);
    assertThat(answer.getEnded()).isTrue();
    assertThat(answer.getTask().getState()).isEqualTo(TaskState.TASK_STATE_SUCCEEDED);
  }

  @Test
  void saysWhenTimeIsOverBeforeTheEnd() {
    plm.endsAtOnce(false);
    long id = client.submit(spec("x")).getTaskId();
    WaitTaskResponse answer = client.await(id, Duration.ofMillis(50));
    assertThat(answer.getEnded()).isFalse();
    assertThat(answer.getTask().getState()).isEqualTo(TaskState.TASK_STATE_READY);
  }

  @Test
  void listsPageAfterPageAsFarAsItIsRead() {
    for (int i = 0; i < 25; i++) {
      client.submit(spec("p" + i));
    }
    long before = plm.unaryCalls.get();
    ListTasksRequest request = ListTasksRequest.newBuilder().setPageSize(10).build();
    assertThat(client.list(request).map(Task::getTaskId)).hasSize(25).doesNotHaveDuplicates();
    assertThat(plm.unaryCalls.get() - before).isEqualTo(3);
    assertThat(client.list(request).limit(5)).hasSize(5);
    assertThat(plm.unaryCalls.get() - before).isEqualTo(4);
  }

  @Test
  void cancelsWaitingTaskAndAsksForRunningOne() {
    plm.endsAtOnce(false);
    long waiting = client.submit(spec("x")).getTaskId();
    long running = client.submit(spec("y")).getTaskId();
    plm.change(running, task -> task.setState(TaskState.TASK_STATE_RUNNING));
    CancelTaskResponse cancelled = client.cancel(waiting, "not needed");
    assertThat(cancelled.getTask().getState()).isEqualTo(TaskState.TASK_STATE_CANCELLED);
    assertThat(cancelled.getTask().getError()).isEqualTo("not needed");
    assertThat(client.cancel(running, "").getRequested()).isTrue();
  }

  @Test
  void listsAndDrainsWorkers() {
    assertThat(client.workers(false))
        .extracting(WorkerInfo::getWorkerId)
        .containsExactly("w1", "w2");
    assertThat(client.workers(true)).hasSize(3);
    assertThat(client.drain("w1").getState()).isEqualTo(WorkerState.WORKER_STATE_DRAINING);
    assertThat(failure(() -> client.drain("nobody")).code()).isEqualTo(Status.Code.NOT_FOUND);
  }

  @Test
  void tellsFiguresOfTheInstance() {
    assertThat(client.stats().getAccepted()).isEqualTo(100);
  }
}
