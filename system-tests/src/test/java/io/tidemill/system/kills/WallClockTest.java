package io.tidemill.system.kills;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.tidemill.client.TidemillClient;
import io.tidemill.shm.region.TaskId;
import io.tidemill.system.Tidemill;
import io.tidemill.v1.CatchUpPolicy;
import io.tidemill.v1.ListTasksRequest;
import io.tidemill.v1.Schedule;
import io.tidemill.v1.Task;
import io.tidemill.v1.TaskSpec;
import io.tidemill.v1.TaskState;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * The wall clock of servers and workers is set forward and back: what follows it happens once and
 * is not lost, and what does not follow it is not touched. Debian's libfaketime does it; without it
 * the test is skipped, and says so.
 */
@Tag("exhaustive")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class WallClockTest {
  private static final long HOUR = TimeUnit.HOURS.toMillis(1);
  private static final long DELAY_MILLIS = 2_000;
  private static final String HOURLY = "hourly";

  @TempDir(cleanup = CleanupMode.ALWAYS)
  Path temp;

  @Test
  void momentsAndOccurrencesComeOnceWhereverTheClockIsSet() throws Exception {
    FakeTime.assumeThere();
    FakeTime time = new FakeTime(temp);
    time.set("+0");
    try (Tidemill instance =
            Tidemill.start(time.environment(), temp.resolve("wall"), "--workers", "1");
        TidemillClient client =
            TidemillClient.builder()
                .plm("127.0.0.1:" + instance.portBase())
                .callTimeout(Servers.PATIENCE)
                .build()) {
      long began = System.currentTimeMillis();
      long first = submit(client, spec().setRunAtMs(began + HOUR));
      long second = submit(client, spec().setRunAtMs(began + 3 * HOUR));
      long slow = submit(client, spec().setDelayMs(10 * HOUR));
      client.createSchedule(hourly(), false);

      time.set("+2h");
      awaitSuccess(client, first);
      awaitOccurrencesUntil(client, began + 2 * HOUR);
      assertThat(state(client, second)).isEqualTo(TaskState.TASK_STATE_WAITING);

      long submittedNanos = System.nanoTime();
      long quick = submit(client, spec().setDelayMs(DELAY_MILLIS));
      time.set("-1d");
      awaitSuccess(client, quick);
      assertThat(System.nanoTime() - submittedNanos)
          .as("its delay is over, and no more")
          .isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(DELAY_MILLIS));
      assertThat(state(client, second)).isEqualTo(TaskState.TASK_STATE_WAITING);

      time.set("+2h");
      time.set("+4h");
      awaitSuccess(client, second);
      awaitOccurrencesUntil(client, began + 4 * HOUR);
      assertThat(state(client, slow)).as("ten hours").isEqualTo(TaskState.TASK_STATE_WAITING);
      for (long task : List.of(first, second, quick)) {
        assertThat(TaskId.leaseNumber(client.get(task).getLease())).as("ran once").isEqualTo(1);
      }
      assertThat(client.stats().getInversions()).isZero();
    }
  }

  private static TaskSpec.Builder spec() {
    return TaskSpec.newBuilder().setType("echo").setPayload(ByteString.copyFromUtf8("x"));
  }

  private static long submit(TidemillClient client, TaskSpec.Builder spec) {
    return client.submit(spec.build()).getTaskId();
  }

  private static Schedule hourly() {
    return Schedule.newBuilder()
        .setName(HOURLY)
        .setCron("0 * * * *")
        .setCatchUp(CatchUpPolicy.CATCH_UP_POLICY_ALL)
        .setTask(spec())
        .build();
  }

  private static TaskState state(TidemillClient client, long task) {
    return client.get(task).getState();
  }

  private static void awaitSuccess(TidemillClient client, long task) {
    assertThat(client.await(task, Servers.PATIENCE).getTask().getState())
        .isEqualTo(TaskState.TASK_STATE_SUCCEEDED);
  }

  /** Every full hour up to this one, each once. */
  private static void awaitOccurrencesUntil(TidemillClient client, long millis) {
    long last = millis / HOUR * HOUR;
    await().atMost(Servers.PATIENCE).until(() -> occurrences(client).contains(last));
    List<Long> all = occurrences(client);
    for (int i = 1; i < all.size(); i++) {
      assertThat(all.get(i)).as("%s", all).isEqualTo(all.get(i - 1) + HOUR);
    }
  }

  private static List<Long> occurrences(TidemillClient client) {
    return client
        .list(ListTasksRequest.getDefaultInstance())
        .filter(task -> task.getSchedule().equals(HOURLY))
        .map(Task::getOccurrenceMs)
        .sorted()
        .toList();
  }
}
