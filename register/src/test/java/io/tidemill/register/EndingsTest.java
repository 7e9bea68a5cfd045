package io.tidemill.register;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemill.shm.region.NoteTable;
import io.tidemill.shm.region.Ring;
import io.tidemill.shm.region.Rings;
import io.tidemill.shm.region.Role;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskState;
import io.tidemill.v1.CancelOrder;
import io.tidemill.v1.TaskReport.Kind;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EndingsTest {
  @TempDir Path folder;
  private Plant plant;
  private Others others;

  @BeforeEach
  void start() throws Exception {
    plant = Plant.start(folder);
    others = plant.others;
  }

  @AfterEach
  void stop() throws Exception {
    plant.close();
  }

  @Test
  void cancelsReadyTaskAtOnce() {
    long id = others.submit(0);

    others.askCancel(0);

    others.awaitState(0, TaskState.CANCELLED);
    assertThat(others.recorded())
        .containsExactly(
            new Others.Recorded(id, 0, TaskState.CANCELLED, 1, "cancelled by a client", ""));
    await()
        .atMost(Plant.PATIENCE)
        .until(() -> others.takeFromPlmRing().contains(new Others.Entry(Rings.TASK_ENDED, 0, id)));
  }

  @Test
  void recordsTheReasonThatTheClientGave() {
    long id = others.submit(0);
    others.submit(1);
    note(id, "not needed");

    others.askCancel(0);
    others.askCancel(1);

    others.awaitState(0, TaskState.CANCELLED);
    others.awaitState(1, TaskState.CANCELLED);
    assertThat(others.recorded())
        .extracting(Others.Recorded::error)
        .containsExactly("cancelled: not needed", "cancelled by a client");
  }

  @Test
  void tellsWorkerTheReasonAndRecordsItWhateverTheWorkerSays() {
    FakeWorker worker = plant.worker("w");
    Others.Leased stopped = others.leased(0, worker.row());
    Others.Leased returned = others.leased(1, worker.row());
    note(stopped.id(), "not needed");
    note(returned.id(), "r".repeat(1_000));

    others.askCancel(0);
    awaitOrder(worker, stopped, "cancelled: not needed");
    others.tasks.cancelAsked(1, true);
    worker.settle(
        FakeWorker.of(stopped, Kind.KIND_CANCELLED).setError("interrupted").build(),
        FakeWorker.of(returned, Kind.KIND_RETURNED).build());

    assertThat(others.recorded())
        .extracting(Others.Recorded::error)
        .containsExactly("cancelled: not needed", "cancelled: " + "r".repeat(NoteTable.TEXT_BYTES));
  }

  @Test
  void tellsWorkerOfLeasedTaskAndTakesItsWordForTheEnd() {
    FakeWorker worker = plant.worker("w");
    Others.Leased task = others.leased(0, worker.row());

    others.askCancel(0);

    awaitOrder(worker, task);
    assertThat(others.state(0)).isEqualTo(TaskState.ASSIGNED);
    worker.settle(FakeWorker.of(task, Kind.KIND_CANCELLED).build());
    assertThat(others.state(0)).isEqualTo(TaskState.CANCELLED);
  }

  @Test
  void letsTaskThatSucceedsAllTheSameSucceed() {
    FakeWorker worker = plant.worker("w");
    Others.Leased task = others.leased(0, worker.row());
    others.askCancel(0);
    awaitOrder(worker, task);

    worker.settle(FakeWorker.success(task, "done"));

    assertThat(others.state(0)).isEqualTo(TaskState.SUCCEEDED);
  }

  @Test
  void tellsWorkerAgainOnItsNextStream() {
    FakeWorker worker = plant.worker("w");
    Others.Leased task = others.leased(0, worker.row());
    others.askCancel(0);
    awaitOrder(worker, task);

    worker.connect();

    awaitOrder(worker, task);
  }

  @Test
  void tellsWorkerThatConnectsOnlyLater() {
    FakeWorker worker = plant.unconnected("w", 1);
    worker.register();
    Others.Leased task = others.leased(0, worker.row());
    others.askCancel(0);
    plant.turn();

    worker.connect();

    awaitOrder(worker, task);
  }

  @Test
  void cancelsTaskWhoseWorkerWasLostMeanwhile() {
    FakeWorker worker = plant.worker("w");
    Others.Leased task = others.leased(0, worker.row());
    others.askCancel(0);
    awaitOrder(worker, task);

    others.requeue(0);
    plant.jump(Duration.ofSeconds(1));

    others.awaitState(0, TaskState.CANCELLED);
  }

  @Test
  void tellsTheNextWorkerOfTaskThatIsToBeCancelled() {
    FakeWorker worker = plant.worker("w");
    FakeWorker next = plant.worker("next");
    Others.Leased first = others.leased(0, worker.row());
    others.requeue(0);
    Others.Leased second = others.assign(0, next.row());

    others.askCancel(0);

    awaitOrder(next, second);
    assertThat(worker.cancels()).isEmpty();
    assertThat(second.lease()).isGreaterThan(first.lease());
  }

  @Test
  void cancelsInsteadOfTryingAgain() {
    FakeWorker worker = plant.worker("w");
    others.submit(0, 3, 0, false);
    Others.Leased task = others.assign(0, worker.row());
    others.askCancel(0);
    awaitOrder(worker, task);

    worker.settle(FakeWorker.failure(task, "stopped"));

    assertThat(others.state(0)).isEqualTo(TaskState.CANCELLED);
  }

  @Test
  void cancelsInsteadOfPuttingBackWhatWasReturned() {
    FakeWorker worker = plant.worker("w");
    Others.Leased task = others.leased(0, worker.row());
    others.askCancel(0);
    awaitOrder(worker, task);

    worker.settle(FakeWorker.of(task, Kind.KIND_RETURNED).build());

    assertThat(others.state(0)).isEqualTo(TaskState.CANCELLED);
  }

  @Test
  void findsCancellationsThatNoEntryTells() {
    others.submit(0);
    others.tasks.cancelAsked(0, true);
    plant.turn();
    assertThat(others.state(0)).isEqualTo(TaskState.READY);

    others.regions.control().askSweep(Role.REGISTER);
    others.wakeRegister();

    others.awaitState(0, TaskState.CANCELLED);
    var control = others.regions.control();
    assertThat(control.sweepDone(Role.REGISTER)).isEqualTo(control.sweepAsked(Role.REGISTER));
  }

  @Test
  void findsCancellationsAskedWhileItWasAway() throws Exception {
    others.submit(0);
    plant.stopRegister();
    others.tasks.cancelAsked(0, true);

    plant.startRegister();

    others.awaitState(0, TaskState.CANCELLED);
  }

  @Test
  void ignoresCancellationOfTaskThatHasEndedAndOfItsSuccessor() {
    FakeWorker worker = plant.worker("w");
    Others.Leased task = others.leased(0, worker.row());
    worker.settle(FakeWorker.success(task, ""));
    others.free(0);
    others.submit(0);

    others.regions.rings().plmToRegister().offer(Rings.event(Rings.TASK_CANCEL, 0), task.id());
    plant.turn();

    assertThat(others.state(0)).isEqualTo(TaskState.READY);
  }

  @Test
  void cancelsOnceWhatIsCancelledTwiceInOneGo() {
    long id = others.submit(0);
    others.tasks.cancelAsked(0, true);
    Ring asked = others.regions.rings().plmToRegister();
    asked.offer(Rings.event(Rings.TASK_CANCEL, 0), id);
    asked.offer(Rings.event(Rings.TASK_CANCEL, 0), id);
    others.wakeRegister();

    others.awaitState(0, TaskState.CANCELLED);
    plant.turn();
    assertThat(others.recorded()).hasSize(1);
  }

  @Test
  void cancelsManyInOneGo() {
    for (int slot = 0; slot < 1_000; slot++) {
      others.submit(slot);
    }
    for (int slot = 0; slot < 1_000; slot++) {
      others.askCancel(slot);
    }

    await()
        .atMost(Plant.PATIENCE)
        .untilAsserted(
            () -> {
              for (int slot = 0; slot < 1_000; slot++) {
                assertThat(others.state(slot)).isEqualTo(TaskState.CANCELLED);
              }
            });
    assertThat(others.recorded()).hasSize(1_000);
  }

  @Test
  void endsTaskWhoseWorkersWereLostTooOften() {
    long id = others.submit(0);
    others.tasks.countReturns(0, others.tasks.word(0), 20);

    others.toRegister(Rings.TASK_DEAD, 0, id);

    others.awaitState(0, TaskState.DEAD);
    assertThat(others.recorded().get(0).error()).contains("times=20");
  }

  @Test
  void findsTaskThatHadTheLastLeaseThoughNoEntryTells() {
    others.submit(0);
    others.tasks.restore(
        0, StateWord.of(TaskState.READY, StateWord.NO_WORKER, StateWord.LEASE_MAX, 1));

    others.regions.control().askSweep(Role.REGISTER);
    others.wakeRegister();

    others.awaitState(0, TaskState.DEAD);
    assertThat(others.recorded().get(0).error())
        .isEqualTo("it was assigned too often: leases=" + StateWord.LEASE_MAX);
  }

  @Test
  void leavesTaskAloneThatAnEntryOfTheRingNamesByMistake() {
    long id = others.submit(0);
    others.submit(1);
    others.tasks.countReturns(1, others.tasks.word(1), 20);

    others.toRegister(Rings.TASK_DEAD, 0, id);
    others.toRegister(Rings.WORKER_LOST, Integer.MIN_VALUE, -1);
    others.toRegister(99, -1, -1);
    others.toRegister(Rings.TASK_DEAD, 1, others.tasks.id(1));

    others.awaitState(1, TaskState.DEAD);
    assertThat(others.state(0)).isEqualTo(TaskState.READY);
  }

  @Test
  void leavesTaskAloneThatWasAssignedBeforeItCouldBeEnded() {
    FakeWorker worker = plant.worker("w");
    Others.Leased task = others.leased(0, worker.row());

    others.toRegister(Rings.TASK_DEAD, 0, task.id());
    plant.turn();

    assertThat(others.state(0)).isEqualTo(TaskState.ASSIGNED);
  }

  private void note(long id, String reason) {
    others.regions.cancelNotes().write(id, 0, 0, reason);
  }

  private static void awaitOrder(FakeWorker worker, Others.Leased task) {
    awaitOrder(worker, task, "cancelled by a client");
  }

  private static void awaitOrder(FakeWorker worker, Others.Leased task, String reason) {
    CancelOrder order =
        CancelOrder.newBuilder()
            .setTaskId(task.id())
            .setLease(task.lease())
            .setReason(reason)
            .build();
    await()
        .atMost(Plant.PATIENCE)
        .untilAsserted(() -> assertThat(worker.cancels()).containsExactly(order));
  }
}
