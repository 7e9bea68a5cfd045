package io.tidemill.worker;

import static io.tidemill.worker.FakeScheduler.task;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.tidemill.rpc.RpcErrors;
import io.tidemill.v1.HeartbeatResponse;
import io.tidemill.v1.HeldLease;
import io.tidemill.v1.TaskReport;
import io.tidemill.v1.Verdict;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReconnectTest extends WorkerFixture {
  @Test
  void sendsResultsAgainUnderTheirNumbersUntilTheVerdict() {
    register.givesVerdicts = false;
    startConnected(builder());
    scheduler.send(task(1, "echo", "a"), task(2, "echo", "b"), task(3, "echo", "c"));
    until(() -> register.reports.size() == 3);
    register.settle(1);
    until(() -> worker.unsettled() == 2);
    register.breakStreams(Status.UNAVAILABLE);
    until(() -> register.reports.size() == 5);
    assertThat(register.reports.subList(3, 5))
        .extracting(FakeRegister.Seen::number)
        .containsExactly(2L, 3L);
    assertThat(register.reports.get(3).report().getResult().toStringUtf8()).isEqualTo("b");
    assertThat(register.registrations).hasSize(1);
    assertThat(scheduler.hellos).hasSize(1);
    register.settle(3);
    until(() -> worker.unsettled() == 0);
  }

  @Test
  void keepsResultsThatEndWhileTheRegisterIsAway() throws IOException {
    startConnected(builder());
    int port = register.port();
    register.close();
    scheduler.send(task(1, "echo", "a"), task(2, "echo", "b"));
    scheduler.send(task(3, "gate", ""));
    until(() -> gateReached.getCount() == 0);
    register = new FakeRegister(port, ":" + scheduler.port());
    until(() -> register.reports.size() == 2);
    assertThat(register.registrations).as("it was not known to the new one").hasSize(1);
    gate.countDown();
    until(() -> register.kindOf(3) == TaskReport.Kind.KIND_SUCCEEDED);
    assertThat(register.reports).extracting(FakeRegister.Seen::number).containsExactly(1L, 2L, 3L);
  }

  @Test
  void registersAgainAndRenumbersWhatHasNoVerdict() {
    register.givesVerdicts = false;
    startConnected(builder());
    scheduler.send(task(1, "echo", ""), task(2, "echo", ""), task(3, "echo", ""));
    scheduler.send(task(4, "gate", ""), task(5, "echo", ""));
    until(() -> register.reports.size() == 3);
    register.send(
        HeartbeatResponse.newBuilder()
            .setSettledThrough(1)
            .addExceptions(Verdict.newBuilder().setReport(2).setKind(Verdict.Kind.KIND_SUPERSEDED))
            .build());
    until(() -> worker.unsettled() == 2);
    register.send(HeartbeatResponse.newBuilder().setRegisterAgain(true).build());
    until(() -> register.reports.size() == 4);
    FakeRegister.Seen again = register.reports.get(3);
    assertThat(again.number()).isEqualTo(1);
    assertThat(again.workerKey()).isEqualTo(1_002);
    assertThat(again.report().getTaskId()).isEqualTo(3);
    assertThat(register.registrations.get(1).getInstanceId())
        .isEqualTo(register.registrations.get(0).getInstanceId());
    until(() -> scheduler.hellos.size() == 2);
    assertThat(scheduler.hellos.get(1).getHeldList())
        .extracting(HeldLease::getTaskId)
        .containsExactlyInAnyOrder(3L, 4L, 5L);
    gate.countDown();
    until(() -> register.kindOf(5) == TaskReport.Kind.KIND_SUCCEEDED);
    register.settle(3);
    until(() -> worker.unsettled() == 0);
  }

  @Test
  void registersAgainWhenTheRegisterDoesNotKnowIt() {
    startConnected(builder());
    register.forgetWorkers();
    register.breakStreams(Status.UNAVAILABLE);
    until(() -> register.registrations.size() == 2 && scheduler.hellos.size() == 2);
    scheduler.send(task(1, "echo", ""));
    until(() -> register.kindOf(1) == TaskReport.Kind.KIND_SUCCEEDED);
  }

  @Test
  void keepsTryingWhenALaterRegistrationIsRefused() {
    startConnected(builder());
    register.refusal =
        RpcErrors.of(Status.Code.ALREADY_EXISTS, "WORKER_ID_TAKEN", "taken", Map.of());
    register.forgetWorkers();
    register.breakStreams(Status.UNAVAILABLE);
    until(() -> !register.isConnected());
    register.refusal = null;
    until(() -> register.registrations.size() == 2 && register.isConnected());
    assertThat(worker.end()).isNotDone();
  }

  @Test
  void endsWhenItsIdIsTakenAtTheFirstRegistration() throws InterruptedException {
    register.refusal =
        RpcErrors.of(Status.Code.ALREADY_EXISTS, "WORKER_ID_TAKEN", "taken", Map.of());
    worker = builder().build().start();
    WorkerEnd end = worker.awaitEnd(DEADLINE).orElseThrow();
    assertThat(end.kind()).isEqualTo(WorkerEnd.Kind.ID_TAKEN);
    assertThat(end.message()).contains("worker=w1").contains("taken");
  }

  @Test
  void opensTheDispatchStreamAgainWithWhatItHolds() {
    startConnected(builder());
    scheduler.send(task(1, "gate", ""), task(2, "echo", ""));
    until(() -> gateReached.getCount() == 0);
    scheduler.breakStreams(Status.UNAVAILABLE);
    until(() -> scheduler.hellos.size() == 2);
    assertThat(scheduler.hellos.get(1).getHeldList())
        .extracting(HeldLease::getTaskId)
        .containsExactlyInAnyOrder(1L, 2L);
    assertThat(register.registrations).as("the other stream is left alone").hasSize(1);
    gate.countDown();
    until(() -> register.reports.size() == 2);
  }

  @Test
  void findsARestartedSchedulerOnItsPort() throws IOException {
    startConnected(builder());
    int port = scheduler.port();
    scheduler.close();
    scheduler = new FakeScheduler(port);
    until(() -> !scheduler.hellos.isEmpty());
    scheduler.send(task(1, "echo", "x"));
    until(() -> register.kindOf(1) == TaskReport.Kind.KIND_SUCCEEDED);
    assertThat(register.registrations).hasSize(1);
  }

  @Test
  void waitsForARegisterThatIsNotThereYet() throws IOException {
    int port = register.port();
    WorkerBuilder builder = builder();
    register.close();
    worker = builder.build().start();
    register = new FakeRegister(port, ":" + scheduler.port());
    until(() -> register.isConnected() && !scheduler.hellos.isEmpty());
  }

  @Test
  void sendsManyResultsAgainInOrder() {
    register.hearsReports = false;
    startConnected(builder().prefetchMax(4_096));
    int tasks = 2_000;
    for (int i = 1; i <= tasks; i++) {
      scheduler.send(task(i, "echo", "r" + i));
    }
    until(() -> worker.unsettled() == tasks);
    register.hearsReports = true;
    register.breakStreams(Status.INTERNAL);
    until(() -> register.reports.size() == tasks && worker.unsettled() == 0);
    for (int i = 0; i < tasks; i++) {
      assertThat(register.reports.get(i).number()).isEqualTo(i + 1);
    }
    assertThat(register.messages)
        .allMatch(message -> message.getReportsCount() <= Outbox.MESSAGE_REPORTS_MAX);
    assertThat(register.broken).isEmpty();
  }
}
