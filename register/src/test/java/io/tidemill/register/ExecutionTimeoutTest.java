package io.tidemill.register;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemill.shm.region.Rings;
import io.tidemill.shm.region.TaskState;
import io.tidemill.v1.HeartbeatRequest;
import io.tidemill.v1.TaskReport.Kind;
import io.tidemill.v1.TaskStart;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExecutionTimeoutTest {
  private static final int TIMEOUT_MILLIS = 5_000;
  private static final Duration GRACE = Duration.ofSeconds(6);
  private static final Duration TIMEOUT = Duration.ofMillis(TIMEOUT_MILLIS);

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
  void takesBackWhatItsWorkerDoesNotStop() {
    Others.Leased task = running(0);

    overrun();

    assertThat(worker.cancels().get(0).getReason()).contains("ms=" + TIMEOUT_MILLIS);
    assertThat(others.takeFromSchedulerRing()).isEmpty();
    plant.jump(GRACE);
    awaitOverrun(task);
    plant.jump(Duration.ofSeconds(1));
    // Again, as the lease still stands; the worker was told already.
    awaitOverrun(task);
    plant.turn();
    assertThat(worker.cancels()).hasSize(1);
  }

  @Test
  void tellsOfTaskThatWasNeverReportedStarted() {
    others.submit(0, 1, TIMEOUT_MILLIS, false);
    Others.Leased task = others.assign(0, worker.row());

    overrun();

    plant.jump(GRACE);
    awaitOverrun(task);
  }

  @Test
  void leavesTaskAloneThatWaitsInItsWorkerWhileOthersEnd() {
    others.submit(0, 1, TIMEOUT_MILLIS, false);
    Others.Leased waits = others.assign(0, worker.row());
    plant.jump(TIMEOUT.minusSeconds(1));
    worker.settle(FakeWorker.success(others.leased(1, worker.row()), ""));
    others.regions.workerHeap().update(worker.row(), 1, 1);
    others.takeFromSchedulerRing();

    plant.jump(TIMEOUT.minusSeconds(1));
    plant.turn();
    assertThat(others.takeFromSchedulerRing()).isEmpty();

    overrunAfter(Duration.ofSeconds(2));
    plant.jump(GRACE);
    awaitOverrun(waits);
  }

  @Test
  void countsWhatItsWorkerStoppedAsFailed() {
    Others.Leased task = running(0);
    overrun();

    assertThat(worker.settle(FakeWorker.of(task, Kind.KIND_CANCELLED).build())).isEmpty();

    assertThat(others.recorded())
        .singleElement()
        .satisfies(
            record -> {
              assertThat(record.end()).isEqualTo(TaskState.FAILED);
              assertThat(record.error())
                  .isEqualTo("its execution timeout is over: ms=" + TIMEOUT_MILLIS);
            });
    assertThat(others.takeFromSchedulerRing()).doesNotContain(overrunOf(task));
  }

  /** The Register that told the worker is gone; what the worker says of its time is still known. */
  @Test
  void countsItAsFailedThoughAnotherRegisterHadItStopped() {
    Others.Leased task = running(0);

    worker.settle(
        FakeWorker.of(task, Kind.KIND_CANCELLED).setRunUs(TIMEOUT_MILLIS * 1_000L).build());

    assertThat(others.recorded())
        .singleElement()
        .satisfies(record -> assertThat(record.end()).isEqualTo(TaskState.FAILED));
  }

  @Test
  void takesOneThatHadNotBegunForHandedBack() {
    others.submit(0, 1, TIMEOUT_MILLIS, false);
    Others.Leased task = others.assign(0, worker.row());
    overrun();

    worker.settle(FakeWorker.of(task, Kind.KIND_CANCELLED).setRunUs(0).build());

    assertThat(others.recorded()).isEmpty();
    assertThat(others.state(0)).isEqualTo(TaskState.READY);
  }

  @Test
  void leavesTasksWithinTheirTimeAlone() {
    running(0);

    plant.jump(TIMEOUT.minusSeconds(1));
    plant.turn();

    assertThat(others.takeFromSchedulerRing()).isEmpty();
    assertThat(worker.cancels()).isEmpty();
  }

  private Others.Leased running(int slot) {
    others.submit(slot, 1, TIMEOUT_MILLIS, false);
    Others.Leased task = others.assign(slot, worker.row());
    worker.send(
        HeartbeatRequest.newBuilder()
            .addStarted(TaskStart.newBuilder().setTaskId(task.id()).setLease(task.lease())));
    others.awaitState(slot, TaskState.RUNNING);
    return task;
  }

  /** The worker has been told that the time is over. */
  private void overrun() {
    overrunAfter(TIMEOUT.plusSeconds(1));
  }

  private void overrunAfter(Duration jump) {
    plant.jump(jump);
    await().atMost(Plant.PATIENCE).until(() -> worker.cancels().size() == 1);
  }

  private void awaitOverrun(Others.Leased task) {
    Others.Entry entry = overrunOf(task);
    await().atMost(Plant.PATIENCE).until(() -> others.takeFromSchedulerRing().contains(entry));
  }

  private static Others.Entry overrunOf(Others.Leased task) {
    return new Others.Entry(Rings.TASK_OVERRUN, task.slot(), task.lease());
  }
}
