package io.tidemill.worker;

import static io.tidemill.worker.FakeScheduler.task;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.tidemill.v1.RegisterWorkerRequest;
import io.tidemill.v1.TaskReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RunTaskTest extends WorkerFixture {
  @Test
  void registersWithItsTypesAndCapacity() {
    startConnected(builder().capacity(3));
    RegisterWorkerRequest request = register.registrations.get(0);
    assertThat(request.getWorkerId()).isEqualTo("w1");
    assertThat(request.getCapacity()).isEqualTo(3);
    assertThat(request.getTaskTypesList()).containsExactlyInAnyOrder("echo", "gate");
    assertThat(request.getInstanceId()).isNotZero();
    assertThat(request.getPid()).isEqualTo((int) ProcessHandle.current().pid());
    assertThat(scheduler.hellos.get(0).getWorkerKey()).isEqualTo(1_001);
    assertThat(scheduler.windows.get(0)).isEqualTo(6);
  }

  @Test
  void reportsResultsUnderRisingNumbers() {
    startConnected(builder());
    scheduler.send(task(1, "echo", "a"), task(2, "echo", "b"), task(3, "echo", ""));
    until(() -> register.reports.size() == 3);
    assertThat(register.reports).extracting(FakeRegister.Seen::number).containsExactly(1L, 2L, 3L);
    assertThat(register.reports)
        .extracting(seen -> seen.report().getResult().toStringUtf8())
        .containsExactly("a", "b", "");
    assertThat(register.kindOf(1)).isEqualTo(TaskReport.Kind.KIND_SUCCEEDED);
    until(() -> worker.unsettled() == 0);
    assertThat(register.broken).isEmpty();
  }

  @Test
  void givesTheHandlerWhatTheAssignmentSays() {
    List<String> seen = Collections.synchronizedList(new ArrayList<>());
    startConnected(
        builder()
            .handler(
                "look",
                context -> {
                  seen.add(
                      context.taskId()
                          + " "
                          + context.type()
                          + " "
                          + context.payload().toStringUtf8()
                          + " "
                          + context.priority()
                          + " "
                          + context.attempt()
                          + " "
                          + context.fencingToken()
                          + " "
                          + context.executionTimeout()
                          + " "
                          + context.isCancelled());
                  return null;
                }));
    scheduler.send(task(7, "look", "p").setPriority(-3).setAttempt(2).setLease(99));
    until(() -> register.kindOf(7) == TaskReport.Kind.KIND_SUCCEEDED);
    assertThat(seen).containsExactly("7 look p -3 2 99 " + Duration.ofMinutes(1) + " false");
    assertThat(register.reportOf(7).getLease()).isEqualTo(99);
  }

  @Test
  void failsAnAttemptWhoseHandlerThrows() {
    startConnected(
        builder()
            .handler(
                "throw",
                context -> {
                  throw new IllegalStateException("no luck");
                })
            .handler(
                "bad",
                context -> {
                  throw new NonRetryableException("the payload is bad");
                })
            .handler(
                "error",
                context -> {
                  throw new StackOverflowError();
                }));
    scheduler.send(task(1, "throw", ""), task(2, "bad", ""), task(3, "error", ""));
    until(() -> register.reports.size() == 3);
    assertThat(register.reportOf(1).getKind()).isEqualTo(TaskReport.Kind.KIND_FAILED);
    assertThat(register.reportOf(1).getError())
        .isEqualTo("java.lang.IllegalStateException: no luck");
    assertThat(register.reportOf(2).getKind()).isEqualTo(TaskReport.Kind.KIND_FAILED_FOR_GOOD);
    assertThat(register.reportOf(2).getError()).isEqualTo("the payload is bad");
    assertThat(register.reportOf(3).getKind()).isEqualTo(TaskReport.Kind.KIND_FAILED);
  }

  @Test
  void failsATaskOfATypeWithoutHandler() {
    startConnected(builder());
    scheduler.send(task(1, "unheard-of", ""));
    until(() -> register.kindOf(1) == TaskReport.Kind.KIND_FAILED);
    assertThat(register.reportOf(1).getError())
        .contains("no handler")
        .contains("type=unheard-of")
        .contains("echo");
  }

  @Test
  void failsForGoodWhenTheResultIsTooLong() {
    register.resultBytesMax = 100;
    startConnected(builder().handler("big", context -> ByteString.copyFrom(new byte[101])));
    scheduler.send(task(1, "big", ""));
    until(() -> register.kindOf(1) == TaskReport.Kind.KIND_FAILED_FOR_GOOD);
    assertThat(register.reportOf(1).getError()).contains("bytes=101").contains("max=100");
    assertThat(register.reportOf(1).getResult().isEmpty()).isTrue();
  }

  @Test
  void cutsAnErrorAtFourThousandCharacters() {
    startConnected(
        builder()
            .handler(
                "throw",
                context -> {
                  throw new NonRetryableException("x".repeat(10_000));
                }));
    scheduler.send(task(1, "throw", ""));
    until(() -> register.reportOf(1) != null);
    assertThat(register.reportOf(1).getError()).hasSize(4_000);
  }

  @Test
  void startsTheBestTaskFirst() {
    List<Long> started = Collections.synchronizedList(new ArrayList<>());
    startConnected(
        builder()
            .handler(
                "note",
                context -> {
                  started.add(context.taskId());
                  return null;
                }));
    scheduler.send(task(1, "gate", ""));
    until(() -> gateReached.getCount() == 0);
    scheduler.send(
        task(2, "note", "").setPriority(0),
        task(3, "note", "").setPriority(5),
        task(4, "note", "").setPriority(5));
    scheduler.send(task(5, "note", "").setPriority(9), task(6, "note", "").setPriority(-1));
    until(() -> worker.queued() == 5);
    gate.countDown();
    until(() -> started.size() == 5);
    assertThat(started).containsExactly(5L, 3L, 4L, 2L, 6L);
  }

  @Test
  void ignoresWhatItHoldsAlready() {
    AtomicInteger runs = new AtomicInteger();
    startConnected(
        builder()
            .handler(
                "count",
                context -> {
                  runs.incrementAndGet();
                  return null;
                }));
    scheduler.send(task(1, "gate", ""));
    scheduler.send(task(2, "count", ""));
    scheduler.send(task(2, "count", ""), task(1, "gate", ""));
    scheduler.send(task(3, "count", ""));
    gate.countDown();
    until(() -> register.kindOf(3) == TaskReport.Kind.KIND_SUCCEEDED);
    assertThat(runs).hasValue(2);
    assertThat(register.reports).hasSize(3);
  }

  @Test
  void aLaterLeaseTakesTheOlderOnesPlace() {
    startConnected(builder().capacity(2));
    scheduler.send(task(1, "gate", "old").setLease(10));
    until(() -> gateReached.getCount() == 0);
    scheduler.send(task(1, "echo", "new").setLease(11));
    until(() -> register.reports.size() == 2);
    assertThat(register.reports)
        .extracting(seen -> seen.report().getLease() + " " + seen.report().getKind())
        .containsExactlyInAnyOrder("10 KIND_CANCELLED", "11 KIND_SUCCEEDED");
  }

  @Test
  void aLaterLeaseReplacesWhatHasNotStarted() {
    startConnected(builder());
    scheduler.send(task(1, "gate", ""), task(2, "echo", "old").setLease(10));
    until(() -> gateReached.getCount() == 0);
    scheduler.send(task(2, "echo", "new").setLease(11));
    scheduler.send(task(2, "echo", "stale").setLease(9), task(3, "echo", ""));
    until(() -> worker.queued() == 2);
    gate.countDown();
    until(() -> register.reportOf(3) != null);
    assertThat(register.reportOf(2).getLease()).isEqualTo(11);
    assertThat(register.reports).hasSize(3);
  }

  @Test
  void runsAsManyAtOneTimeAsItHasCapacity() {
    startConnected(builder().capacity(3));
    scheduler.send(
        task(1, "gate", ""), task(2, "gate", ""), task(3, "gate", ""), task(4, "gate", ""));
    until(() -> worker.running() == 3);
    assertThat(worker.queued()).isEqualTo(1);
    gate.countDown();
    until(() -> register.reports.size() == 4);
  }
}
