package io.tidemill.plm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.tidemill.rpc.RpcErrors;
import io.tidemill.shm.region.Rule;
import io.tidemill.v1.GetTaskRequest;
import io.tidemill.v1.KeyLimit;
import io.tidemill.v1.ListLimitsRequest;
import io.tidemill.v1.ListQueuesRequest;
import io.tidemill.v1.QueueInfo;
import io.tidemill.v1.QueueServiceGrpc;
import io.tidemill.v1.QueueServiceGrpc.QueueServiceBlockingStub;
import io.tidemill.v1.SetLimitRequest;
import io.tidemill.v1.SubmitTaskRequest;
import io.tidemill.v1.SubmitTasksRequest;
import io.tidemill.v1.SubmitTasksResponse;
import io.tidemill.v1.Task;
import io.tidemill.v1.TaskSpec;
import io.tidemill.v1.UpdateQueueRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class QueueTest {
  @TempDir Path data;

  @Test
  void keepsWhatIsSetWhenTheProcessAndTheMappedFilesAreGone() throws Exception {
    try (TestPlm plm = TestPlm.start(data)) {
      queues(plm)
          .updateQueue(
              UpdateQueueRequest.newBuilder()
                  .setQueue("mail")
                  .setPaused(true)
                  .setLengthMax(2)
                  .build());
      queues(plm)
          .setLimit(
              SetLimitRequest.newBuilder()
                  .setLimit(KeyLimit.newBuilder().setKey("user:*").setRunningMax(3).setRate(10))
                  .build());
      submitMail(plm, 2);
    }
    try (TestPlm plm = TestPlm.start(data)) {
      assertRules(plm);
    }
    try (Stream<Path> files = Files.list(data.resolve("shm"))) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    try (TestPlm plm = TestPlm.start(data)) {
      assertRules(plm);
      queues(plm)
          .updateQueue(UpdateQueueRequest.newBuilder().setQueue("mail").setLengthMax(0).build());
      assertThat(submitMail(plm, 1).getRefusalsCount()).isZero();
    }
  }

  private static void assertRules(TestPlm plm) {
    assertThat(plm.instance().regions().rules().read())
        .containsExactly(Rule.ofQueue("mail", true, 2), Rule.ofKey("user:*", 3, 10, 1_000, 1));
    assertThat(queues(plm).listLimits(ListLimitsRequest.getDefaultInstance()).getLimitsList())
        .extracting(KeyLimit::getKey)
        .containsExactly("user:*");
    SubmitTasksResponse full = submitMail(plm, 1);
    assertThat(full.getRefusals(0).getReason()).isEqualTo("QUEUE_FULL");
    assertThat(full.getRefusals(0).getRetryAfterMs()).isPositive();
    List<QueueInfo> infos =
        queues(plm).listQueues(ListQueuesRequest.getDefaultInstance()).getQueuesList();
    QueueInfo mail =
        infos.stream().filter(info -> info.getQueue().equals("mail")).findFirst().orElseThrow();
    assertThat(mail.getPaused()).isTrue();
    assertThat(mail.getLengthMax()).isEqualTo(2);
    assertThat(mail.getWaiting()).isEqualTo(2);
    assertThat(mail.getWithoutWorker()).isEqualTo(2);
  }

  @Test
  void refusesWhatIsBeyondTheLimitWithinOneCallAndHasRoomAgainWhenTasksEnd() throws Exception {
    try (TestPlm plm = TestPlm.start(data)) {
      queues(plm)
          .updateQueue(UpdateQueueRequest.newBuilder().setQueue("mail").setLengthMax(3).build());
      SubmitTasksResponse answer = submitMail(plm, 5);
      assertThat(answer.getTaskIdsList()).filteredOn(id -> id != 0).hasSize(3);
      assertThat(answer.getRefusalsList())
          .extracting(refusal -> refusal.getReason())
          .containsExactly("QUEUE_FULL", "QUEUE_FULL");
      FakeCluster cluster = new FakeCluster(plm.instance()).run();
      org.awaitility.Awaitility.await().until(() -> submitMail(plm, 1).getRefusalsCount() == 0);
      cluster.close();
    }
  }

  @Test
  void showsQueueKeyAndRequirementsOfATask() throws Exception {
    TaskSpec spec =
        Specs.spec().toBuilder()
            .setQueue("mail")
            .setKey("user:17")
            .putLabels("zone", "a")
            .putAmounts("cpu", 2)
            .build();
    try (TestPlm plm = TestPlm.start(data)) {
      long id =
          plm.calls().submitTask(SubmitTaskRequest.newBuilder().setTask(spec).build()).getTaskId();
      Task task = plm.calls().getTask(GetTaskRequest.newBuilder().setTaskId(id).build()).getTask();
      assertThat(task.getType()).isEqualTo(spec.getType());
      assertThat(task.getQueue()).isEqualTo("mail");
      assertThat(task.getKey()).isEqualTo("user:17");
      assertThat(task.getLabelsMap()).isEqualTo(Map.of("zone", "a"));
      assertThat(task.getAmountsMap()).isEqualTo(Map.of("cpu", 2L));
      assertRefused(plm, spec.toBuilder().setQueue("a b"), "QUEUE_INVALID");
      assertRefused(plm, spec.toBuilder().setKey("a b"), "KEY_INVALID");
      assertRefused(plm, spec.toBuilder().putLabels("zone", "a b"), "LABEL_INVALID");
      assertRefused(plm, spec.toBuilder().putAmounts("cpu", 0), "AMOUNT_INVALID");
    }
  }

  private static void assertRefused(TestPlm plm, TaskSpec.Builder spec, String reason) {
    SubmitTaskRequest request = SubmitTaskRequest.newBuilder().setTask(spec).build();
    assertThat(RpcErrors.reason(catchThrowable(() -> plm.calls().submitTask(request))))
        .isEqualTo(reason);
  }

  private static SubmitTasksResponse submitMail(TestPlm plm, int count) {
    SubmitTasksRequest.Builder request = SubmitTasksRequest.newBuilder();
    for (int i = 0; i < count; i++) {
      request.addTasks(Specs.spec().toBuilder().setQueue("mail"));
    }
    return plm.calls().submitTasks(request.build());
  }

  private static QueueServiceBlockingStub queues(TestPlm plm) {
    return QueueServiceGrpc.newBlockingStub(plm.channel());
  }
}
