package io.tidemill.plm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.ManagedChannel;
import io.tidemill.rpc.Transport;
import io.tidemill.shm.region.TaskState;
import io.tidemill.v1.BulkAction;
import io.tidemill.v1.BulkTasksRequest;
import io.tidemill.v1.BulkTasksResponse;
import io.tidemill.v1.ListTasksRequest;
import io.tidemill.v1.ListTasksResponse;
import io.tidemill.v1.SubmitTasksRequest;
import io.tidemill.v1.Task;
import io.tidemill.v1.TaskAdminServiceGrpc;
import io.tidemill.v1.TaskAdminServiceGrpc.TaskAdminServiceBlockingStub;
import io.tidemill.v1.TaskFilter;
import io.tidemill.v1.TaskSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A PLM is killed with SIGKILL amid bulk requeues and discards; the next one goes on. */
class RequeueKillTest {
  private static final int TASKS = 3_000;
  private static final String AGAIN = "again";
  private static final String AWAY = "away";

  @TempDir Path folder;

  /** Killed so many microseconds after a call was sent. */
  @ParameterizedTest
  @ValueSource(ints = {500, 5_000, 20_000, 60_000})
  void requeuesEachTaskOnceAndDiscardsForGoodThoughItIsKilled(int micros) throws Exception {
    Path data = folder.resolve("data");
    List<Long> dead;
    List<Long> away;
    try (TestPlm plm = TestPlm.start(data)) {
      dead = ended(plm, AGAIN);
      away = ended(plm, AWAY);
    }
    int port = TestPlm.freePort();
    Process victim = KillTest.fork(data, port, "20000");
    try {
      sendAndKill(victim, port, micros);
    } finally {
      victim.destroyForcibly();
      assertThat(victim.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }
    try (TestPlm plm = TestPlm.start(data)) {
      assertThat(away).containsAll(ids(listed(plm, AWAY)));
      TaskAdminServiceBlockingStub admin = TaskAdminServiceGrpc.newBlockingStub(plm.channel());
      rest(admin, request(BulkAction.BULK_ACTION_REQUEUE, AGAIN));
      rest(admin, request(BulkAction.BULK_ACTION_DISCARD, AWAY));
      assertThat(listed(plm, AWAY)).isEmpty();
      List<Task> again = listed(plm, AGAIN);
      List<Long> from = new ArrayList<>();
      again.stream()
          .filter(task -> task.getRequeuedFrom() != 0)
          .forEach(task -> from.add(task.getRequeuedFrom()));
      assertThat(from).containsExactlyInAnyOrderElementsOf(dead);
      Set<Long> made = new HashSet<>(ids(again));
      assertThat(again.stream().filter(task -> task.getRequeuedFrom() == 0))
          .hasSize(TASKS)
          .allMatch(task -> made.contains(task.getRequeuedAs()));
    }
  }

  private static List<Long> ended(TestPlm plm, String type) throws Exception {
    TaskSpec spec = Specs.spec().toBuilder().setType(type).build();
    List<Long> ids =
        plm.calls()
            .submitTasks(
                SubmitTasksRequest.newBuilder()
                    .addAllTasks(Collections.nCopies(TASKS, spec))
                    .build())
            .getTaskIdsList();
    try (FakeCluster cluster = new FakeCluster(plm.instance())) {
      ids.forEach(id -> cluster.end(id, TaskState.DEAD, new byte[0]));
      cluster.wakePlm();
      await()
          .pollInterval(Duration.ofMillis(1))
          .until(
              () -> ids.stream().allMatch(id -> plm.instance().regions().tasks().wordOf(id) == -1));
    }
    return ids;
  }

  private static void sendAndKill(Process victim, int port, int micros) {
    ManagedChannel channel = Transport.channel("127.0.0.1:" + port, 4 << 20);
    try {
      TaskAdminServiceBlockingStub admin = TaskAdminServiceGrpc.newBlockingStub(channel);
      BulkTasksRequest.Builder requeue = request(BulkAction.BULK_ACTION_REQUEUE, AGAIN);
      BulkTasksResponse first = admin.bulkTasks(requeue.build());
      BulkTasksResponse second =
          admin.bulkTasks(request(BulkAction.BULK_ACTION_DISCARD, AWAY).build());
      assertThat(first.getDone()).isEqualTo(second.getDone()).isPositive();
      var futures = TaskAdminServiceGrpc.newFutureStub(channel);
      var unused = futures.bulkTasks(requeue.setPageToken(first.getNextPageToken()).build());
      var unusedToo = futures.bulkTasks(request(BulkAction.BULK_ACTION_DISCARD, AWAY).build());
      LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(micros));
      victim.destroyForcibly();
    } finally {
      channel.shutdownNow();
    }
  }

  private static BulkTasksRequest.Builder request(BulkAction action, String type) {
    return BulkTasksRequest.newBuilder()
        .setAction(action)
        .setFilter(TaskFilter.newBuilder().setType(type));
  }

  private static void rest(TaskAdminServiceBlockingStub admin, BulkTasksRequest.Builder request) {
    do {
      BulkTasksResponse answer = admin.bulkTasks(request.build());
      assertThat(answer.getRefusalsList()).isEmpty();
      request.setPageToken(answer.getNextPageToken());
    } while (!request.getPageToken().isEmpty());
  }

  private static List<Task> listed(TestPlm plm, String type) {
    List<Task> all = new ArrayList<>();
    ListTasksRequest.Builder request =
        ListTasksRequest.newBuilder().setPageSize(1_000).setType(type);
    do {
      ListTasksResponse page = plm.calls().listTasks(request.build());
      all.addAll(page.getTasksList());
      request.setPageToken(page.getNextPageToken());
    } while (!request.getPageToken().isEmpty());
    return all;
  }

  private static List<Long> ids(List<Task> tasks) {
    return tasks.stream().map(Task::getTaskId).toList();
  }
}
