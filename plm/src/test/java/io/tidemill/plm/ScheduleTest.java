package io.tidemill.plm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.tidemill.rpc.RpcErrors;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.v1.CatchUpPolicy;
import io.tidemill.v1.CreateScheduleRequest;
import io.tidemill.v1.GetTaskRequest;
import io.tidemill.v1.ListSchedulesRequest;
import io.tidemill.v1.ListSchedulesResponse;
import io.tidemill.v1.ListTasksRequest;
import io.tidemill.v1.OverlapPolicy;
import io.tidemill.v1.PreviewScheduleRequest;
import io.tidemill.v1.Schedule;
import io.tidemill.v1.ScheduleOccurrence;
import io.tidemill.v1.ScheduleRequest;
import io.tidemill.v1.ScheduleServiceGrpc;
import io.tidemill.v1.ScheduleServiceGrpc.ScheduleServiceBlockingStub;
import io.tidemill.v1.ScheduleStatus;
import io.tidemill.v1.Task;
import io.tidemill.v1.TaskSpec;
import io.tidemill.v1.TriggerScheduleRequest;
import io.tidemill.v1.TriggerScheduleResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScheduleTest {
  private static final long MINUTE = 60_000;
  private static final long HOUR = 60 * MINUTE;
  private static final long NOON = Instant.parse("2026-11-27T12:00:00Z").toEpochMilli();

  @TempDir Path folder;
  private Path data;
  private final AtomicLong wall = new AtomicLong(NOON - HOUR / 2);

  @BeforeEach
  void name() {
    data = folder.resolve("data");
  }

  private TestPlm start() throws Exception {
    return TestPlm.start(data, wall::get);
  }

  private static ScheduleServiceBlockingStub calls(TestPlm plm) {
    return ScheduleServiceGrpc.newBlockingStub(plm.channel())
        .withDeadlineAfter(30, TimeUnit.SECONDS);
  }

  private static Schedule.Builder hourly(String name) {
    return Schedule.newBuilder()
        .setName(name)
        .setCron("0 * * * *")
        .setTask(
            TaskSpec.newBuilder().setType("echo").setPayload(ByteString.copyFromUtf8("hello")));
  }

  private static ScheduleStatus create(TestPlm plm, Schedule.Builder schedule) {
    return calls(plm)
        .createSchedule(CreateScheduleRequest.newBuilder().setSchedule(schedule).build())
        .getSchedule();
  }

  private static ScheduleRequest named(String name) {
    return ScheduleRequest.newBuilder().setName(name).build();
  }

  private static ScheduleStatus get(TestPlm plm, String name) {
    return calls(plm).getSchedule(named(name)).getSchedule();
  }

  private static List<Task> tasks(TestPlm plm) {
    return plm.calls().listTasks(ListTasksRequest.getDefaultInstance()).getTasksList();
  }

  /** The clock is set, and the thread has looked at it and done what was due. */
  private void setClock(TestPlm plm, long millis) {
    wall.set(millis);
    plm.lookAtClock();
    await()
        .atMost(20, TimeUnit.SECONDS)
        .until(
            () ->
                calls(plm)
                    .listSchedules(ListSchedulesRequest.getDefaultInstance())
                    .getSchedulesList()
                    .stream()
                    .allMatch(each -> each.getNextMs() == 0 || each.getNextDueMs() > millis));
  }

  private void deleteMappedFiles() throws Exception {
    try (var files = Files.list(data.resolve("shm"))) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
  }

  /** Whatever becomes of the process, the host and the clock. */
  @Test
  void anOccurrenceIsOneTask() throws Exception {
    long id;
    try (TestPlm plm = start()) {
      ScheduleStatus made = create(plm, hourly("a"));
      assertThat(made.getNextMs()).isEqualTo(NOON);
      assertThat(tasks(plm)).isEmpty();
      setClock(plm, NOON);
      Task task = tasks(plm).get(0);
      id = task.getTaskId();
      assertThat(task.getSchedule()).isEqualTo("a");
      assertThat(task.getOccurrenceMs()).isEqualTo(NOON);
      assertThat(task.getPayloadBytes()).isEqualTo(5);
      ScheduleStatus now = get(plm, "a");
      assertThat(now.getLastTaskId()).isEqualTo(id);
      assertThat(now.getLastMs()).isEqualTo(NOON);
      assertThat(now.getSubmitted()).isEqualTo(1);
      assertThat(now.getNextMs()).isEqualTo(NOON + HOUR);
      // The clock goes back, and comes by once more.
      setClock(plm, NOON - 10 * MINUTE);
      setClock(plm, NOON + MINUTE);
      assertThat(tasks(plm)).hasSize(1);
    }
    try (TestPlm plm = start()) {
      assertThat(get(plm, "a").getSubmitted()).isEqualTo(1);
      assertThat(get(plm, "a").getLastTaskId()).isEqualTo(id);
      setClock(plm, NOON + 2 * MINUTE);
      assertThat(tasks(plm)).hasSize(1);
    }
    deleteMappedFiles();
    try (TestPlm plm = start()) {
      assertThat(get(plm, "a").getLastTaskId()).isEqualTo(id);
      setClock(plm, NOON + HOUR);
      assertThat(tasks(plm)).extracting(Task::getOccurrenceMs).containsExactly(NOON, NOON + HOUR);
    }
  }

  @Test
  void whatWasMissedIsMadeUpForAsAskedFor() throws Exception {
    try (TestPlm plm = start()) {
      create(plm, hourly("one"));
      create(plm, hourly("skip").setCatchUp(CatchUpPolicy.CATCH_UP_POLICY_SKIP));
      create(plm, hourly("all").setCatchUp(CatchUpPolicy.CATCH_UP_POLICY_ALL).setCatchUpMax(3));
    }
    wall.set(NOON + 10 * HOUR + 30 * MINUTE);
    try (TestPlm plm = start()) {
      setClock(plm, wall.get());
      assertThat(tasks(plm))
          .extracting(task -> task.getSchedule() + " " + (task.getOccurrenceMs() - NOON) / HOUR)
          .containsExactlyInAnyOrder("one 10", "all 8", "all 9", "all 10");
      assertThat(get(plm, "skip").getNextMs()).isEqualTo(NOON + 11 * HOUR);
      // What is late by less than the grace is not missed.
      setClock(plm, NOON + 11 * HOUR + MINUTE / 2);
      assertThat(get(plm, "skip").getSubmitted()).isEqualTo(1);
    }
  }

  @Test
  void anOverlapIsAllowedLeftOutOrCancels() throws Exception {
    try (TestPlm plm = start()) {
      create(plm, hourly("allow"));
      create(plm, hourly("skip").setOverlap(OverlapPolicy.OVERLAP_POLICY_SKIP));
      create(plm, hourly("cancel").setOverlap(OverlapPolicy.OVERLAP_POLICY_CANCEL_LAST));
      setClock(plm, NOON);
      long first = get(plm, "cancel").getLastTaskId();
      setClock(plm, NOON + HOUR);
      assertThat(get(plm, "allow").getSubmitted()).isEqualTo(2);
      assertThat(get(plm, "skip").getSubmitted()).isEqualTo(1);
      assertThat(get(plm, "skip").getSkipped()).isEqualTo(1);
      assertThat(get(plm, "cancel").getSubmitted()).isEqualTo(2);
      TaskTable slots = plm.instance().regions().tasks();
      assertThat(slots.isCancelAsked(TaskId.slot(first))).isTrue();

      FakeCluster cluster = new FakeCluster(plm.instance());
      long last = get(plm, "skip").getLastTaskId();
      cluster.end(last, TaskState.SUCCEEDED, new byte[0]);
      cluster.wakePlm();
      await().until(() -> slots.wordOf(last) == -1);
      setClock(plm, NOON + 2 * HOUR);
      assertThat(get(plm, "skip").getSubmitted()).isEqualTo(2);
      cluster.close();
    }
  }

  @Test
  void isPausedAndTriggered() throws Exception {
    try (TestPlm plm = start()) {
      create(plm, hourly("a"));
      assertThat(calls(plm).pauseSchedule(named("a")).getSchedule().getPaused()).isTrue();
      setClock(plm, NOON + 2 * HOUR + MINUTE);
      assertThat(tasks(plm)).isEmpty();
      TriggerScheduleRequest trigger =
          TriggerScheduleRequest.newBuilder().setName("a").setRequestId("once").build();
      long triggered = calls(plm).triggerSchedule(trigger).getTaskId();
      assertThat(calls(plm).triggerSchedule(trigger))
          .returns(triggered, TriggerScheduleResponse::getTaskId)
          .returns(true, TriggerScheduleResponse::getDuplicate);
      Task task =
          plm.calls().getTask(GetTaskRequest.newBuilder().setTaskId(triggered).build()).getTask();
      assertThat(task.getSchedule()).isEqualTo("a");
      assertThat(task.getOccurrenceMs()).isZero();
    }
    try (TestPlm plm = start()) {
      assertThat(get(plm, "a").getPaused()).isTrue();
      ScheduleStatus resumed = calls(plm).resumeSchedule(named("a")).getSchedule();
      assertThat(resumed.getNextMs()).isEqualTo(NOON + 3 * HOUR);
    }
  }

  @Test
  void isReplacedListedAndDeletedForGood() throws Exception {
    try (TestPlm plm = start()) {
      create(plm, hourly("a"));
      assertThatThrownBy(() -> create(plm, hourly("a"))).hasMessageContaining("name=a");
      CreateScheduleRequest replace =
          CreateScheduleRequest.newBuilder()
              .setSchedule(hourly("a").setCron("45 * * * *"))
              .setReplace(true)
              .build();
      assertThat(calls(plm).createSchedule(replace).getSchedule().getNextMs())
          .isEqualTo(NOON - 15 * MINUTE);
      create(plm, hourly("b"));
      ListSchedulesResponse page =
          calls(plm).listSchedules(ListSchedulesRequest.newBuilder().setPageSize(1).build());
      assertThat(page.getSchedules(0).getSchedule().getName()).isEqualTo("a");
      assertThat(page.getNextPageToken()).isEqualTo("a");
      calls(plm).deleteSchedule(named("a"));
      setClock(plm, NOON);
      assertThat(tasks(plm)).extracting(Task::getSchedule).containsExactly("b");
      assertThatThrownBy(() -> get(plm, "a")).hasMessageContaining("no such schedule: name=a");
    }
    try (TestPlm plm = start()) {
      assertThatThrownBy(() -> get(plm, "a")).hasMessageContaining("no such schedule: name=a");
      assertThat(get(plm, "b").getSubmitted()).isEqualTo(1);
    }
  }

  @Test
  void saysWhenItIsDueAndRefusesWhatIsWrong() throws Exception {
    try (TestPlm plm = start()) {
      Schedule.Builder daily =
          hourly("a").setCron("0 9 * * MON-FRI").setZone("Europe/Berlin").setJitterMs(5 * MINUTE);
      create(plm, daily);
      PreviewScheduleRequest byName =
          PreviewScheduleRequest.newBuilder().setName("a").setCount(3).build();
      List<ScheduleOccurrence> next = calls(plm).previewSchedule(byName).getOccurrencesList();
      assertThat(next)
          .extracting(ScheduleOccurrence::getLocal)
          .containsExactly(
              "2026-11-30T09:00+01:00", "2026-12-01T09:00+01:00", "2026-12-02T09:00+01:00");
      assertThat(next)
          .allSatisfy(
              each ->
                  assertThat(each.getDueMs() - each.getOccurrenceMs()).isBetween(0L, 5 * MINUTE));
      PreviewScheduleRequest byText =
          PreviewScheduleRequest.newBuilder().setSchedule(daily).setCount(3).build();
      assertThat(calls(plm).previewSchedule(byText).getOccurrencesList()).isEqualTo(next);
      refused(plm, hourly("b").setCron("0 9 * *"), "cron='0 9 * *'");
      refused(plm, hourly("b").setZone("Nowhere"), "zone='Nowhere'");
      refused(plm, hourly("b").setJitterMs(-1), "jitter_ms=18446744073709551615");
      refused(plm, hourly("b").setGraceMs(2 * HOUR), "grace_ms=7200000");
      refused(plm, hourly("b").setCatchUpMax(1_001), "catch_up_max=1001");
      refused(plm, hourly("b").setOverlapValue(9), "overlap=9");
      refused(plm, hourly("b c"), "name='b c'");
      refused(plm, hourly("b").setTask(TaskSpec.newBuilder()), "type=''");
      TaskSpec.Builder named = TaskSpec.newBuilder().setType("t").setRequestId("r");
      refused(plm, hourly("b").setTask(named), "request id");
    }
  }

  /** Its one thread is held up: calls wait, but not any number of them. */
  @Test
  void refusesCallsThatAreTooMany() throws Exception {
    try (TestPlm plm = start()) {
      create(plm, hourly("a"));
      CountDownLatch held = new CountDownLatch(1);
      CountDownLatch release = new CountDownLatch(1);
      AtomicInteger done = new AtomicInteger();
      plm.scheduleThread().execute(() -> hold(held, release));
      try {
        assertThat(held.await(30, TimeUnit.SECONDS)).isTrue();
        for (int i = 0; i < ScheduleThread.QUEUE_MAX; i++) {
          assertThat(plm.scheduleThread().execute(done::incrementAndGet)).isNull();
        }
        Throwable busy = catchThrowable(() -> get(plm, "a"));
        assertThat(Status.fromThrowable(busy).getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(RpcErrors.reason(busy)).isEqualTo("SCHEDULES_BUSY");
        assertThat(busy).hasMessageContaining("queue=1000; try again");
        assertThatThrownBy(() -> create(plm, hourly("b"))).hasMessageContaining("too many calls");
      } finally {
        release.countDown();
      }
      // Those that waited are done, and calls are taken again; the refused one was not done.
      await().untilAsserted(() -> assertThat(done).hasValue(ScheduleThread.QUEUE_MAX));
      assertThat(get(plm, "a").getNextMs()).isEqualTo(NOON);
      assertThatThrownBy(() -> get(plm, "b")).hasMessageContaining("no such schedule: name=b");
    }
  }

  private static void hold(CountDownLatch held, CountDownLatch release) {
    held.countDown();
    try {
      release.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void refused(TestPlm plm, Schedule.Builder schedule, String why) {
    assertThatThrownBy(() -> create(plm, schedule)).hasMessageContaining(why);
  }
}
