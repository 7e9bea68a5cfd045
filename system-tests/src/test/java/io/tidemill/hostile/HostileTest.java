package io.tidemill.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.ManagedChannel;
import io.tidemill.rpc.Transport;
import io.tidemill.rpc.hostile.Attack;
import io.tidemill.system.Tidemill;
import io.tidemill.v1.GetStatsRequest;
import io.tidemill.v1.SubmitTaskRequest;
import io.tidemill.v1.Task;
import io.tidemill.v1.TaskServiceGrpc;
import io.tidemill.v1.TaskServiceGrpc.TaskServiceBlockingStub;
import io.tidemill.v1.TaskSpec;
import io.tidemill.v1.TaskState;
import io.tidemill.v1.WaitTaskRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Hostile peers against real servers with the memory that they have by default: no server dies, and
 * an honest client is served. The long form is {@link HostileSuite}.
 */
@Timeout(value = 4, unit = TimeUnit.MINUTES)
@Tag("exhaustive")
class HostileTest {
  private static final long MILLIS = 1_500;
  private static final List<String> ROLES = List.of("plm", "scheduler", "register");

  @TempDir(cleanup = CleanupMode.ALWAYS)
  static Path temp;

  private static Tidemill tidemill;
  private static ManagedChannel channel;
  private List<Long> pids;

  @BeforeAll
  static void start() {
    tidemill =
        Tidemill.start(
            temp.resolve("hostile"),
            "--workers",
            "1",
            "--set",
            "workers.max=64",
            "--set",
            "tasks.max=20000");
    channel = Transport.channel("127.0.0.1:" + tidemill.portBase(), 16 << 20);
  }

  @AfterAll
  static void stop() throws Exception {
    channel.shutdownNow();
    tidemill.close();
  }

  @BeforeEach
  void notePids() {
    pids = pids();
  }

  private static List<Long> pids() {
    return ROLES.stream().map(tidemill::pid).toList();
  }

  /** Nobody died, and an honest client gets its result. */
  @AfterEach
  void serves() {
    assertThat(end(submit("echo"))).isEqualTo(TaskState.TASK_STATE_SUCCEEDED);
    assertThat(pids()).isEqualTo(pids);
  }

  private static TaskServiceBlockingStub stub() {
    return TaskServiceGrpc.newBlockingStub(channel).withDeadlineAfter(60, TimeUnit.SECONDS);
  }

  private static long submit(String type) {
    TaskSpec spec = TaskSpec.newBuilder().setType(type).setPriority(5).build();
    return stub().submitTask(SubmitTaskRequest.newBuilder().setTask(spec).build()).getTaskId();
  }

  private static TaskState end(long task) {
    Task ended = stub().waitTask(WaitTaskRequest.newBuilder().setTaskId(task).build()).getTask();
    return ended.getState();
  }

  private static Floods floods() {
    return new Floods(tidemill.portBase(), MILLIS);
  }

  @Test
  void outlivesRequestsThatWouldBecomeMoreObjectsThanThereIsMemory() throws Exception {
    assertThat(floods().bombs(8, 2)).startsWith("answered 0, refused ").doesNotEndWith("refused 0");
  }

  @Test
  void outlivesMoreUnfinishedMessagesThanThereIsMemory() throws Exception {
    assertThat(floods().unfinished(100, 20)).endsWith("closed");
  }

  @Test
  void outlivesSessionsThatDoNotRead() throws Exception {
    assertThat(floods().deafSessions(100)).endsWith("closed");
  }

  @Test
  void outlivesMoreSubmissionsThanThereIsMemory() throws Exception {
    assertThat(floods().submissions(16, 16, 256 << 10)).doesNotStartWith("answered 0,");
  }

  @Test
  void closesWhatResetsItsCallsTooOften() throws Exception {
    for (String role : ROLES) {
      int port = tidemill.portBase() + ROLES.indexOf(role);
      assertThat(Attack.RAPID_RESET.run(port, 30)).isPositive();
    }
  }

  @Test
  void isHarmedByNoWorkerThatKeepsToNoRule() throws Exception {
    try (WorkerAttacks attacks = new WorkerAttacks(tidemill.portBase(), MILLIS)) {
      assertThat(attacks.boasts()).isEqualTo("CAPACITY_INVALID");
      assertThat(attacks.beats()).doesNotStartWith("0 ");
      assertThat(attacks.lies()).doesNotStartWith("0 ");
      assertThat(attacks.tells()).doesNotStartWith("0 ");
      assertThat(attacks.manyStreams()).doesNotStartWith("0 ");
      assertThat(attacks.endlessNames()).contains("WORKERS_FULL");
      // Those that never beat are taken for dead, and their places are for others.
      await().atMost(Duration.ofMinutes(2)).until(attacks::findsRoom);
    }
  }

  @Test
  void recordsOnceWhatAWorkerAnswersTwice() throws Exception {
    try (WorkerAttacks attacks = new WorkerAttacks(tidemill.portBase(), 30_000)) {
      List<Long> tasks = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        tasks.add(submit("twice"));
      }
      assertThat(attacks.answersTwice("twice", 20)).isEqualTo(20);
      assertThat(tasks).allMatch(task -> end(task) == TaskState.TASK_STATE_SUCCEEDED);
      assertThat(stub().getStats(GetStatsRequest.getDefaultInstance()).getRecordedTwice()).isZero();
    }
  }

  @Test
  void losesNothingToAWorkerThatNeverAnswers() throws Exception {
    List<Long> tasks = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      tasks.add(submit("swallowed"));
    }
    try (WorkerAttacks attacks = new WorkerAttacks(tidemill.portBase(), 30_000)) {
      assertThat(attacks.swallows("swallowed", 10)).containsExactlyInAnyOrderElementsOf(tasks);
      assertThat(end(submit("echo"))).isEqualTo(TaskState.TASK_STATE_SUCCEEDED);
    }
    try (WorkerAttacks honest = new WorkerAttacks(tidemill.portBase(), 30_000)) {
      assertThat(honest.answersTwice("swallowed", 10)).isEqualTo(10);
      assertThat(tasks).allMatch(task -> end(task) == TaskState.TASK_STATE_SUCCEEDED);
    }
  }
}
