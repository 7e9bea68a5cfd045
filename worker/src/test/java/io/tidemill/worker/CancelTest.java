package io.tidemill.worker;

import static io.tidemill.worker.FakeScheduler.task;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.tidemill.v1.Assignment;
import io.tidemill.v1.TaskReport;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class CancelTest extends WorkerFixture {
  @Test
  void reportsAQueuedTaskCancelledWithoutStartingIt() {
    startConnected(builder());
    scheduler.send(task(1, "gate", ""), task(2, "echo", "x"), task(3, "echo", "y"));
    until(() -> gateReached.getCount() == 0);
    register.cancel(2, 2, "not wanted");
    until(() -> register.kindOf(2) == TaskReport.Kind.KIND_CANCELLED);
    assertThat(register.reportOf(2).getError()).isEqualTo("not wanted");
    assertThat(register.reportOf(2).getRunUs()).isZero();
    assertThat(worker.queued()).isEqualTo(1);
    gate.countDown();
    until(() -> register.kindOf(3) == TaskReport.Kind.KIND_SUCCEEDED);
    assertThat(register.reports).hasSize(3);
  }

  @Test
  void interruptsARunningHandler() {
    startConnected(builder());
    scheduler.send(task(1, "gate", ""));
    until(() -> gateReached.getCount() == 0);
    register.cancel(1, 1, "over");
    until(() -> register.kindOf(1) == TaskReport.Kind.KIND_CANCELLED);
    assertThat(register.reportOf(1).getError()).isEqualTo("over");
    scheduler.send(task(2, "echo", "z"));
    until(() -> register.kindOf(2) == TaskReport.Kind.KIND_SUCCEEDED);
  }

  @Test
  void aHandlerThatReturnsAllTheSameHasSucceeded() {
    AtomicReference<String> reason = new AtomicReference<>();
    CountDownLatch told = new CountDownLatch(1);
    startConnected(
        builder()
            .handler(
                "stubborn",
                context -> {
                  context.onCancel(told::countDown);
                  gateReached.countDown();
                  // Whenever the interrupt comes, it finds nothing that it could break off.
                  while (!context.isCancelled() || told.getCount() > 0) {
                    Thread.onSpinWait();
                  }
                  reason.set(context.cancelReason());
                  return ByteString.copyFromUtf8("done");
                }));
    scheduler.send(task(1, "stubborn", ""));
    until(() -> gateReached.getCount() == 0);
    register.cancel(1, 1, "why not");
    until(() -> register.kindOf(1) == TaskReport.Kind.KIND_SUCCEEDED);
    assertThat(register.reportOf(1).getResult().toStringUtf8()).isEqualTo("done");
    assertThat(reason).hasValue("why not");
  }

  @Test
  void anActionAskedForAfterTheCancellationRunsAtOnce() {
    CountDownLatch ran = new CountDownLatch(1);
    startConnected(
        builder()
            .handler(
                "late",
                context -> {
                  gateReached.countDown();
                  while (!context.isCancelled()) {
                    Thread.onSpinWait();
                  }
                  context.onCancel(ran::countDown);
                  throw new CancellationException();
                }));
    scheduler.send(task(1, "late", ""));
    until(() -> gateReached.getCount() == 0);
    register.cancel(1, 1, "");
    until(() -> register.kindOf(1) == TaskReport.Kind.KIND_CANCELLED);
    assertThat(ran.getCount()).isZero();
  }

  @Test
  void aStopThatNobodyAskedForIsAFailure() {
    startConnected(
        builder()
            .handler(
                "quit",
                context -> {
                  throw new InterruptedException("by itself");
                }));
    scheduler.send(task(1, "quit", ""));
    until(() -> register.kindOf(1) == TaskReport.Kind.KIND_FAILED);
  }

  /** The Register gives it to others: a client that never cancelled must not read that it did. */
  @RepeatedTest(5)
  void saysNothingOfWhatItStopsWhenItIsClosed() {
    int tasks = 32;
    CountDownLatch running = new CountDownLatch(tasks);
    startConnected(
        builder()
            .capacity(tasks)
            .handler(
                "blocked",
                context -> {
                  running.countDown();
                  // One reports at once, while the others are still to be stopped.
                  while (context.taskId() == 1 && !context.isCancelled()) {
                    Thread.onSpinWait();
                  }
                  gate.await();
                  return context.payload();
                }));
    scheduler.send(
        IntStream.rangeClosed(1, tasks)
            .mapToObj(id -> task(id, "blocked", ""))
            .toArray(Assignment.Builder[]::new));
    until(() -> running.getCount() == 0);
    worker.close();
    until(() -> !register.isConnected());
    assertThat(register.reports).isEmpty();
  }

  @Test
  void aCancellationOfAnotherLeaseIsPassedOver() {
    startConnected(builder());
    scheduler.send(task(1, "gate", "").setLease(5));
    until(() -> gateReached.getCount() == 0);
    register.cancel(1, 4, "older");
    gate.countDown();
    until(() -> register.kindOf(1) == TaskReport.Kind.KIND_SUCCEEDED);
  }

  @Test
  void aCancellationThatOvertookTheAssignmentIsMet() {
    startConnected(builder());
    register.cancel(1, 1, "early");
    scheduler.send(task(2, "echo", ""));
    until(() -> register.kindOf(2) == TaskReport.Kind.KIND_SUCCEEDED);
    // The verdict on task 2 came down the same stream after the cancellation.
    until(() -> worker.unsettled() == 0);
    scheduler.send(task(1, "echo", ""));
    until(() -> register.kindOf(1) == TaskReport.Kind.KIND_CANCELLED);
  }
}
