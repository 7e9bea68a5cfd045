package io.tidemill.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.v1.DependencyRule;
import io.tidemill.v1.RetryPolicy;
import io.tidemill.v1.TaskSpec;
import io.tidemill.v1.TaskState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the options of {@code task submit} say to the server, and what they refuse. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class TaskOptionsTest {
  private final CliFixture cli = new CliFixture();

  @AfterEach
  void close() {
    cli.close();
  }

  private int submit(String... options) {
    List<String> all =
        new ArrayList<>(List.of("task", "submit", "--type", "echo", "--payload", "x"));
    all.addAll(List.of(options));
    return cli.run(all.toArray(String[]::new));
  }

  private TaskSpec submitted(String... options) {
    assertThat(submit(options)).as(cli.err).isZero();
    List<TaskSpec> all = cli.plm.allSpecs();
    return all.get(all.size() - 1);
  }

  @Test
  void saysNothingThatWasNotAsked() {
    TaskSpec spec = submitted();
    assertThat(spec.getDelayMs()).isZero();
    assertThat(spec.getRunAtMs()).isZero();
    assertThat(spec.getStartWithinMs()).isZero();
    assertThat(spec.getDeadlineMs()).isZero();
    assertThat(spec.getMaxAttempts()).isZero();
    assertThat(spec.getMaxWorkerDeaths()).isZero();
    assertThat(spec.hasRetry()).isFalse();
    assertThat(spec.getQueue() + spec.getKey()).isEmpty();
    assertThat(spec.getLabelsMap()).isEmpty();
    assertThat(spec.getAmountsMap()).isEmpty();
    assertThat(spec.getDependsOnList()).isEmpty();
  }

  @Test
  void passesDelayAndDeadlines() {
    TaskSpec spec = submitted("--delay", "1500ms", "--start-within", "2m", "--deadline", "1h");
    assertThat(spec.getDelayMs()).isEqualTo(1_500);
    assertThat(spec.getStartWithinMs()).isEqualTo(120_000);
    assertThat(spec.getDeadlineMs()).isEqualTo(3_600_000);
  }

  @ParameterizedTest
  @CsvSource({
    "2030-01-31T08:00:00Z, 2030-01-31T08:00:00Z",
    "2030-01-31T08:00+01:00, 2030-01-31T07:00:00Z",
    "2030-07-31T08:00+02:00[Europe/Berlin], 2030-07-31T06:00:00Z",
    "1900000000123, 2030-03-17T17:46:40.123Z"
  })
  void readsMomentsOfTheWallClock(String text, String moment) {
    assertThat(submitted("--run-at", text).getRunAtMs())
        .isEqualTo(Instant.parse(moment).toEpochMilli());
  }

  @Test
  void passesRetriesAndTheWaitsBetween() {
    TaskSpec spec =
        submitted(
            "--retries=3",
            "--backoff=500ms",
            "--backoff-max=1m",
            "--backoff-multiplier=1.5",
            "--backoff-jitter=0.25");
    assertThat(spec.getMaxAttempts()).isEqualTo(4);
    assertThat(spec.getRetry())
        .isEqualTo(
            RetryPolicy.newBuilder()
                .setInitialMs(500)
                .setMaxMs(60_000)
                .setMultiplier(1.5)
                .setJitter(0.25)
                .build());
    assertThat(submitted("--retries=0").getMaxAttempts()).isEqualTo(1);
    RetryPolicy withoutJitter = submitted("--backoff-jitter=0").getRetry();
    assertThat(withoutJitter.hasJitter()).as("0 is not the server's").isTrue();
    assertThat(withoutJitter.getInitialMs()).isZero();
  }

  @Test
  void passesHowManyWorkersMayDie() {
    assertThat(submitted("--max-worker-deaths", "3").getMaxWorkerDeaths()).isEqualTo(3);
    assertThat(submitted("--max-worker-deaths", "255").getMaxWorkerDeaths()).isEqualTo(255);
  }

  @Test
  void passesQueueKeyLabelsAndAmounts() {
    TaskSpec spec =
        submitted(
            "--queue=mail",
            "--task-key=user:17",
            "--require=zone=a",
            "--require=gpu=h200",
            "--need=cpu=2",
            "--need=mem=3Gi");
    assertThat(spec.getQueue()).isEqualTo("mail");
    assertThat(spec.getKey()).isEqualTo("user:17");
    assertThat(spec.getLabelsMap()).isEqualTo(Map.of("zone", "a", "gpu", "h200"));
    assertThat(spec.getAmountsMap()).isEqualTo(Map.of("cpu", 2L, "mem", 3L << 30));
  }

  @Test
  void passesWhatItWaitsFor() {
    submitted();
    submitted();
    List<Long> ids = cli.plm.allTasks().stream().map(task -> task.getTaskId()).toList();
    String first = io.tidemill.rpc.TaskIds.format(ids.get(0));
    String second = io.tidemill.rpc.TaskIds.format(ids.get(1));
    TaskSpec spec = submitted("--after", first, "--after", second, "--after-rule", "any_succeeded");
    assertThat(spec.getDependsOnList().stream().map(each -> each.getTaskId()).toList())
        .isEqualTo(ids);
    assertThat(spec.getDependencyRule()).isEqualTo(DependencyRule.DEPENDENCY_RULE_ANY_SUCCEEDED);
    assertThat(submitted("--after", first).getDependencyRule())
        .isEqualTo(DependencyRule.DEPENDENCY_RULE_ALL_SUCCEEDED);
  }

  /** Each of many is asked for alike. */
  @Test
  void passesOptionsOfMany() {
    assertThat(submit("--count", "3", "--delay", "1s", "--queue", "mail", "--json")).isZero();
    assertThat(cli.plm.allSpecs())
        .hasSize(3)
        .allSatisfy(
            spec -> {
              assertThat(spec.getDelayMs()).isEqualTo(1_000);
              assertThat(spec.getQueue()).isEqualTo("mail");
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--delay=soon | --delay | soon",
        "--delay=-1s | --delay | -1s",
        "--start-within=1.5s | --start-within | 1.5s",
        "--deadline=tomorrow | --deadline | tomorrow",
        "--delay=40000000h | --delay | 40000000h",
        "--run-at=tomorrow | run-at | tomorrow",
        "--run-at=2030-01-31T08:00 | run-at | 2030-01-31T08:00",
        "--run-at=2030-02-31T08:00:00Z | run-at | 2030-02-31T08:00:00Z",
        "--retries=-1 | retries | -1",
        "--retries=1000 | retries | 1000",
        "--retries=many | --retries | many",
        "--backoff=0ms | backoff | PT0S",
        "--backoff-max=600h | backoff-max | PT600H",
        "--backoff-multiplier=twice | --backoff-multiplier | twice",
        "--backoff-jitter=half | --backoff-jitter | half",
        "--max-worker-deaths=-1 | max-worker-deaths | -1",
        "--max-worker-deaths=256 | max-worker-deaths | 256",
        "--max-worker-deaths=few | --max-worker-deaths | few",
        "--need=cpu=half | need=cpu | half",
        "--need=cpu=0 | need=cpu | 0",
        "--need=cpu | --need | cpu",
        "--require=zone | --require | zone",
        "--after=xyz | --after | xyz",
        "--after-rule=some | --after-rule | some"
      })
  void refusesWhatIsNone(String option, String field, String value) {
    assertThat(submit(option)).as(option).isEqualTo(2);
    assertThat(cli.err).as(option).contains(field.strip()).contains(value.strip());
    assertThat(cli.plm.taskCount()).isZero();
  }

  @Test
  void refusesWhatExcludesEachOther() {
    assertThat(submit("--delay=1s", "--run-at=1900000000000")).isEqualTo(2);
    assertThat(cli.err).contains("--delay and --run-at exclude each other");
    assertThat(submit("--retries=1", "--max-attempts=2")).isEqualTo(2);
    assertThat(cli.err).contains("--retries and --max-attempts exclude each other");
    assertThat(cli.plm.taskCount()).isZero();
  }

  @Test
  void showsWhatWasAskedForAsTextAndJson() {
    cli.plm.endsAtOnce(false);
    assertThat(submit("--json")).isZero();
    long id = cli.plm.allTasks().get(0).getTaskId();
    cli.plm.change(
        id,
        task ->
            task.setState(TaskState.TASK_STATE_WAITING)
                .setQueue("mail")
                .setKey("user:17")
                .putLabels("zone", "a")
                .putAmounts("cpu", 2)
                .setDueMs(1_900_000_000_000L)
                .setStartByMs(1_900_000_001_000L)
                .setDeadlineMs(1_900_000_002_000L)
                .setReturns(2)
                .setRetry(
                    RetryPolicy.newBuilder()
                        .setInitialMs(500)
                        .setMultiplier(2)
                        .setMaxMs(60_000)
                        .setJitter(0.1)));
    String text = io.tidemill.rpc.TaskIds.format(id);
    assertThat(cli.run("task", "get", text, "--json")).isZero();
    var json = cli.json();
    assertThat(json.get("queue").getAsString()).isEqualTo("mail");
    assertThat(json.get("key").getAsString()).isEqualTo("user:17");
    assertThat(json.getAsJsonObject("labels").get("zone").getAsString()).isEqualTo("a");
    assertThat(json.getAsJsonObject("amounts").get("cpu").getAsLong()).isEqualTo(2);
    assertThat(json.get("due_ms").getAsLong()).isEqualTo(1_900_000_000_000L);
    assertThat(json.get("start_by_ms").getAsLong()).isEqualTo(1_900_000_001_000L);
    assertThat(json.get("deadline_ms").getAsLong()).isEqualTo(1_900_000_002_000L);
    assertThat(json.get("returns").getAsInt()).isEqualTo(2);
    assertThat(json.getAsJsonObject("retry").get("initial_ms").getAsInt()).isEqualTo(500);
    assertThat(json.getAsJsonObject("retry").get("multiplier").getAsDouble()).isEqualTo(2);
    assertThat(json.getAsJsonObject("retry").get("max_ms").getAsInt()).isEqualTo(60_000);
    assertThat(json.getAsJsonObject("retry").get("jitter").getAsDouble()).isEqualTo(0.1);
    assertThat(cli.run("task", "get", text)).isZero();
    assertThat(cli.out)
        .contains("mail", "user:17", "zone=a", "cpu", "2030-03-17T17:46:40Z")
        .contains("after 500 ms, times 2.0, at most 60000 ms, less up to 10 %");
  }
}
