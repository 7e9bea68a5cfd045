package io.tidemill.worker;

import static io.tidemill.worker.FakeScheduler.task;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.tidemill.v1.HeartbeatRequest;
import io.tidemill.v1.HeartbeatResponse;
import io.tidemill.v1.TaskProgress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class HeartbeatTest extends WorkerFixture {
  private long beats() {
    return register.messages.stream().filter(HeartbeatRequest::hasLoad).count();
  }

  private List<Long> told() {
    return register.messages.stream()
        .flatMap(message -> message.getStartedList().stream())
        .map(start -> start.getTaskId())
        .toList();
  }

  @Test
  void beatsAtTheIntervalThatTheRegisterGives() {
    register.beatMillis = 50;
    startConnected(builder());
    until(() -> beats() >= 3);
    assertThat(register.messages.get(0).getWorkerKey()).isEqualTo(1_001);
    assertThat(register.messages.stream().skip(1)).allMatch(m -> m.getWorkerKey() == 0);
  }

  @Test
  void beatsWhenAsked() {
    register.beatMillis = 3_600_000;
    startConnected(builder());
    until(() -> beats() == 1);
    register.send(HeartbeatResponse.newBuilder().setPing(true).build());
    until(() -> beats() == 2);
  }

  @Test
  void saysHowLoadedItIs() {
    register.beatMillis = 50;
    startConnected(builder());
    scheduler.send(task(1, "gate", ""), task(2, "echo", ""), task(3, "echo", ""));
    until(
        () ->
            register.messages.stream()
                .anyMatch(m -> m.getLoad().getRunning() == 1 && m.getLoad().getQueued() == 2));
  }

  @Test
  void tellsTheStartOfALongHandlerOnceOnEachStream() {
    register.beatMillis = 50;
    startConnected(builder());
    scheduler.send(task(1, "gate", "").setLease(8));
    until(() -> told().equals(List.of(1L)));
    long before = beats();
    until(() -> beats() > before + 2);
    assertThat(told()).containsExactly(1L);
    register.breakStreams(Status.UNAVAILABLE);
    until(() -> told().equals(List.of(1L, 1L)));
  }

  @Test
  void sendsTheLatestProgress() {
    startConnected(
        builder()
            .handler(
                "work",
                context -> {
                  for (int i = 0; i <= 100; i++) {
                    context.progress(i / 100f, "step " + i);
                  }
                  gate.await();
                  return null;
                }));
    scheduler.send(task(1, "work", "").setLease(6));
    until(() -> register.messages.stream().anyMatch(m -> m.getProgressCount() > 0));
    List<TaskProgress> progress =
        register.messages.stream().flatMap(m -> m.getProgressList().stream()).toList();
    assertThat(progress.size()).isLessThan(20);
    until(
        () ->
            register.messages.stream()
                .flatMap(m -> m.getProgressList().stream())
                .anyMatch(p -> p.getMessage().equals("step 100") && p.getLease() == 6));
  }

  @Test
  void opensTheWindowForShortTasksAndNotForLongOnes() {
    startConnected(builder().capacity(1).prefetch(Duration.ofSeconds(60)).prefetchMax(500));
    for (int i = 1; i <= 200; i++) {
      scheduler.send(task(i, "echo", ""));
    }
    until(() -> scheduler.windows.contains(501));
  }

  @Test
  void neverReportsWhenToldNotTo() {
    register.beatMillis = 50;
    startConnected(builder().neverReport(true));
    scheduler.send(task(1, "echo", ""));
    until(() -> beats() >= 3 && worker.running() == 0 && worker.queued() == 0);
    assertThat(register.reports).isEmpty();
  }
}
