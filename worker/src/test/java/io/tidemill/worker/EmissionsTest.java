package io.tidemill.worker;

import static io.tidemill.worker.FakeScheduler.task;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.tidemill.v1.HeartbeatRequest;
import io.tidemill.v1.TaskPartial;
import io.tidemill.v1.TaskReport;
import java.util.List;
import org.junit.jupiter.api.Test;

class EmissionsTest extends WorkerFixture {
  private List<TaskPartial> partials() {
    return register.messages.stream().flatMap(m -> m.getPartialsList().stream()).toList();
  }

  private String emitted() {
    StringBuilder text = new StringBuilder();
    partials().forEach(each -> text.append(each.getData().toStringUtf8()));
    return text.toString();
  }

  @Test
  void sendsWhatIsEmittedWhileTheHandlerRuns() {
    startConnected(
        builder()
            .handler(
                "work",
                context -> {
                  context.emit("one ");
                  context.emit("two ");
                  gate.await();
                  context.emit("three");
                  return ByteString.copyFromUtf8("result");
                }));
    scheduler.send(task(1, "work", "").setLease(6));
    until(() -> emitted().equals("one two "));
    assertThat(register.reports).isEmpty();
    gate.countDown();
    until(() -> register.reports.size() == 1);
    until(() -> emitted().equals("one two three"));
    List<TaskPartial> all = partials();
    assertThat(all).allMatch(each -> each.getTaskId() == 1 && each.getLease() == 6);
    long position = 0;
    for (TaskPartial each : all) {
      assertThat(each.getPosition()).isEqualTo(position);
      position += each.getData().size();
    }
    assertThat(all.get(all.size() - 1).getLast()).isTrue();
    assertThat(all.stream().filter(TaskPartial::getLast)).hasSize(1);
  }

  /** Otherwise the Register would drop it: the lease is over with the report. */
  @Test
  void sendsTheLastOfItWithTheReport() {
    startConnected(
        builder()
            .handler(
                "work",
                context -> {
                  context.emit("all of it");
                  return null;
                }));
    for (int i = 1; i <= 50; i++) {
      scheduler.send(task(i, "work", ""));
    }
    until(() -> register.reports.size() == 50);
    for (HeartbeatRequest message : register.messages) {
      for (TaskReport report : message.getReportsList()) {
        assertThat(message.getPartialsList())
            .anyMatch(
                each ->
                    each.getTaskId() == report.getTaskId()
                        && each.getLast()
                        && each.getPosition() + each.getData().size() == 9);
      }
    }
  }

  /** A Register that dies with both would leave the followers without the end, and untold of it. */
  @Test
  void sendsTheLastOfItAgainWithTheReport() {
    register.givesVerdicts = false;
    startConnected(
        builder()
            .handler(
                "work",
                context -> {
                  context.emit("all of it");
                  return null;
                }));
    scheduler.send(task(1, "work", ""));
    until(() -> register.reports.size() == 1);
    register.breakStreams(Status.UNAVAILABLE);
    until(() -> register.reports.size() == 2);
    List<HeartbeatRequest> reporting =
        register.messages.stream().filter(message -> message.getReportsCount() > 0).toList();
    assertThat(reporting).hasSize(2);
    assertThat(reporting.get(1).getPartialsList())
        .isEqualTo(reporting.get(0).getPartialsList())
        .hasSize(1);
    assertThat(reporting.get(1).getPartials(0).getLast()).isTrue();
  }

  @Test
  void aTaskThatEmitsNothingSaysNothing() {
    startConnected(builder());
    scheduler.send(task(1, "echo", "x"));
    until(() -> register.reports.size() == 1);
    assertThat(partials()).isEmpty();
  }

  private static HeldTask held() {
    return new HeldTask(task(1, "any", "").build(), null, null);
  }

  @Test
  void dropsTheOldestOfWhatIsTooMuchAndCountsItOn() {
    Emissions emissions = new Emissions();
    HeldTask task = held();
    byte[] block = new byte[1 << 10];
    assertThat(emissions.add(ByteString.copyFrom(block))).isTrue();
    for (int i = 1; i < 100; i++) {
      assertThat(emissions.add(ByteString.copyFrom(block))).isFalse();
    }
    TaskPartial first = emissions.takeSome(task);
    assertThat(first.getPosition()).isEqualTo((100 << 10) - Emissions.KEPT_BYTES_MAX);
    assertThat(first.getData().size()).isEqualTo(Emissions.SENT_BYTES_MAX);
    assertThat(emissions.hasMore()).isTrue();
    TaskPartial rest = emissions.takeLast(task);
    assertThat(rest.getPosition()).isEqualTo(first.getPosition() + first.getData().size());
    assertThat(rest.getPosition() + rest.getData().size()).isEqualTo(100 << 10);
  }

  @Test
  void keepsTheEndOfWhatIsLongerThanAllThatIsKept() {
    Emissions emissions = new Emissions();
    emissions.add(ByteString.copyFromUtf8("before"));
    emissions.add(ByteString.copyFrom(new byte[Emissions.KEPT_BYTES_MAX + 10]));
    TaskPartial rest = emissions.takeLast(held());
    assertThat(rest.getPosition()).isEqualTo(16);
    assertThat(rest.getData().size()).isEqualTo(Emissions.KEPT_BYTES_MAX);
  }

  @Test
  void aTaskIsQueuedAgainOnlyWhenNothingOfItWaits() {
    Emissions emissions = new Emissions();
    HeldTask task = held();
    assertThat(emissions.add(ByteString.copyFromUtf8("a"))).isTrue();
    assertThat(emissions.add(ByteString.copyFromUtf8("b"))).isFalse();
    assertThat(emissions.takeSome(task).getData().toStringUtf8()).isEqualTo("ab");
    assertThat(emissions.takeSome(task)).isNull();
    assertThat(emissions.add(ByteString.copyFromUtf8("c"))).isTrue();
    assertThat(emissions.takeSome(task).getPosition()).isEqualTo(2);
  }
}
