package io.tidemill.register;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.tidemill.shm.region.Counter;
import io.tidemill.shm.region.Rings;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskState;
import io.tidemill.v1.HeartbeatRequest;
import io.tidemill.v1.TaskReport;
import io.tidemill.v1.TaskReport.Kind;
import io.tidemill.v1.TaskStart;
import io.tidemill.v1.Verdict;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordingTest {
  @TempDir Path folder;
  private Plant plant;
  private Others others;
  private FakeWorker worker;

  @BeforeEach
  void start() throws Exception {
    plant = Plant.start(folder);
    others = plant.others;
    worker = plant.worker("w");
    others.takeFromSchedulerRing();
  }

  @AfterEach
  void stop() throws Exception {
    plant.close();
  }

  @Test
  void recordsSuccessThenTellsEverybodyConcerned() {
    Others.Leased task = others.leased(3, worker.row());

    assertThat(worker.settle(FakeWorker.success(task, "42"))).isEmpty();

    assertThat(others.state(3)).isEqualTo(TaskState.SUCCEEDED);
    assertThat(others.recorded())
        .containsExactly(
            new Others.Recorded(task.id(), task.lease(), TaskState.SUCCEEDED, 1, "", "42"));
    assertThat(others.takeFromPlmRing())
        .containsExactly(new Others.Entry(Rings.TASK_ENDED, 3, task.id()));
    assertThat(others.takeFromSchedulerRing())
        .containsExactly(new Others.Entry(Rings.CAPACITY_RETURNED, worker.row(), 1));
    assertThat(others.regions.mapping().worker(3)).isEqualTo(StateWord.NO_WORKER);
    assertThat(others.tasks.outcome(3)).isPositive();
    assertThat(others.regions.workers().succeeded(worker.row())).isEqualTo(1);
    assertCounts(1, 0, 0);
  }

  @Test
  void returnsCapacityOnceForMessageOfMany() {
    TaskReport[] reports = new TaskReport[100];
    for (int slot = 0; slot < reports.length; slot++) {
      reports[slot] = FakeWorker.success(others.leased(slot, worker.row()), "r" + slot);
    }

    assertThat(worker.settle(reports)).isEmpty();

    assertThat(others.takeFromSchedulerRing())
        .containsExactly(new Others.Entry(Rings.CAPACITY_RETURNED, worker.row(), 100));
    assertThat(others.takeFromPlmRing()).hasSize(100);
    assertThat(others.recorded()).hasSize(100);
    assertCounts(100, 0, 0);
  }

  @Test
  void countsReportThatComesAgainAsRecordedWithoutRecordingIt() {
    Others.Leased task = others.leased(0, worker.row());
    worker.settle(FakeWorker.success(task, "a"));

    assertThat(worker.settle(FakeWorker.success(task, "b"))).isEmpty();

    assertThat(others.recorded()).hasSize(1);
    assertCounts(1, 0, 0);
  }

  @Test
  void countsReportThatComesAgainAsRecordedWhenSlotHasAnotherTask() {
    Others.Leased task = others.leased(0, worker.row());
    worker.settle(FakeWorker.success(task, "a"));
    others.free(0);
    others.submit(0);

    assertThat(worker.settle(FakeWorker.success(task, "a"))).isEmpty();

    assertThat(others.recorded()).hasSize(1);
    assertThat(others.state(0)).isEqualTo(TaskState.READY);
  }

  @Test
  void countsSameReportTwiceInMessageOnce() {
    Others.Leased task = others.leased(0, worker.row());

    assertThat(worker.settle(FakeWorker.success(task, "a"), FakeWorker.success(task, "a")))
        .isEmpty();

    assertThat(others.recorded()).hasSize(1);
  }

  @Test
  void countsReportThatComesAgainAsRecordedAfterRestart() throws Exception {
    Others.Leased task = others.leased(0, worker.row());
    worker.settle(FakeWorker.success(task, "a"));
    others.free(0);
    others.submit(0);
    plant.stopRegister();
    plant.startRegister();
    worker.connect();

    worker.reportAgain(1, FakeWorker.success(task, "a"));

    worker.awaitSettled(1);
    assertThat(worker.exceptions()).isEmpty();
    assertThat(others.recorded()).hasSize(1);
  }

  @Test
  void refusesReportOfAnEarlierLeaseOfTheSameWorker() {
    Others.Leased earlier = others.leased(0, worker.row());
    others.requeue(0);
    Others.Leased now = others.assign(0, worker.row());

    List<Verdict> verdicts = worker.settle(FakeWorker.success(earlier, "late"));

    assertThat(verdicts)
        .singleElement()
        .extracting(Verdict::getKind)
        .isEqualTo(Verdict.Kind.KIND_SUPERSEDED);
    assertThat(worker.settle(FakeWorker.success(now, "right"))).isEmpty();
    assertThat(others.recorded()).extracting(Others.Recorded::result).containsExactly("right");
  }

  @Test
  void refusesReportOfLeaseThatWasTakenBack() {
    Others.Leased task = others.leased(0, worker.row());
    others.requeue(0);

    List<Verdict> verdicts = worker.settle(FakeWorker.success(task, "late"));

    assertThat(verdicts)
        .singleElement()
        .extracting(Verdict::getKind)
        .isEqualTo(Verdict.Kind.KIND_SUPERSEDED);
    assertThat(others.state(0)).isEqualTo(TaskState.READY);
    assertThat(others.recorded()).isEmpty();
    assertCounts(0, 1, 0);
  }

  @Test
  void refusesReportOfLeaseThatWentToAnother() {
    FakeWorker other = plant.worker("other");
    Others.Leased task = others.leased(0, worker.row());
    others.requeue(0);
    Others.Leased again = others.assign(0, other.row());

    assertThat(worker.settle(FakeWorker.success(task, "late"))).hasSize(1);
    assertThat(other.settle(FakeWorker.success(again, "mine"))).isEmpty();

    assertThat(others.recorded())
        .singleElement()
        .extracting(Others.Recorded::result)
        .isEqualTo("mine");
    assertCounts(1, 1, 0);
  }

  @Test
  void refusesReportOfWorkerThatDoesNotHoldTheTask() {
    FakeWorker thief = plant.worker("thief");
    Others.Leased task = others.leased(0, worker.row());

    List<Verdict> verdicts = thief.settle(FakeWorker.success(task, "stolen"));

    assertThat(verdicts).hasSize(1);
    assertThat(others.state(0)).isEqualTo(TaskState.ASSIGNED);
    assertThat(worker.settle(FakeWorker.success(task, "mine"))).isEmpty();
  }

  @Test
  void refusesReportOfTaskThatEndedOtherwise() {
    FakeWorker other = plant.worker("other");
    Others.Leased first = others.leased(0, worker.row());
    others.requeue(0);
    other.settle(FakeWorker.success(others.assign(0, other.row()), "second"));

    List<Verdict> verdicts = worker.settle(FakeWorker.success(first, "first"));

    assertThat(verdicts)
        .singleElement()
        .extracting(Verdict::getKind)
        .isEqualTo(Verdict.Kind.KIND_STALE);
    assertCounts(1, 0, 1);
  }

  @Test
  void refusesTokenOfTheEpochBefore() {
    Others.Leased task = others.leased(0, worker.row());
    Others.Leased old = new Others.Leased(task.slot(), task.id(), task.lease() - (1L << 32));

    List<Verdict> verdicts = worker.settle(FakeWorker.success(old, "from before a reboot"));

    assertThat(verdicts)
        .singleElement()
        .extracting(Verdict::getKind)
        .isEqualTo(Verdict.Kind.KIND_SUPERSEDED);
    assertThat(others.state(0)).isEqualTo(TaskState.ASSIGNED);
    assertThat(worker.settle(FakeWorker.success(task, "mine"))).isEmpty();
  }

  @Test
  void refusesMalformedIdsAndRecordsTheOthersOfTheMessage() {
    Others.Leased good = others.leased(0, worker.row());
    TaskReport[] reports = {
      TaskReport.newBuilder().setKind(Kind.KIND_SUCCEEDED).build(),
      TaskReport.newBuilder().setTaskId(-1).setLease(-1).setKind(Kind.KIND_SUCCEEDED).build(),
      TaskReport.newBuilder().setTaskId(0xABCDEF).setLease(1).setKind(Kind.KIND_FAILED).build(),
      FakeWorker.success(good, "ok"),
    };

    List<Verdict> verdicts = worker.settle(reports);

    assertThat(verdicts).extracting(Verdict::getReport).containsExactly(1L, 2L, 3L);
    assertThat(verdicts).extracting(Verdict::getKind).containsOnly(Verdict.Kind.KIND_STALE);
    assertThat(verdicts.get(0).getMessage()).contains("task=0000000000000000");
    assertThat(others.recorded()).hasSize(1);
  }

  @Test
  void refusesResultThatIsTooLongAndEndsTheTaskAsFailed() {
    Others.Leased task = others.leased(0, worker.row());
    TaskReport tooLong =
        FakeWorker.of(task, Kind.KIND_SUCCEEDED)
            .setResult(ByteString.copyFrom(new byte[1_001]))
            .build();

    List<Verdict> verdicts = worker.settle(tooLong);

    assertThat(verdicts)
        .singleElement()
        .extracting(Verdict::getKind)
        .isEqualTo(Verdict.Kind.KIND_INVALID);
    assertThat(verdicts.get(0).getMessage()).contains("bytes=1001 limit=1000");
    assertThat(others.state(0)).isEqualTo(TaskState.FAILED);
    assertThat(others.recorded())
        .singleElement()
        .extracting(Others.Recorded::error)
        .asString()
        .contains("result too long");
  }

  @Test
  void refusesUnknownKindAndEndsTheTaskAsFailed() {
    Others.Leased task = others.leased(0, worker.row());

    List<Verdict> verdicts =
        worker.settle(FakeWorker.of(task, Kind.KIND_SUCCEEDED).setKindValue(99).build());

    assertThat(verdicts)
        .singleElement()
        .extracting(Verdict::getKind)
        .isEqualTo(Verdict.Kind.KIND_INVALID);
    assertThat(others.state(0)).isEqualTo(TaskState.FAILED);
  }

  @Test
  void putsTaskBackWhileAttemptsAreLeftThenEndsItAsDead() {
    others.submit(0, 3, 0, false);
    for (int attempt = 1; attempt <= 2; attempt++) {
      Others.Leased task = others.assign(0, worker.row());
      assertThat(worker.settle(FakeWorker.failure(task, "try " + attempt))).isEmpty();
      assertThat(others.state(0)).isEqualTo(TaskState.READY);
      assertThat(others.tasks.attempts(0)).isEqualTo(attempt);
      assertThat(others.takeFromSchedulerRing())
          .contains(new Others.Entry(Rings.TASK_READY, 0, others.tasks.sequence(0)));
      // Its verdict may have been lost.
      assertThat(worker.settle(FakeWorker.failure(task, "try " + attempt))).isEmpty();
      assertThat(others.tasks.attempts(0)).isEqualTo(attempt);
    }
    Others.Leased last = others.assign(0, worker.row());
    assertThat(worker.settle(FakeWorker.failure(last, "try 3"))).isEmpty();

    assertThat(others.state(0)).isEqualTo(TaskState.DEAD);
    assertThat(others.recorded())
        .extracting(Others.Recorded::end, Others.Recorded::attempt, Others.Recorded::error)
        .containsExactly(
            org.assertj.core.api.Assertions.tuple(null, 1, "try 1"),
            org.assertj.core.api.Assertions.tuple(null, 2, "try 2"),
            org.assertj.core.api.Assertions.tuple(TaskState.DEAD, 3, "try 3"));
    assertThat(others.regions.control().count(Counter.ATTEMPTS_FAILED)).isEqualTo(2);
    assertThat(others.regions.workers().failed(worker.row())).isEqualTo(3);
  }

  @Test
  void endsFailureAsFailedWhenOnlyOneAttemptWasAllowed() {
    worker.settle(FakeWorker.failure(others.leased(0, worker.row()), "no"));

    assertThat(others.state(0)).isEqualTo(TaskState.FAILED);
  }

  @Test
  void endsFailureForGoodAsFailedThoughAttemptsAreLeft() {
    others.submit(0, 3, 0, false);
    Others.Leased task = others.assign(0, worker.row());

    worker.settle(FakeWorker.of(task, Kind.KIND_FAILED_FOR_GOOD).setError("no").build());

    assertThat(others.state(0)).isEqualTo(TaskState.FAILED);
  }

  @Test
  void cutsErrorThatIsTooLong() {
    Others.Leased task = others.leased(0, worker.row());

    worker.settle(FakeWorker.failure(task, "\u00e9".repeat(5_000)));

    assertThat(others.recorded().get(0).error()).hasSize(4_000);
  }

  @Test
  void putsTaskBackThatWasReturnedWithoutCountingAnAttempt() {
    Others.Leased task = others.leased(0, worker.row());

    assertThat(worker.settle(FakeWorker.of(task, Kind.KIND_RETURNED).build())).isEmpty();

    assertThat(others.state(0)).isEqualTo(TaskState.READY);
    assertThat(others.tasks.attempts(0)).isZero();
    assertThat(others.recorded()).isEmpty();
    assertThat(others.takeFromSchedulerRing())
        .contains(new Others.Entry(Rings.TASK_READY, 0, others.tasks.sequence(0)));
    assertCounts(0, 0, 0);
  }

  @Test
  void takesStartsOfLeasesThatTheWorkerHolds() {
    FakeWorker thief = plant.worker("thief");
    Others.Leased task = others.leased(0, worker.row());
    TaskStart.Builder start =
        TaskStart.newBuilder().setTaskId(task.id()).setLease(task.lease()).setAgeMs(50);

    thief.send(HeartbeatRequest.newBuilder().addStarted(start));
    thief.awaitBeatTaken();
    assertThat(others.state(0)).isEqualTo(TaskState.ASSIGNED);

    worker.send(HeartbeatRequest.newBuilder().addStarted(start));
    others.awaitState(0, TaskState.RUNNING);
    await()
        .atMost(Plant.PATIENCE)
        .untilAsserted(
            () ->
                assertThat(others.tasks.startedNanos(0) - others.tasks.assignedNanos(0))
                    .isNotNegative());
  }

  @Test
  void endsStreamOfWhoSendsReportsWithGapsInTheirNumbers() {
    Others.Leased task = others.leased(0, worker.row());
    worker.settle(FakeWorker.success(task, "a"));

    worker.reportAgain(9, FakeWorker.success(task, "a"));

    await().atMost(Plant.PATIENCE).until(() -> worker.error() != null);
    assertThat(worker.error())
        .hasMessageContaining("INVALID_ARGUMENT")
        .hasMessageContaining("2 is next");
  }

  private void assertCounts(long recorded, long superseded, long stale) {
    var control = others.regions.control();
    assertThat(control.count(Counter.RECORDED)).isEqualTo(recorded);
    assertThat(control.count(Counter.SUPERSEDED)).isEqualTo(superseded);
    assertThat(control.count(Counter.STALE)).isEqualTo(stale);
    assertThat(control.count(Counter.RECORDED_TWICE)).isZero();
  }
}
