package io.tidemill.worker;

import static io.tidemill.worker.FakeScheduler.task;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.tidemill.v1.DispatchResponse;
import io.tidemill.v1.HeartbeatRequest;
import io.tidemill.v1.HeartbeatResponse;
import io.tidemill.v1.TaskReport;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class DrainTest extends WorkerFixture {
  @Test
  void handsBackWhatHasNotStartedAndFinishesWhatRuns() throws Exception {
    startConnected(builder());
    scheduler.send(task(1, "gate", "x"), task(2, "echo", ""), task(3, "echo", ""));
    until(() -> gateReached.getCount() == 0);
    CompletableFuture<Boolean> drained =
        CompletableFuture.supplyAsync(() -> worker.drain(DEADLINE));
    until(() -> register.reports.size() == 2);
    assertThat(register.kindOf(2)).isEqualTo(TaskReport.Kind.KIND_RETURNED);
    assertThat(register.kindOf(3)).isEqualTo(TaskReport.Kind.KIND_RETURNED);
    until(() -> scheduler.windows.get(scheduler.windows.size() - 1) == 1);
    scheduler.send(task(4, "echo", ""));
    until(() -> register.kindOf(4) == TaskReport.Kind.KIND_RETURNED);
    assertThat(drained).isNotDone();
    gate.countDown();
    assertThat(drained.get()).isTrue();
    assertThat(register.kindOf(1)).isEqualTo(TaskReport.Kind.KIND_SUCCEEDED);
    HeartbeatRequest last = register.messages.get(register.messages.size() - 1);
    assertThat(last.getLeaving()).isTrue();
    assertThat(register.messages.stream().filter(m -> m.getReportsCount() > 0))
        .allMatch(HeartbeatRequest::getDraining);
  }

  @Test
  void handsBackWhatIsAssignedInTheMomentInWhichItLeaves() {
    startConnected(builder());
    scheduler.atTheLast =
        DispatchResponse.newBuilder()
            .addAssignments(task(1, "echo", ""))
            .addAssignments(task(2, "echo", ""))
            .build();
    assertThat(worker.drain(DEADLINE)).isTrue();
    assertThat(register.kindOf(1)).isEqualTo(TaskReport.Kind.KIND_RETURNED);
    assertThat(register.kindOf(2)).isEqualTo(TaskReport.Kind.KIND_RETURNED);
    HeartbeatRequest last = register.messages.get(register.messages.size() - 1);
    assertThat(last.getLeaving()).isTrue();
  }

  @Test
  void leavesThoughTheMainSchedulerIsGone() {
    startConnected(builder());
    scheduler.close();
    assertThat(worker.drain(DEADLINE)).isTrue();
  }

  @Test
  void drainsWhenTheRegisterOrdersIt() throws InterruptedException {
    startConnected(builder());
    scheduler.send(task(1, "echo", ""));
    until(() -> register.reports.size() == 1);
    register.send(HeartbeatResponse.newBuilder().setDrain(true).build());
    WorkerEnd end = worker.awaitEnd(DEADLINE).orElseThrow();
    assertThat(end.kind()).isEqualTo(WorkerEnd.Kind.DRAINED);
    until(() -> !register.isConnected());
  }

  @Test
  void waitsForVerdictsBeforeItLeaves() throws Exception {
    register.givesVerdicts = false;
    startConnected(builder());
    scheduler.send(task(1, "echo", ""));
    until(() -> register.reports.size() == 1);
    CompletableFuture<Boolean> drained =
        CompletableFuture.supplyAsync(() -> worker.drain(DEADLINE));
    until(() -> register.messages.stream().anyMatch(HeartbeatRequest::getDraining));
    register.breakStreams(Status.UNAVAILABLE);
    until(() -> register.reports.size() == 2);
    assertThat(drained).isNotDone();
    register.settle(1);
    assertThat(drained.get()).isTrue();
  }

  @Test
  void givesUpWhenTheTimeIsOver() {
    startConnected(builder());
    scheduler.send(task(1, "gate", ""));
    until(() -> gateReached.getCount() == 0);
    assertThat(worker.drain(Duration.ofMillis(50))).isFalse();
    WorkerEnd end = worker.end().join();
    assertThat(end.kind()).isEqualTo(WorkerEnd.Kind.DRAIN_TIMED_OUT);
    assertThat(end.message()).contains("held=1").contains("running=1");
  }

  @Test
  void aWorkerThatNeverRegisteredDrainsAtOnce() {
    WorkerBuilder builder = builder();
    register.close();
    worker = builder.build().start();
    assertThat(worker.drain(DEADLINE)).isTrue();
  }
}
