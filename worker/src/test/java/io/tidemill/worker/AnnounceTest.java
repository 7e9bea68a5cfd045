package io.tidemill.worker;

import static io.tidemill.worker.FakeScheduler.task;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.tidemill.v1.HeartbeatResponse;
import io.tidemill.v1.HeldLease;
import io.tidemill.v1.TaskReport;
import io.tidemill.v1.TaskStart;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Handlers that may begin only when their start is known. */
class AnnounceTest extends WorkerFixture {
  private List<TaskStart> starts() {
    return register.messages.stream().flatMap(m -> m.getStartedList().stream()).toList();
  }

  private void answer(long task, long lease) {
    register.send(
        HeartbeatResponse.newBuilder()
            .addStarted(HeldLease.newBuilder().setTaskId(task).setLease(lease))
            .build());
  }

  @Test
  void beginsOnlyWhenItsStartIsKnown() {
    startConnected(builder());
    scheduler.send(task(1, "gate", "").setAnnounceStart(true), task(2, "echo", ""));
    until(() -> !starts().isEmpty());
    assertThat(starts().get(0).getTaskId()).isEqualTo(1);
    assertThat(starts().get(0).getLease()).isEqualTo(1);
    assertThat(starts().get(0).getAwaits()).isTrue();
    answer(1, 7); // Another lease's, another task's, and one that is not held.
    answer(2, 2);
    answer(3, 3);
    // A beat later the answers have been read.
    int seen = register.messages.size();
    until(() -> register.messages.size() > seen + 1);
    assertThat(gateReached.getCount()).as("it has not begun").isEqualTo(1);

    answer(1, 1);

    until(() -> gateReached.getCount() == 0);
    gate.countDown();
    until(() -> register.kindOf(2) == TaskReport.Kind.KIND_SUCCEEDED);
    assertThat(register.kindOf(1)).isEqualTo(TaskReport.Kind.KIND_SUCCEEDED);
    assertThat(starts()).as("of the other one nobody asked").hasSize(1);
  }

  @Test
  void tellsItsStartAgainOnANewStream() {
    startConnected(builder());
    scheduler.send(task(1, "gate", "").setAnnounceStart(true));
    until(() -> starts().size() == 1);

    register.breakStreams(Status.UNAVAILABLE);

    until(() -> starts().size() >= 2);
    assertThat(starts().get(1).getAwaits()).isTrue();
    answer(1, 1);
    until(() -> gateReached.getCount() == 0);
    register.breakStreams(Status.UNAVAILABLE);
    until(() -> !starts().get(starts().size() - 1).getAwaits());
    gate.countDown();
    until(() -> register.kindOf(1) == TaskReport.Kind.KIND_SUCCEEDED);
  }

  @Test
  void doesNotBeginWhatIsCancelledMeanwhile() {
    startConnected(builder());
    scheduler.send(task(1, "gate", "").setAnnounceStart(true));
    until(() -> starts().size() == 1);

    register.cancel(1, 1, "the lease was over");

    until(() -> register.kindOf(1) == TaskReport.Kind.KIND_CANCELLED);
    assertThat(register.reportOf(1).getError()).isEqualTo("the lease was over");
    assertThat(gateReached.getCount()).as("it has not begun").isEqualTo(1);
    scheduler.send(task(2, "echo", "next"));
    until(() -> register.kindOf(2) == TaskReport.Kind.KIND_SUCCEEDED);
  }

  @Test
  void endsWhileAHandlerWaits() {
    startConnected(builder());
    scheduler.send(task(1, "gate", "").setAnnounceStart(true));
    until(() -> starts().size() == 1);
    worker.close();
    assertThat(worker.end()).isCompleted();
    assertThat(gateReached.getCount()).isEqualTo(1);
  }
}
