package io.tidemill.plm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.tidemill.rpc.RpcErrors;
import io.tidemill.shm.region.TaskState;
import io.tidemill.v1.BulkAction;
import io.tidemill.v1.BulkTasksRequest;
import io.tidemill.v1.BulkTasksResponse;
import io.tidemill.v1.GetTaskRequest;
import io.tidemill.v1.ListTasksRequest;
import io.tidemill.v1.ListTasksResponse;
import io.tidemill.v1.SubmitTasksRequest;
import io.tidemill.v1.Task;
import io.tidemill.v1.TaskAdminServiceGrpc;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is done with all tasks that match. */
class BulkTest {
  private static final TaskSpec MAIL = Specs.spec().toBuilder().setQueue("mail").build();

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

  private List<Long> submit(TaskSpec spec, int count) {
    return plm.calls()
        .submitTasks(
            SubmitTasksRequest.newBuilder().addAllTasks(Collections.nCopies(count, spec)).build())
        .getTaskIdsList();
  }

  private List<Long> ended(TaskSpec spec, int count, TaskState state) {
    List<Long> ids = submit(spec, count);
    ids.forEach(id -> cluster.end(id, state, new byte[0]));
    awaitTaken(ids);
    return ids;
  }

  private void awaitTaken(List<Long> ids) {
    cluster.wakePlm();
    await()
        .pollInterval(Duration.ofMillis(1))
        .until(() -> ids.stream().allMatch(id -> tasks().wordOf(id) == -1));
  }

  private io.tidemill.shm.region.TaskTable tasks() {
    return plm.instance().regions().tasks();
  }

  private BulkTasksResponse call(BulkTasksRequest.Builder request) {
    return TaskAdminServiceGrpc.newBlockingStub(plm.channel())
        .withDeadlineAfter(30, TimeUnit.SECONDS)
        .bulkTasks(request.build());
  }

  private static BulkTasksRequest.Builder mail(BulkAction action) {
    return BulkTasksRequest.newBuilder()
        .setAction(action)
        .setFilter(TaskFilter.newBuilder().setQueue("mail"));
  }

  /** Sums over all calls. */
  private final class Run {
    private final BulkTasksRequest.Builder request;
    private long matched;
    private long done;
    private long refused;
    private int calls;
    private boolean over;

    Run(BulkTasksRequest.Builder request) {
      this.request = request;
    }

    Run next() {
      BulkTasksResponse answer = call(request);
      matched += answer.getMatched();
      done += answer.getDone();
      answer.getRefusalsList().forEach(each -> refused += each.getCount());
      request.setPageToken(answer.getNextPageToken());
      over = answer.getNextPageToken().isEmpty();
      calls++;
      return this;
    }

    Run rest() {
      while (!over) {
        next();
      }
      return this;
    }
  }

  private List<Task> listed(TaskFilter.Builder filter) {
    List<Task> all = new ArrayList<>();
    ListTasksRequest.Builder request =
        ListTasksRequest.newBuilder().setPageSize(1_000).setFilter(filter);
    do {
      ListTasksResponse page = plm.calls().listTasks(request.build());
      all.addAll(page.getTasksList());
      request.setPageToken(page.getNextPageToken());
    } while (!request.getPageToken().isEmpty());
    return all;
  }

  private List<Long> asked(List<Long> ids) {
    return ids.stream()
        .filter(id -> tasks().isCancelAsked(io.tidemill.shm.region.TaskId.slot(id)))
        .toList();
  }

  @Test
  void cancelsAllThatMatchAndThatThereWereWhenItBegan() {
    List<Long> mail = submit(MAIL, 1_200);
    List<Long> others = submit(Specs.spec(), 50);
    Run run = new Run(mail(BulkAction.BULK_ACTION_CANCEL).setReason("no longer needed")).next();
    assertThat(run.over).isFalse();
    List<Long> later = submit(MAIL, 20);
    run.rest();
    assertThat(run.matched).isEqualTo(1_200);
    assertThat(run.done).isEqualTo(1_200);
    assertThat(run.calls).isGreaterThan(2);
    assertThat(asked(mail)).hasSize(1_200);
    assertThat(asked(others)).isEmpty();
    assertThat(asked(later)).isEmpty();
  }

  @Test
  void cancelsOnceWhatEndsMeanwhile() {
    List<Long> mail = submit(MAIL, 1_100);
    Run run = new Run(mail(BulkAction.BULK_ACTION_CANCEL)).next();
    List<Long> cancelled = asked(mail);
    assertThat(cancelled).isNotEmpty();
    cluster.cancelAsked();
    awaitTaken(cancelled);
    run.rest();
    assertThat(run.matched).isEqualTo(1_100);
    assertThat(run.done).isEqualTo(1_100);
  }

  @Test
  void requeuesEachOnceThoughThePlmStartsAgainAndCallsAreRepeated() throws Exception {
    List<Long> dead = ended(MAIL, 1_300, TaskState.DEAD);
    List<Long> succeeded = ended(MAIL, 10, TaskState.SUCCEEDED);
    Run run = new Run(mail(BulkAction.BULK_ACTION_REQUEUE));
    String token = run.request.getPageToken();
    run.next();
    BulkTasksResponse again = call(run.request.clone().setPageToken(token));
    assertThat(again.getDone()).isEqualTo(again.getAlready()).isEqualTo(run.done);
    restart();
    run.rest();
    assertThat(run.refused).isZero();
    List<Task> live =
        listed(TaskFilter.newBuilder().addStates(io.tidemill.v1.TaskState.TASK_STATE_READY));
    Set<Long> from = new HashSet<>();
    live.forEach(task -> from.add(task.getRequeuedFrom()));
    assertThat(from).containsExactlyInAnyOrderElementsOf(dead);
    assertThat(live).hasSize(dead.size()).allMatch(task -> task.getQueue().equals("mail"));
    assertThat(from).doesNotContainAnyElementsOf(succeeded);
  }

  @Test
  void requeuesSucceededOnesOnlyIfTheFilterNamesThem() {
    ended(MAIL, 3, TaskState.SUCCEEDED);
    assertThat(new Run(mail(BulkAction.BULK_ACTION_REQUEUE)).rest().matched).isZero();
    BulkTasksRequest.Builder named = mail(BulkAction.BULK_ACTION_REQUEUE);
    named.getFilterBuilder().addStates(io.tidemill.v1.TaskState.TASK_STATE_SUCCEEDED);
    assertThat(new Run(named).rest().done).isEqualTo(3);
  }

  @Test
  void discardsAllThatMatch() throws Exception {
    List<Long> mail = ended(MAIL, 1_100, TaskState.FAILED);
    List<Long> others = ended(Specs.spec(), 5, TaskState.FAILED);
    long live = submit(MAIL, 1).get(0);
    Run run = new Run(mail(BulkAction.BULK_ACTION_DISCARD)).rest();
    assertThat(run.done).isEqualTo(mail.size()).isEqualTo(run.matched);
    for (int starts = 0; starts < 2; starts++) {
      assertThat(listed(TaskFilter.newBuilder()))
          .extracting(Task::getTaskId)
          .containsExactlyInAnyOrder(
              live, others.get(0), others.get(1), others.get(2), others.get(3), others.get(4));
      restart();
    }
  }

  @Test
  void saysWhyWhatWasNotDone() throws Exception {
    stop();
    plm = TestPlm.start(folder.resolve("small"), "tasks.max", "1000");
    cluster = new FakeCluster(plm.instance());
    ended(MAIL, 30, TaskState.DEAD);
    submit(Specs.spec(), 990);
    BulkTasksResponse answer = call(mail(BulkAction.BULK_ACTION_REQUEUE));
    assertThat(answer.getMatched()).isEqualTo(30);
    assertThat(answer.getDone()).isEqualTo(10);
    assertThat(answer.getRefusalsList())
        .singleElement()
        .satisfies(
            refused -> {
              assertThat(refused.getReason()).isEqualTo("TASKS_FULL");
              assertThat(refused.getCount()).isEqualTo(20);
              assertThat(refused.getMessage()).contains("tasks.max=1000");
            });
  }

  @Test
  void doesNothingInADryRun() {
    List<Long> dead = ended(MAIL, 30, TaskState.DEAD);
    for (BulkAction action :
        List.of(BulkAction.BULK_ACTION_REQUEUE, BulkAction.BULK_ACTION_DISCARD)) {
      BulkTasksResponse answer = call(mail(action).setDryRun(true));
      assertThat(answer.getMatched()).isEqualTo(30);
      assertThat(answer.getDone()).isZero();
      assertThat(answer.getSamplesList()).hasSize(10);
      assertThat(dead).contains(answer.getSamples(0).getTaskId());
    }
    submit(MAIL, 1);
    assertThat(call(mail(BulkAction.BULK_ACTION_CANCEL).setDryRun(true)).getMatched()).isOne();
    assertThat(listed(TaskFilter.newBuilder())).hasSize(31);
    assertThat(
            plm.calls()
                .getTask(GetTaskRequest.newBuilder().setTaskId(dead.get(0)).build())
                .getTask()
                .getRequeuedAs())
        .isZero();
  }

  @Test
  void refusesWhatIsNotSensible() {
    assertThat(reasonOf(BulkTasksRequest.newBuilder().setAll(true))).isEqualTo("ACTION_UNKNOWN");
    assertThat(reasonOf(BulkTasksRequest.newBuilder().setAction(BulkAction.BULK_ACTION_CANCEL)))
        .isEqualTo("FILTER_EMPTY");
    BulkTasksRequest.Builder ended = mail(BulkAction.BULK_ACTION_CANCEL);
    ended.getFilterBuilder().addStates(io.tidemill.v1.TaskState.TASK_STATE_DEAD);
    assertThat(reasonOf(ended)).isEqualTo("STATE_NOT_POSSIBLE");
    BulkTasksRequest.Builder live = mail(BulkAction.BULK_ACTION_DISCARD);
    live.getFilterBuilder().addStates(io.tidemill.v1.TaskState.TASK_STATE_READY);
    assertThat(catchThrowable(() -> call(live)))
        .hasMessageContaining("SUCCEEDED, FAILED, CANCELLED, EXPIRED, DEAD");
    assertThat(reasonOf(mail(BulkAction.BULK_ACTION_CANCEL).setReason("x".repeat(1_001))))
        .isEqualTo("REASON_TOO_LONG");
  }

  private String reasonOf(BulkTasksRequest.Builder request) {
    return RpcErrors.reason(catchThrowable(() -> call(request)));
  }
}
