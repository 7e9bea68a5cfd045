package io.tidemill.register;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemill.shm.region.Counter;
import io.tidemill.shm.region.Rings;
import io.tidemill.shm.region.WorkerTable;
import io.tidemill.v1.ListWorkersRequest;
import io.tidemill.v1.WorkerState;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LivenessTest {
  private static final Duration INTERVAL = Duration.ofMillis(Plant.INTERVAL_MILLIS);
  private static final Duration DEAD = INTERVAL.multipliedBy(Plant.MISSES);

  @TempDir Path folder;
  private Plant plant;
  private Others others;
  private WorkerTable table;

  @BeforeEach
  void start() throws Exception {
    plant = Plant.start(folder);
    others = plant.others;
    table = others.regions.workers();
  }

  @AfterEach
  void stop() throws Exception {
    plant.close();
  }

  @Test
  void showsWorkerAsLateThenLosesIt() {
    FakeWorker silent = plant.worker("silent");
    others.takeFromSchedulerRing();

    plant.pass(INTERVAL.multipliedBy(2));
    assertThat(shown()).isEqualTo(WorkerState.WORKER_STATE_LATE);

    plant.pass(INTERVAL.multipliedBy(2));
    assertThat(table.state(silent.row())).isEqualTo(WorkerTable.State.DEAD);
    assertThat(others.takeFromSchedulerRing())
        .containsExactly(new Others.Entry(Rings.WORKER_CHANGED, silent.row(), 1));
    assertThat(others.regions.control().count(Counter.WORKERS_LOST)).isEqualTo(1);
    await().atMost(Plant.PATIENCE).until(silent::heardRegisterAgain);
    await().atMost(Plant.PATIENCE).until(silent::isCompleted);
  }

  private WorkerState shown() {
    return plant
        .stub()
        .listWorkers(ListWorkersRequest.getDefaultInstance())
        .getWorkers(0)
        .getState();
  }

  @Test
  void keepsWorkerWhoseBeatsMayHaveComeUnread() {
    FakeWorker unheard = plant.worker("unheard");

    plant.readNothing();
    plant.pass(DEAD.multipliedBy(3));
    assertThat(table.state(unheard.row())).isEqualTo(WorkerTable.State.ALIVE);
    assertThat(shown()).isEqualTo(WorkerState.WORKER_STATE_LATE);

    plant.readAll();
    plant.pass(INTERVAL);
    assertThat(table.state(unheard.row())).isEqualTo(WorkerTable.State.DEAD);
  }

  @Test
  void keepsWorkerThatBeats() {
    FakeWorker worker = plant.worker("w");

    for (int i = 0; i < 5; i++) {
      plant.pass(INTERVAL);
      worker.awaitBeatTaken();
    }

    assertThat(table.state(worker.row())).isEqualTo(WorkerTable.State.ALIVE);
    assertThat(shown()).isEqualTo(WorkerState.WORKER_STATE_ALIVE);
  }

  @Test
  void losesWorkerWhoseStreamBreaksAtOnce() {
    FakeWorker worker = plant.worker("w");
    others.takeFromSchedulerRing();

    worker.kill();

    awaitState(worker, WorkerTable.State.DEAD);
    assertThat(others.takeFromSchedulerRing())
        .containsExactly(new Others.Entry(Rings.WORKER_CHANGED, worker.row(), 1));
  }

  @Test
  void losesWorkerThatEndsItsStreamWithoutLeaving() {
    FakeWorker worker = plant.worker("w");

    worker.halfClose();

    awaitState(worker, WorkerTable.State.DEAD);
  }

  @Test
  void killsNobodyForTimeInWhichItDidNotTurn() {
    FakeWorker worker = plant.worker("w");

    plant.jump(DEAD.multipliedBy(10));
    plant.pass(DEAD.minus(INTERVAL));

    assertThat(table.state(worker.row())).isEqualTo(WorkerTable.State.ALIVE);
    plant.pass(INTERVAL.multipliedBy(2));
    assertThat(table.state(worker.row())).isEqualTo(WorkerTable.State.DEAD);
  }

  @Test
  void givesWorkersTheirFullTimeAfterRestart() throws Exception {
    FakeWorker worker = plant.worker("w");
    plant.stopRegister();
    assertThat(table.state(worker.row())).isEqualTo(WorkerTable.State.ALIVE);
    plant.aheadNanos.addAndGet(DEAD.multipliedBy(10).toNanos());
    plant.startRegister();

    plant.pass(DEAD.minus(INTERVAL));
    assertThat(table.state(worker.row())).isEqualTo(WorkerTable.State.ALIVE);
    worker.connect();
    plant.pass(DEAD.minus(INTERVAL));
    assertThat(table.state(worker.row())).isEqualTo(WorkerTable.State.ALIVE);
    assertThat(worker.settle(FakeWorker.success(others.leased(0, worker.row()), ""))).isEmpty();
  }

  @Test
  void losesWorkerThatDoesNotComeBackAfterRestart() throws Exception {
    FakeWorker worker = plant.worker("w");
    plant.stopRegister();
    plant.startRegister();

    plant.pass(DEAD.plus(INTERVAL));

    assertThat(table.state(worker.row())).isEqualTo(WorkerTable.State.DEAD);
  }

  @Test
  void losesWorkerThatTheSchedulerCannotReach() {
    FakeWorker worker = plant.worker("w");
    others.takeFromSchedulerRing();

    others.toRegister(Rings.WORKER_LOST, worker.row(), worker.incarnation() + 1);
    plant.turn();
    assertThat(table.state(worker.row())).isEqualTo(WorkerTable.State.ALIVE);

    others.toRegister(Rings.WORKER_LOST, worker.row(), worker.incarnation());
    awaitState(worker, WorkerTable.State.DEAD);
    await().atMost(Plant.PATIENCE).until(worker::heardRegisterAgain);
    assertThat(others.takeFromSchedulerRing())
        .containsExactly(new Others.Entry(Rings.WORKER_CHANGED, worker.row(), 1));
  }

  private void awaitState(FakeWorker worker, WorkerTable.State state) {
    await()
        .atMost(Plant.PATIENCE)
        .untilAsserted(() -> assertThat(table.state(worker.row())).isEqualTo(state));
  }
}
