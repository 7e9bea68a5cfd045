package io.tidemill.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.protobuf.ByteString;
import io.tidemill.client.TidemillClient;
import io.tidemill.rpc.TaskIds;
import io.tidemill.v1.ExplainTaskResponse;
import io.tidemill.v1.HistoryEvent;
import io.tidemill.v1.HistoryKind;
import io.tidemill.v1.Reason;
import io.tidemill.v1.ReasonKind;
import io.tidemill.v1.RetryPolicy;
import io.tidemill.v1.TaskSpec;
import io.tidemill.v1.TaskState;
import io.tidemill.worker.TaskContext;
import io.tidemill.worker.TidemillWorker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Why tasks do not run, and what became of them, by real servers that are killed meanwhile. */
@Tag("exhaustive")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ExplainTest {
  private static final int FAILURES = 2;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir(cleanup = CleanupMode.ALWAYS)
  Path temp;

  private final Semaphore mayEnd = new Semaphore(0);
  private final List<TidemillWorker> workers = new ArrayList<>();
  private Tidemill tidemill;
  private TidemillClient client;

  @BeforeEach
  void start() {
    tidemill = Tidemill.start(temp.resolve("explain"), "--workers", "0");
    client =
        TidemillClient.builder()
            .plm("127.0.0.1:" + tidemill.portBase())
            .register("127.0.0.1:" + (tidemill.portBase() + 2))
            .build();
  }

  @AfterEach
  void stop() throws Exception {
    mayEnd.release(1_000);
    workers.forEach(TidemillWorker::close);
    client.close();
    tidemill.close();
  }

  private TidemillWorker worker(String id) {
    TidemillWorker worker =
        TidemillWorker.builder()
            .register("127.0.0.1:" + (tidemill.portBase() + 2))
            .workerId(id)
            .capacity(1)
            .label("zone", "b")
            .handler("held", this::held)
            .handler("flaky", ExplainTest::flaky)
            .build()
            .start();
    workers.add(worker);
    return worker;
  }

  private ByteString held(TaskContext task) throws InterruptedException {
    mayEnd.acquire();
    return task.payload();
  }

  private static ByteString flaky(TaskContext task) {
    if (task.attempt() <= FAILURES) {
      throw new IllegalStateException("failure " + task.attempt());
    }
    return task.payload();
  }

  private static TaskSpec.Builder task(String type) {
    return TaskSpec.newBuilder().setType(type);
  }

  private long submit(TaskSpec.Builder spec) {
    return client.submit(spec.build()).getTaskId();
  }

  private List<ReasonKind> kinds(long id) {
    return client.explain(id).getReasonsList().stream().map(Reason::getKind).toList();
  }

  private Reason awaitReason(long id, ReasonKind kind) {
    Reason[] found = {null};
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              ExplainTaskResponse answer = client.explain(id);
              assertThat(answer.getReasonsList())
                  .as(answer.toString())
                  .extracting(Reason::getKind)
                  .contains(kind);
              found[0] =
                  answer.getReasonsList().stream()
                      .filter(each -> each.getKind() == kind)
                      .findFirst()
                      .orElseThrow();
            });
    return found[0];
  }

  private void awaitState(long id, TaskState state) {
    await().atMost(PATIENCE).until(() -> client.get(id).getState() == state);
  }

  private List<HistoryKind> history(long id) {
    return client.history(id).getEventsList().stream().map(HistoryEvent::getKind).toList();
  }

  @Test
  void saysWhyTasksDoNotRun() {
    worker("w1");
    long delayed = submit(task("held").setDelayMs(3_600_000));
    assertThat(kinds(delayed)).containsExactly(ReasonKind.REASON_KIND_DELAYED);

    long elsewhere = submit(task("held").putLabels("zone", "a"));
    Reason label = awaitReason(elsewhere, ReasonKind.REASON_KIND_LABEL_MISSING);
    assertThat(label.getName()).isEqualTo("zone");
    assertThat(label.getOffered()).isEqualTo("b");
    assertThat(label.getWorkerId()).isEqualTo("w1");

    tidemill.run("limit", "set", "user:1", "--running", "1").orFail();
    tidemill.run("limit", "set", "host:1", "--rate", "1/h").orFail();
    long first = submit(task("held").setKey("user:1"));
    assertThat(awaitReason(first, ReasonKind.REASON_KIND_RUNNING).getWorkerId()).isEqualTo("w1");
    long second = submit(task("held").setKey("user:1"));
    Reason running = awaitReason(second, ReasonKind.REASON_KIND_KEY_RUNNING_LIMIT);
    assertThat(running.getCount()).isEqualTo(1);
    assertThat(running.getLimit()).isEqualTo(1);
    // Its bucket is empty, as that of a Main Scheduler which has just started.
    long rated = submit(task("held").setKey("host:1"));
    assertThat(awaitReason(rated, ReasonKind.REASON_KIND_KEY_RATE_LIMIT).getLimit()).isEqualTo(1);

    tidemill.run("queue", "pause", "mail").orFail();
    long paused = submit(task("held").setQueue("mail"));
    assertThat(awaitReason(paused, ReasonKind.REASON_KIND_QUEUE_PAUSED).getRemedy())
        .isEqualTo("tidemill queue resume mail");
    JsonObject json =
        tidemill.run("task", "explain", TaskIds.format(paused), "--json").orFail().json();
    assertThat(json.getAsJsonArray("reasons").get(0).getAsJsonObject().get("kind").getAsString())
        .isEqualTo("QUEUE_PAUSED");
    mayEnd.release(2);
    awaitState(second, TaskState.TASK_STATE_SUCCEEDED);
    awaitReason(first, ReasonKind.REASON_KIND_ENDED);
  }

  @Test
  void countsWhatGoesBeforeATaskThatWaitsForABusyWorker() {
    worker("w1");
    long running = submit(task("held"));
    awaitState(running, TaskState.TASK_STATE_RUNNING);
    List<Long> others = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      others.add(submit(task("held").setPriority(i)));
    }
    long id = submit(task("held").setPriority(-1));
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              long sent =
                  others.stream()
                      .filter(each -> client.get(each).getState() != TaskState.TASK_STATE_READY)
                      .count();
              assertThat(client.explain(id).getPlace().getAhead()).isEqualTo(40 - sent);
            });
    assertThat(kinds(id)).contains(ReasonKind.REASON_KIND_WORKERS_FULL);
  }

  /** Each server is killed once: after the failed attempts, and while a lease is taken back. */
  @Test
  void tellsTheWholeLifeOfATaskThoughEachServerIsKilled() throws Exception {
    TidemillWorker one = worker("w1");
    String later = TaskIds.format(submit(task("held").setDelayMs(3_600_000)));
    tidemill.run("task", "priority", later, "--to", "urgent").orFail();
    long flaky =
        submit(
            task("flaky")
                .setMaxAttempts(FAILURES + 1)
                .setRetry(RetryPolicy.newBuilder().setInitialMs(500).setMultiplier(1)));
    await()
        .atMost(PATIENCE)
        .until(() -> history(flaky).contains(HistoryKind.HISTORY_KIND_ATTEMPT_FAILED));
    for (String server : List.of("register", "plm", "scheduler")) {
      kill(server);
    }
    tidemill.run("task", "priority", later, "--to", "-7").orFail();
    awaitState(flaky, TaskState.TASK_STATE_SUCCEEDED);
    assertThat(history(flaky).stream().filter(HistoryKind.HISTORY_KIND_ATTEMPT_FAILED::equals))
        .hasSize(FAILURES);
    List<String> errors =
        client.history(flaky).getEventsList().stream()
            .filter(each -> each.getKind() == HistoryKind.HISTORY_KIND_ATTEMPT_FAILED)
            .map(HistoryEvent::getError)
            .toList();
    assertThat(errors.get(0)).contains("failure 1");
    assertThat(errors.get(1)).contains("failure 2");
    assertThat(client.history(flaky).getLeasesGone()).isZero();
    assertThat(client.explain(flaky).getTime().getBackoffMs()).isGreaterThanOrEqualTo(900);

    long held = submit(task("held"));
    awaitState(held, TaskState.TASK_STATE_RUNNING);
    one.close(); // What it held goes back.
    worker("w2");
    await().atMost(PATIENCE).until(() -> client.get(held).getWorkerId().equals("w2"));
    for (String server : List.of("scheduler", "register", "plm")) {
      kill(server);
    }
    assertThat(tidemill.run("task", "history", later).orFail().out())
        .containsSubsequence(
            "PRIORITY_CHANGED",
            "from 0 (normal) to 1000 (urgent)",
            "PRIORITY_CHANGED",
            "from 1000 (urgent) to -7");
    assertThat(tidemill.stats().get("priority_changes").getAsLong()).isEqualTo(2);
    mayEnd.release();
    awaitState(held, TaskState.TASK_STATE_SUCCEEDED);
    JsonArray events =
        tidemill
            .run("task", "history", TaskIds.format(held), "--json")
            .orFail()
            .json()
            .getAsJsonArray("events");
    List<String> names = new ArrayList<>();
    events.forEach(each -> names.add(each.getAsJsonObject().get("event").getAsString()));
    assertThat(names)
        .containsExactly(
            "ACCEPTED",
            "READY",
            "ASSIGNED",
            "STARTED",
            "WORKER_LOST",
            "READY",
            "ASSIGNED",
            "STARTED",
            "ENDED");
    assertThat(client.history(held).getEventsList())
        .extracting(HistoryEvent::getAtMs)
        .isSorted()
        .doesNotContain(0L);
  }

  @Test
  @Tag("long")
  void anAttemptThatOverranHasFailedThoughEachServerIsKilled() throws Exception {
    worker("w1");
    long id =
        submit(
            task("held")
                .setExecutionTimeoutMs(2_000)
                .setMaxAttempts(FAILURES + 1)
                .setRetry(RetryPolicy.newBuilder().setInitialMs(100).setMultiplier(1)));
    awaitState(id, TaskState.TASK_STATE_RUNNING);
    for (String server : List.of("register", "plm", "scheduler")) {
      kill(server);
    }
    awaitState(id, TaskState.TASK_STATE_DEAD);
    assertThat(client.get(id).getError()).isEqualTo("its execution timeout is over: ms=2000");
    assertThat(history(id).stream().filter(HistoryKind.HISTORY_KIND_ATTEMPT_FAILED::equals))
        .hasSize(FAILURES);
    assertThat(history(id)).doesNotContain(HistoryKind.HISTORY_KIND_OVERRAN);
  }

  @Test
  @Tag("long")
  void knowsTheFailedAttemptsAfterTheMappedFilesAreGone() throws Exception {
    worker("w1");
    long done =
        submit(
            task("flaky")
                .setMaxAttempts(FAILURES + 1)
                .setRetry(RetryPolicy.newBuilder().setInitialMs(1).setMultiplier(1)));
    long waits =
        submit(
            task("flaky")
                .setMaxAttempts(FAILURES + 1)
                .setRetry(RetryPolicy.newBuilder().setInitialMs(3_600_000).setMultiplier(1)));
    awaitState(done, TaskState.TASK_STATE_SUCCEEDED);
    assertThat(awaitReason(waits, ReasonKind.REASON_KIND_BACKOFF).getAttempt()).isEqualTo(1);
    assertThat(client.history(waits).getFromBeforeReboot()).isFalse();
    client.setPriority(waits, 5);
    tidemill.stop();
    try (Stream<Path> files = Files.list(tidemill.data().resolve("shm"))) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    tidemill.startAgain().orFail();
    Reason backoff = awaitReason(waits, ReasonKind.REASON_KIND_BACKOFF);
    assertThat(backoff.getAttempt()).isEqualTo(1);
    assertThat(backoff.getError()).contains("failure 1");
    assertThat(history(waits))
        .containsSubsequence(
            HistoryKind.HISTORY_KIND_ATTEMPT_FAILED, HistoryKind.HISTORY_KIND_PRIORITY_CHANGED);
    assertThat(client.history(waits).getFromBeforeReboot()).isTrue();
    assertThat(client.history(waits).getLeasesGone()).isZero();
    assertThat(history(done).stream().filter(HistoryKind.HISTORY_KIND_ATTEMPT_FAILED::equals))
        .hasSize(FAILURES);
  }

  private void kill(String server) {
    long before = tidemill.pid(server);
    tidemill.kill(server);
    await().atMost(PATIENCE).until(() -> tidemill.isReplaced(server, before));
  }
}
