package io.tidemill.register;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemill.shm.region.Rings;
import io.tidemill.shm.region.TaskState;
import io.tidemill.v1.HeartbeatRequest;
import io.tidemill.v1.TaskReport.Kind;
import io.tidemill.v1.TaskStart;
import io.tidemill.v1.Verdict;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExecutionTimeoutTest {
  private static final int TIMEOUT_MILLIS = 5_000;
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
  void tellsWorkerAndSchedulerWhenRunningTaskOverruns() {
    Others.Leased task = running(0);

    plant.jump(TIMEOUT.plusSeconds(1));

    awaitOverrun(task);
    await().atMost(Plant.PATIENCE).until(() -> worker.cancels().size() == 1);
    assertThat(worker.cancels().get(0).getReason()).contains("ms=" + TIMEOUT_MILLIS);
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

    plant.jump(TIMEOUT.plusSeconds(1));

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

    plant.jump(Duration.ofSeconds(2));
    awaitOverrun(waits);
  }

  @Test
  void doesNotTakeStoppedOverrunForCancelledTask() {
    Others.Leased task = running(0);
    plant.jump(TIMEOUT.plusSeconds(1));
    awaitOverrun(task);

    assertThat(worker.settle(FakeWorker.of(task, Kind.KIND_CANCELLED).build()))
        .singleElement()
        .extracting(Verdict::getKind)
        .isEqualTo(Verdict.Kind.KIND_SUPERSEDED);

    assertThat(others.state(0)).isEqualTo(TaskState.RUNNING);
    others.requeue(0);
    assertThat(others.recorded()).isEmpty();
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

  private void awaitOverrun(Others.Leased task) {
    Others.Entry entry = new Others.Entry(Rings.TASK_OVERRUN, task.slot(), task.lease());
    await().atMost(Plant.PATIENCE).until(() -> others.takeFromSchedulerRing().contains(entry));
  }
}
