package io.tidemill.plm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.tidemill.rpc.RpcErrors;
import io.tidemill.shm.instance.Regions;
import io.tidemill.shm.region.Offer;
import io.tidemill.shm.region.Rule;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskHeap;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.WorkerTable.Registration;
import io.tidemill.v1.CancelTaskRequest;
import io.tidemill.v1.Dependency;
import io.tidemill.v1.ExplainTaskRequest;
import io.tidemill.v1.ExplainTaskResponse;
import io.tidemill.v1.Place;
import io.tidemill.v1.Reason;
import io.tidemill.v1.ReasonKind;
import io.tidemill.v1.SubmitTaskRequest;
import io.tidemill.v1.TaskSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every reason, by what stands in the mapped files: the test plays the other servers on them. */
class ExplainTest {
  private static final long HOUR_MILLIS = 3_600_000;
  private static final int WINDOW = 2;

  @TempDir Path folder;
  private TestPlm plm;
  private FakeCluster cluster;
  private Regions regions;

  @BeforeEach
  void start() throws Exception {
    plm = TestPlm.start(folder.resolve("data"));
    cluster = new FakeCluster(plm.instance());
    regions = plm.instance().regions();
    regions.taskHeap().clear();
    regions.workerHeap().clear();
  }

  @AfterEach
  void stop() throws Exception {
    cluster.close();
    plm.close();
  }

  private static TaskSpec.Builder task() {
    return TaskSpec.newBuilder().setType("t");
  }

  private long submit(TaskSpec.Builder spec) {
    long id =
        plm.calls().submitTask(SubmitTaskRequest.newBuilder().setTask(spec).build()).getTaskId();
    if (StateWord.state(regions.tasks().wordOf(id)) == TaskState.READY) {
      order(id);
    }
    return id;
  }

  /** As the Main Scheduler does. */
  private void order(long id) {
    int slot = TaskId.slot(id);
    long sequence = regions.tasks().sequence(slot);
    regions
        .taskHeap()
        .lane(regions.tasks().type(slot))
        .push(
            TaskHeap.first(regions.tasks().priority(slot), sequence),
            TaskHeap.second(sequence, slot));
  }

  private void worker(int row, Offer offer, int window, String... types) {
    regions
        .workers()
        .enter(
            row,
            new Registration("w" + row, row + 1, 1, List.of(types), "", 1, offer),
            0,
            System.nanoTime());
    regions.workerHeap().update(row, 0, window);
  }

  private void lease(long id, int row) {
    int slot = TaskId.slot(id);
    long word = regions.tasks().wordOf(id);
    regions.mapping().hold(slot, row, StateWord.lease(word) + 1);
    regions.tasks().assignedNanos(slot, System.nanoTime());
    regions.tasks().assign(slot, word, row);
    regions.workerHeap().update(row, regions.workerHeap().inFlight(row) + 1, WINDOW);
  }

  private ExplainTaskResponse explain(long id) {
    return plm.calls().explainTask(ExplainTaskRequest.newBuilder().setTaskId(id).build());
  }

  /** Of all reasons: there is no Main Scheduler here, which is one of each that is ready. */
  private Reason reason(long id, ReasonKind kind) {
    List<Reason> found =
        explain(id).getReasonsList().stream().filter(each -> each.getKind() == kind).toList();
    assertThat(found).as(explain(id).toString()).hasSize(1);
    assertThat(found.get(0).getText()).isNotEmpty();
    return found.get(0);
  }

  private List<ReasonKind> kinds(long id) {
    return explain(id).getReasonsList().stream()
        .map(Reason::getKind)
        .filter(kind -> kind != ReasonKind.REASON_KIND_SERVER_DOWN)
        .toList();
  }

  @Test
  void saysThatAServerDoesNotRun() {
    Reason reason = reason(submit(task()), ReasonKind.REASON_KIND_SERVER_DOWN);
    assertThat(reason.getName()).isEqualTo("scheduler");
  }

  @Test
  void saysUntilWhenATaskIsDelayed() {
    long before = System.currentTimeMillis();
    long id = submit(task().setDelayMs(HOUR_MILLIS));
    assertThat(kinds(id)).containsExactly(ReasonKind.REASON_KIND_DELAYED);
    assertThat(reason(id, ReasonKind.REASON_KIND_DELAYED).getUntilMs())
        .isBetween(before + HOUR_MILLIS - 1_000, before + HOUR_MILLIS + 60_000);
  }

  @Test
  void saysWhichDeadlinesATaskHas() {
    long id = submit(task().setStartWithinMs(HOUR_MILLIS).setDeadlineMs(2 * HOUR_MILLIS));
    assertThat(kinds(id))
        .contains(ReasonKind.REASON_KIND_START_DEADLINE, ReasonKind.REASON_KIND_DEADLINE);
  }

  @Test
  void saysWhichTasksATaskWaitsFor() {
    long done = submit(task());
    long open = submit(task());
    long id =
        submit(
            task()
                .addDependsOn(Dependency.newBuilder().setTaskId(done))
                .addDependsOn(Dependency.newBuilder().setTaskId(open)));
    cluster.end(done, TaskState.SUCCEEDED, new byte[0]);
    Reason reason = reason(id, ReasonKind.REASON_KIND_WAITS_FOR_TASKS);
    assertThat(reason.getCount()).isEqualTo(1);
    assertThat(reason.getLimit()).isEqualTo(2);
    assertThat(reason.getTaskIdsList()).containsExactly(open);
  }

  @Test
  void saysThatItsQueueIsPausedAndHowThatEnds() {
    worker(0, Offer.NONE, WINDOW, "t");
    long id = submit(task().setQueue("mail"));
    regions.rules().publish(List.of(Rule.ofQueue("mail", true, 0)));
    Reason reason = reason(id, ReasonKind.REASON_KIND_QUEUE_PAUSED);
    assertThat(reason.getName()).isEqualTo("mail");
    assertThat(reason.getRemedy()).isEqualTo("tidemill queue resume mail");
    assertThat(kinds(id)).containsExactly(ReasonKind.REASON_KIND_QUEUE_PAUSED);
  }

  @Test
  void countsWhatRunsOfALimitedKey() {
    worker(0, Offer.NONE, WINDOW, "t");
    long running = submit(task().setKey("user:1"));
    long other = submit(task().setKey("user:2"));
    long id = submit(task().setKey("user:1"));
    regions.rules().publish(List.of(Rule.ofKey("user:*", 1, 0, 0, 0)));
    assertThat(kinds(id)).doesNotContain(ReasonKind.REASON_KIND_KEY_RUNNING_LIMIT);
    lease(running, 0);
    Reason reason = reason(id, ReasonKind.REASON_KIND_KEY_RUNNING_LIMIT);
    assertThat(reason.getName()).isEqualTo("user:*");
    assertThat(reason.getCount()).isEqualTo(1);
    assertThat(reason.getLimit()).isEqualTo(1);
    assertThat(kinds(other)).doesNotContain(ReasonKind.REASON_KIND_KEY_RUNNING_LIMIT);
    regions
        .rules()
        .publish(List.of(Rule.ofKey("user:*", 1, 0, 0, 0), Rule.ofKey("user:1", 2, 0, 0, 0)));
    assertThat(kinds(id)).doesNotContain(ReasonKind.REASON_KIND_KEY_RUNNING_LIMIT);
  }

  @Test
  void saysWhenTheNextTaskOfAKeyMayBeginAtTheLatest() {
    worker(0, Offer.NONE, WINDOW, "t");
    long id = submit(task().setKey("user:1"));
    regions.rules().publish(List.of(Rule.ofKey("user:1", 0, 10, 1_000, 1)));
    assertThat(kinds(id)).doesNotContain(ReasonKind.REASON_KIND_KEY_RATE_LIMIT);
    regions.taskHeap().clear(); // It has been set aside.
    long before = System.currentTimeMillis();
    Reason reason = reason(id, ReasonKind.REASON_KIND_KEY_RATE_LIMIT);
    assertThat(reason.getLimit()).isEqualTo(10);
    assertThat(reason.getPeriodMs()).isEqualTo(1_000);
    assertThat(reason.getUntilMs()).isGreaterThanOrEqualTo(before + 100);
  }

  @Test
  void saysWhatTheWorkersLack() {
    long id = submit(task().setQueue("mail"));
    assertThat(kinds(id)).containsExactly(ReasonKind.REASON_KIND_NO_WORKER);
    worker(0, Offer.NONE, WINDOW, "other");
    assertThat(kinds(id)).containsExactly(ReasonKind.REASON_KIND_NO_WORKER_FOR_TYPE);
    assertThat(reason(id, ReasonKind.REASON_KIND_NO_WORKER_FOR_TYPE).getCount()).isEqualTo(1);
    Offer fromOther =
        new Offer(
            List.of(new Offer.Share("other", 1)), Offer.QueueOrder.PRIORITY, Map.of(), Map.of());
    worker(1, fromOther, WINDOW, "t");
    assertThat(kinds(id)).containsExactly(ReasonKind.REASON_KIND_NO_WORKER_FOR_QUEUE);
    assertThat(reason(id, ReasonKind.REASON_KIND_NO_WORKER_FOR_QUEUE).getName()).isEqualTo("mail");
  }

  private static Offer offer(Map<String, String> labels, Map<String, Long> amounts) {
    return new Offer(List.of(), Offer.QueueOrder.PRIORITY, labels, amounts);
  }

  @Test
  void namesTheLabelThatNobodyHasAndTheNearestOffer() {
    worker(0, Offer.NONE, WINDOW, "t");
    worker(1, offer(Map.of("disk", "ssd", "zone", "b"), Map.of()), WINDOW, "t");
    long id = submit(task().putLabels("disk", "ssd").putLabels("zone", "a"));
    Reason reason = reason(id, ReasonKind.REASON_KIND_LABEL_MISSING);
    assertThat(reason.getName()).isEqualTo("zone");
    assertThat(reason.getWanted()).isEqualTo("a");
    assertThat(reason.getOffered()).isEqualTo("b");
    assertThat(reason.getWorkerId()).isEqualTo("w1");
    assertThat(reason.getCount()).isEqualTo(1);
    assertThat(reason.getRemedy()).contains("--label zone=a");
  }

  @Test
  void namesTheAmountThatNobodyHasAndTheNearestOffer() {
    worker(0, offer(Map.of(), Map.of("cpu", 2L)), WINDOW, "t");
    worker(1, offer(Map.of(), Map.of("cpu", 6L)), WINDOW, "t");
    Reason reason =
        reason(submit(task().putAmounts("cpu", 8)), ReasonKind.REASON_KIND_AMOUNT_MISSING);
    assertThat(reason.getName()).isEqualTo("cpu");
    assertThat(reason.getWanted()).isEqualTo("8");
    assertThat(reason.getOffered()).isEqualTo("6");
    assertThat(reason.getWorkerId()).isEqualTo("w1");
  }

  @Test
  void saysHowMuchIsLeftOfAnAmountThatIsInUse() {
    worker(0, offer(Map.of(), Map.of("cpu", 6L)), WINDOW, "t");
    long running = submit(task().putAmounts("cpu", 4));
    long id = submit(task().putAmounts("cpu", 3));
    assertThat(kinds(id)).doesNotContain(ReasonKind.REASON_KIND_AMOUNT_IN_USE);
    lease(running, 0);
    Reason reason = reason(id, ReasonKind.REASON_KIND_AMOUNT_IN_USE);
    assertThat(reason.getOffered()).isEqualTo("2");
    assertThat(reason.getWanted()).isEqualTo("3");
  }

  @Test
  void saysThatAllWorkersAreFull() {
    worker(0, Offer.NONE, WINDOW, "t");
    for (int i = 0; i < WINDOW; i++) {
      lease(submit(task()), 0);
    }
    long id = submit(task());
    Reason reason = reason(id, ReasonKind.REASON_KIND_WORKERS_FULL);
    assertThat(reason.getCount()).isEqualTo(1);
    assertThat(reason.getLimit()).isEqualTo(WINDOW);
    assertThat(kinds(id)).containsExactly(ReasonKind.REASON_KIND_WORKERS_FULL);
  }

  @Test
  void saysThatAWorkerHasNoStream() {
    worker(0, Offer.NONE, 0, "t");
    assertThat(kinds(submit(task()))).containsExactly(ReasonKind.REASON_KIND_WORKERS_UNREACHABLE);
  }

  @Test
  void countsTheTasksThatGoBeforeIt() {
    worker(0, Offer.NONE, WINDOW, "t", "u");
    worker(1, Offer.NONE, WINDOW, "v");
    for (int i = 0; i < 3; i++) {
      submit(task());
      submit(task().setType("u").setPriority(-1));
      submit(task().setType("u").setPriority(1));
      submit(task().setType("v").setPriority(1));
      submit(task().setType("u").setQueue("paused").setPriority(1));
    }
    regions.rules().publish(List.of(Rule.ofQueue("paused", true, 0)));
    long gone = submit(task().setPriority(7));
    long id = submit(task());
    submit(task());
    cluster.end(gone, TaskState.CANCELLED, new byte[0]); // Its entry is stale.
    Place place = explain(id).getPlace();
    assertThat(place.getAhead()).isEqualTo(6);
    assertThat(place.getAtLeast()).isFalse();
    assertThat(place.getLanesList())
        .containsExactlyInAnyOrder(
            Place.Lane.newBuilder().setLane("t").setAhead(3).build(),
            Place.Lane.newBuilder().setLane("u").setAhead(3).build());
    assertThat(reason(id, ReasonKind.REASON_KIND_BEHIND_OTHERS).getCount()).isEqualTo(6);
  }

  @Test
  void saysThatNothingHoldsATaskBack() {
    worker(0, Offer.NONE, WINDOW, "t");
    assertThat(kinds(submit(task()))).containsExactly(ReasonKind.REASON_KIND_ABOUT_TO_BE_ASSIGNED);
  }

  @Test
  void saysWhereATaskStandsThatWasSentToAWorker() {
    worker(3, Offer.NONE, WINDOW, "t");
    long running = submit(task());
    long before = submit(task().setPriority(1));
    long id = submit(task());
    long after = submit(task());
    for (long each : new long[] {running, before, id, after}) {
      lease(each, 3);
    }
    cluster.start(running);
    Reason reason = reason(id, ReasonKind.REASON_KIND_IN_WORKERS_QUEUE);
    assertThat(reason.getWorkerId()).isEqualTo("w3");
    assertThat(reason.getCount()).isEqualTo(2);
    assertThat(reason.getSinceMs()).isPositive();
  }

  @Test
  void saysHowFarARunningTaskIsAndThatItsWorkerIsSilent() {
    worker(3, Offer.NONE, WINDOW, "t");
    long id = submit(task());
    lease(id, 3);
    cluster.start(id);
    regions.progressNotes().write(id, 1, 0.5f, "half");
    Reason reason = reason(id, ReasonKind.REASON_KIND_RUNNING);
    assertThat(reason.getWorkerId()).isEqualTo("w3");
    assertThat(reason.getAttempt()).isEqualTo(1);
    assertThat(reason.getProgress()).isEqualTo(0.5f);
    assertThat(reason.getProgressMessage()).isEqualTo("half");
    assertThat(kinds(id)).doesNotContain(ReasonKind.REASON_KIND_WORKER_LATE);
    regions.workers().lastBeat(3, System.nanoTime() - HOUR_MILLIS * 1_000_000);
    assertThat(reason(id, ReasonKind.REASON_KIND_WORKER_LATE).getWorkerId()).isEqualTo("w3");
    plm.calls()
        .cancelTask(CancelTaskRequest.newBuilder().setTaskId(id).setReason("too slow").build());
    assertThat(reason(id, ReasonKind.REASON_KIND_CANCEL_ASKED).getError()).isEqualTo("too slow");
  }

  @Test
  void saysThatAnEndIsBeingRecorded() {
    long id = submit(task());
    cluster.assign(id);
    regions.tasks().record(TaskId.slot(id), regions.tasks().wordOf(id));
    assertThat(kinds(id)).containsExactly(ReasonKind.REASON_KIND_BEING_RECORDED);
  }

  @Test
  void saysHowATaskEndedAndThatItHasNoPlace() {
    long id = submit(task());
    cluster.end(id, TaskState.FAILED, new byte[0]);
    cluster.wakePlm();
    Reason reason = reason(id, ReasonKind.REASON_KIND_ENDED);
    assertThat(reason.getError()).isEqualTo("ended as FAILED");
    assertThat(explain(id).hasPlace()).isFalse();
  }

  @Test
  void knowsNothingOfATaskThatWasNeverAccepted() {
    Throwable error = catchThrowable(() -> explain(TaskId.of(1, 99, 7)));
    assertThat(RpcErrors.reason(error)).isEqualTo("TASK_UNKNOWN");
  }
}
