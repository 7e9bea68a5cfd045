package io.tidemill.system.kills;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.Status;
import io.tidemill.client.TidemillException;
import io.tidemill.system.kills.Storm.Victim;
import io.tidemill.v1.GetStatsResponse;
import io.tidemill.v1.TaskState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * The servers' wall clock jumps a day forward and two back, under load; their monotonic clock goes
 * on as it did. Debian's libfaketime does it.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
@Tag("long")
class ClockTest {
  private static final long DAY_MILLIS = TimeUnit.DAYS.toMillis(1);
  private static final int KEEP_SECONDS = 30;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir(cleanup = CleanupMode.ALWAYS)
  Path temp;

  @Test
  void expiresNothingEarlyAndLosesNoTimerWhenTheWallClockJumps() throws Exception {
    FakeTime.assumeThere();
    FakeTime time = new FakeTime(temp);
    time.set("+0");
    try (Storm storm = new Storm(temp.resolve("clock"), 1, 20, time.environment(), settings())) {
      long early = run(storm, 0, 0).taskId();
      long ended = System.nanoTime();

      time.set("+1d");
      run(storm, 1, 0);
      checkKept(storm, early, ended);
      storm.strike(Victim.PLM);
      storm.strike(Victim.REGISTER);
      checkKept(storm, early, ended);
      checkFigures(storm, DAY_MILLIS);

      time.set("-1d");
      storm.strike(Victim.SCHEDULER);
      checkFigures(storm, -DAY_MILLIS);
      Ended late = run(storm, 8_000, 500); // Its handler does not stop.
      assertThat(late.state()).as("it overran its time").isEqualTo(TaskState.TASK_STATE_DEAD);
      await().atMost(PATIENCE).until(() -> isForgotten(storm, early));

      time.set("+0");
      GetStatsResponse stats = storm.client().stats();
      assertThat(stats.getRecordedTwice()).isZero();
      assertThat(stats.getInversions()).isZero();
    }
  }

  private record Ended(long taskId, TaskState state) {}

  private static Ended run(Storm storm, long workMillis, int timeoutMillis) {
    Job job = new Job("clock-" + workMillis, workMillis * 1_000, 9, false);
    long task =
        storm.client().submit(job.spec().setExecutionTimeoutMs(timeoutMillis).build()).getTaskId();
    return new Ended(task, storm.client().await(task, PATIENCE).getTask().getState());
  }

  /** A machine that is so slow that the time is over says nothing here. */
  private static void checkKept(Storm storm, long task, long endedNanos) {
    boolean kept = !isForgotten(storm, task);
    assertThat(kept || System.nanoTime() - endedNanos > TimeUnit.SECONDS.toNanos(KEEP_SECONDS))
        .as("kept for its time")
        .isTrue();
  }

  /** Nobody was taken for dead, nothing went back, and the processes are as old as they are. */
  private static void checkFigures(Storm storm, long jumpMillis) {
    GetStatsResponse stats = storm.client().stats();
    assertThat(stats.getWorkersDead()).isZero();
    assertThat(stats.getReturned()).isZero();
    long now = System.currentTimeMillis() + jumpMillis;
    assertThat(stats.getProcessesList())
        .filteredOn(process -> !process.getState().equals("NEVER_STARTED"))
        .allSatisfy(
            process ->
                assertThat(now - process.getStartedMs())
                    .isBetween(-2_000L, TimeUnit.MINUTES.toMillis(10)));
  }

  private static boolean isForgotten(Storm storm, long task) {
    try {
      storm.client().get(task);
      return false;
    } catch (TidemillException e) {
      return e.code() == Status.Code.NOT_FOUND;
    }
  }

  private static List<String> settings() {
    return List.of(
        "--set",
        "result.keep.seconds=" + KEEP_SECONDS,
        "--set",
        "task.returns.max=1",
        "--set",
        "worker.beat.interval.ms=20000",
        "--set",
        "stall.limit.ms=30000");
  }
}
