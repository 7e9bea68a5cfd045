package io.tidemill.plm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.tuple;

import io.tidemill.rpc.RpcErrors;
import io.tidemill.shm.instance.LeaseHistory;
import io.tidemill.shm.instance.Regions;
import io.tidemill.shm.region.LeaseEnd;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskState;
import io.tidemill.v1.Dependency;
import io.tidemill.v1.GetHistoryRequest;
import io.tidemill.v1.GetHistoryResponse;
import io.tidemill.v1.GetStatsRequest;
import io.tidemill.v1.HistoryEvent;
import io.tidemill.v1.HistoryKind;
import io.tidemill.v1.SetPriorityRequest;
import io.tidemill.v1.SubmitTaskRequest;
import io.tidemill.v1.TaskSpec;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryTest {
  private static final byte[] NOTHING = {};

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

  private long submit(TaskSpec spec) {
    return plm.calls().submitTask(SubmitTaskRequest.newBuilder().setTask(spec).build()).getTaskId();
  }

  private GetHistoryResponse history(long id) {
    return plm.calls().getHistory(GetHistoryRequest.newBuilder().setTaskId(id).build());
  }

  private List<HistoryKind> kinds(long id) {
    return history(id).getEventsList().stream().map(HistoryEvent::getKind).toList();
  }

  /** As the Main Scheduler does it, with its note. */
  private void takeBack(long id, long lease, LeaseEnd why) {
    Regions regions = plm.instance().regions();
    int slot = TaskId.slot(id);
    regions
        .leasesTaken()
        .write(
            id,
            new LeaseHistory(regions)
                .note(
                    lease,
                    why,
                    "w",
                    regions.tasks().assignedNanos(slot),
                    regions.tasks().startedNanos(slot),
                    0));
    cluster.requeue(id);
  }

  @Test
  void tellsOfAPlainTaskFromItsSlotAndItsOutcome() {
    long id = submit(Specs.spec());
    assertThat(kinds(id))
        .containsExactly(HistoryKind.HISTORY_KIND_ACCEPTED, HistoryKind.HISTORY_KIND_READY);
    long lease = cluster.assign(id);
    cluster.start(id);
    assertThat(kinds(id))
        .containsExactly(
            HistoryKind.HISTORY_KIND_ACCEPTED,
            HistoryKind.HISTORY_KIND_READY,
            HistoryKind.HISTORY_KIND_ASSIGNED,
            HistoryKind.HISTORY_KIND_STARTED);
    cluster.end(id, TaskState.SUCCEEDED, NOTHING);
    cluster.wakePlm();
    GetHistoryResponse ended = history(id);
    assertThat(ended.getState()).isEqualTo(io.tidemill.v1.TaskState.TASK_STATE_SUCCEEDED);
    assertThat(ended.getLeasesGone()).isZero();
    assertThat(ended.getFromBeforeReboot()).isFalse();
    HistoryEvent last = ended.getEvents(ended.getEventsCount() - 1);
    assertThat(last.getKind()).isEqualTo(HistoryKind.HISTORY_KIND_ENDED);
    assertThat(last.getLease()).isEqualTo(lease);
    assertThat(last.getWorkerId()).isEqualTo("fake");
    assertThat(last.getAtMs()).isPositive();
  }

  @Test
  void tellsOfLeasesThatWereTakenBack() throws Exception {
    long id = submit(Specs.spec());
    long first = cluster.assign(id);
    cluster.start(id);
    takeBack(id, first, LeaseEnd.WORKER_LOST);
    restart();
    long second = cluster.assign(id);
    assertThat(history(id).getEventsList())
        .extracting(HistoryEvent::getKind, HistoryEvent::getLease, HistoryEvent::getAttempt)
        .containsExactly(
            tuple(HistoryKind.HISTORY_KIND_ACCEPTED, 0L, 0),
            tuple(HistoryKind.HISTORY_KIND_READY, 0L, 0),
            tuple(HistoryKind.HISTORY_KIND_ASSIGNED, first, 0),
            tuple(HistoryKind.HISTORY_KIND_STARTED, first, 1),
            tuple(HistoryKind.HISTORY_KIND_WORKER_LOST, first, 1),
            tuple(HistoryKind.HISTORY_KIND_READY, 0L, 0),
            tuple(HistoryKind.HISTORY_KIND_ASSIGNED, second, 0));
    assertThat(times(id)).isSorted();
  }

  private List<Long> times(long id) {
    return history(id).getEventsList().stream().map(HistoryEvent::getAtMs).toList();
  }

  @Test
  void saysHowManyLeasesAreNotKnown() {
    long id = submit(Specs.spec());
    cluster.assign(id);
    cluster.requeue(id); // Nobody noted it.
    long second = cluster.assign(id);
    takeBack(id, second, LeaseEnd.OVERRAN);
    GetHistoryResponse history = history(id);
    assertThat(history.getLeasesGone()).isEqualTo(1);
    assertThat(kinds(id))
        .containsExactly(
            HistoryKind.HISTORY_KIND_ACCEPTED,
            HistoryKind.HISTORY_KIND_READY,
            HistoryKind.HISTORY_KIND_ASSIGNED,
            HistoryKind.HISTORY_KIND_OVERRAN,
            HistoryKind.HISTORY_KIND_READY);
  }

  @Test
  void tellsUntilWhenADelayedTaskWaits() {
    long before = System.currentTimeMillis();
    long id = submit(TaskSpec.newBuilder().setType("t").setDelayMs(3_600_000).build());
    List<HistoryEvent> events = history(id).getEventsList();
    assertThat(events)
        .extracting(HistoryEvent::getKind)
        .containsExactly(HistoryKind.HISTORY_KIND_ACCEPTED, HistoryKind.HISTORY_KIND_WAITING);
    assertThat(events.get(1).getUntilMs()).isBetween(before + 3_599_000, before + 3_700_000);
    long runAt = before + 7_200_000;
    long atAMoment = submit(TaskSpec.newBuilder().setType("t").setRunAtMs(runAt).build());
    assertThat(history(atAMoment).getEvents(1).getUntilMs()).isBetween(runAt - 100, runAt + 100);
  }

  @Test
  void tellsForHowManyTasksATaskWaitedAndHowLong() throws Exception {
    long parent = submit(Specs.spec());
    long child =
        submit(
            TaskSpec.newBuilder()
                .setType("t")
                .addDependsOn(Dependency.newBuilder().setTaskId(parent))
                .build());
    assertThat(kinds(child))
        .containsExactly(HistoryKind.HISTORY_KIND_ACCEPTED, HistoryKind.HISTORY_KIND_WAITING);
    assertThat(history(child).getEvents(1).getTasks()).isEqualTo(1);
    cluster.end(parent, TaskState.SUCCEEDED, NOTHING);
    cluster.wakePlm();
    org.awaitility.Awaitility.await().until(() -> cluster.endSome(1) == 1);
    List<HistoryEvent> events = history(child).getEventsList();
    assertThat(events)
        .extracting(HistoryEvent::getKind)
        .containsExactly(
            HistoryKind.HISTORY_KIND_ACCEPTED,
            HistoryKind.HISTORY_KIND_WAITING,
            HistoryKind.HISTORY_KIND_READY,
            HistoryKind.HISTORY_KIND_ASSIGNED,
            HistoryKind.HISTORY_KIND_ENDED);
    assertThat(events.get(2).getAtMs()).isGreaterThanOrEqualTo(events.get(0).getAtMs());
  }

  @Test
  void tellsThatACancellationWasAskedFor() {
    long id = submit(Specs.spec());
    cluster.assign(id);
    plm.calls()
        .cancelTask(
            io.tidemill.v1.CancelTaskRequest.newBuilder().setTaskId(id).setReason("late").build());
    List<HistoryEvent> events = history(id).getEventsList();
    HistoryEvent last = events.get(events.size() - 1);
    assertThat(last.getKind()).isEqualTo(HistoryKind.HISTORY_KIND_CANCEL_ASKED);
    assertThat(last.getError()).isEqualTo("late");
  }

  @Test
  void tellsChangesOfThePriorityBetweenTheLeasesAcrossRestarts() throws Exception {
    long id = submit(Specs.spec());
    long never = submit(Specs.spec());
    setPriority(id, 1_000);
    setPriority(id, 1_000); // It has it.
    restart();
    long first = cluster.assign(id);
    takeBack(id, first, LeaseEnd.WORKER_LOST);
    setPriority(id, -7);
    restart();
    cluster.assign(id);
    List<HistoryEvent> live = history(id).getEventsList();
    assertThat(live)
        .extracting(
            HistoryEvent::getKind, HistoryEvent::getPriorityBefore, HistoryEvent::getPriority)
        .containsExactly(
            tuple(HistoryKind.HISTORY_KIND_ACCEPTED, 0, 0),
            tuple(HistoryKind.HISTORY_KIND_READY, 0, 0),
            tuple(HistoryKind.HISTORY_KIND_PRIORITY_CHANGED, 0, 1_000),
            tuple(HistoryKind.HISTORY_KIND_ASSIGNED, 0, 0),
            tuple(HistoryKind.HISTORY_KIND_WORKER_LOST, 0, 0),
            tuple(HistoryKind.HISTORY_KIND_READY, 0, 0),
            tuple(HistoryKind.HISTORY_KIND_PRIORITY_CHANGED, 1_000, -7),
            tuple(HistoryKind.HISTORY_KIND_ASSIGNED, 0, 0));
    assertThat(times(id)).isSorted().doesNotContain(0L);

    cluster.end(id, TaskState.SUCCEEDED, NOTHING);
    cluster.wakePlm();
    assertThat(history(id).getEventsList())
        .extracting(HistoryEvent::getKind)
        .contains(HistoryKind.HISTORY_KIND_ENDED);
    assertThat(history(id).getEventsList())
        .filteredOn(HistoryTest::isPriorityChange)
        .isEqualTo(live.stream().filter(HistoryTest::isPriorityChange).toList());
    assertThat(kinds(never)).doesNotContain(HistoryKind.HISTORY_KIND_PRIORITY_CHANGED);
    assertThat(plm.calls().getStats(GetStatsRequest.getDefaultInstance()).getPriorityChanges())
        .isEqualTo(2);
  }

  @Test
  void keepsTheNewestChangesOfThePriorityAndSaysHowManyAreGone() throws Exception {
    long id = submit(Specs.spec());
    int changes = PastPriorities.KEPT_MAX + 3;
    for (int i = 1; i <= changes; i++) {
      setPriority(id, i);
    }
    restart();
    List<HistoryEvent> kept =
        history(id).getEventsList().stream().filter(HistoryTest::isPriorityChange).toList();
    assertThat(kept).hasSize(PastPriorities.KEPT_MAX);
    assertThat(kept.get(0).getPriorityBefore()).isEqualTo(3);
    assertThat(kept.get(kept.size() - 1).getPriority()).isEqualTo(changes);
    assertThat(history(id).getPriorityChangesGone()).isEqualTo(3);
  }

  private static boolean isPriorityChange(HistoryEvent event) {
    return event.getKind() == HistoryKind.HISTORY_KIND_PRIORITY_CHANGED;
  }

  private void setPriority(long id, int priority) {
    plm.calls()
        .setPriority(SetPriorityRequest.newBuilder().setTaskId(id).setPriority(priority).build());
  }

  private void restart() throws Exception {
    cluster.close();
    plm.close();
    plm = TestPlm.start(folder.resolve("data"));
    cluster = new FakeCluster(plm.instance());
  }

  @Test
  void knowsNoHistoryOfATaskThatWasNeverAccepted() {
    Throwable error = catchThrowable(() -> history(TaskId.of(1, 99, 7)));
    assertThat(RpcErrors.reason(error)).isEqualTo("TASK_UNKNOWN");
  }
}
