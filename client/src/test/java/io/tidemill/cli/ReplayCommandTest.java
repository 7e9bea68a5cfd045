package io.tidemill.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.tidemill.client.FakePlm;
import io.tidemill.v1.Dependency;
import io.tidemill.v1.Refusal;
import io.tidemill.v1.Task;
import io.tidemill.v1.TaskResult;
import io.tidemill.v1.TaskState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ReplayCommandTest {
  private static final String UNKNOWN = " -1".repeat(6);

  private final CliFixture cli = new CliFixture();

  @TempDir Path folder;
  private Path swf;
  private Path workflow;

  @BeforeEach
  void write() throws IOException {
    swf = folder.resolve("t.swf");
    String jobs = "";
    for (int i = 1; i <= 4; i++) {
      jobs += "%d %d -1 %d 2 -1 -1 -1 -1 -1 1 %d%s\n".formatted(i, i, 10 * i, 5 - i, UNKNOWN);
    }
    Files.writeString(swf, jobs);
    workflow = folder.resolve("w.json");
    Files.writeString(
        workflow,
        """
        {"workflow": {"tasks": [
          {"id": "a", "runtime": 1, "children": ["b", "c"]}, {"id": "b", "runtime": 2},
          {"id": "c", "runtime": 3}, {"id": "d", "runtime": 4, "parents": ["b", "c"]}]}}
        """);
  }

  @AfterEach
  void close() {
    cli.close();
  }

  private List<String> payloads() {
    return cli.plm.allSpecs().stream().map(spec -> spec.getPayload().toStringUtf8()).toList();
  }

  @Test
  void submitsEachJobWithItsScaledTimeAndPriority() {
    String file = swf.toString();
    assertThat(cli.run("replay", file, "--speed", "1000", "--priority", "user", "--type=spin"))
        .isZero();
    assertThat(payloads()).containsExactly("10000", "20000", "30000", "40000");
    assertThat(cli.plm.allTasks()).extracting(Task::getPriority).containsExactly(4, 3, 2, 1);
    assertThat(cli.plm.allTasks()).extracting(Task::getType).containsOnly("spin");
    assertThat(cli.out)
        .contains("t.swf: 4 tasks")
        .contains("bounded slowdown")
        .contains("makespan");
  }

  @Test
  void reportsInJsonAndWritesLinesAndPlots() throws IOException {
    Path csv = folder.resolve("t.csv");
    Path plots = folder.resolve("plots");
    assertThat(
            cli.run(
                "replay",
                swf.toString(),
                "--speed=1000",
                "--run-speed=100",
                "--jobs=3",
                "--json",
                "--csv=" + csv,
                "--plots=" + plots))
        .isZero();
    JsonObject json = cli.json();
    assertThat(json.get("format").getAsString()).isEqualTo("swf");
    assertThat(json.get("tasks").getAsInt()).isEqualTo(3);
    assertThat(json.get("left_out").getAsInt()).isEqualTo(1);
    assertThat(json.get("succeeded").getAsInt()).isEqualTo(3);
    assertThat(json.get("work_s").getAsDouble()).isEqualTo(0.6);
    assertThat(json.getAsJsonObject("arrivals").get("intended_per_s").getAsDouble())
        .isEqualTo(1_000);
    assertThat(json.getAsJsonObject("wait").get("max_us").getAsDouble()).isNotNegative();
    assertThat(json.getAsJsonObject("bounded_slowdown").get("p50").getAsDouble()).isEqualTo(1);
    assertThat(Files.readAllLines(csv)).hasSize(4);
    assertThat(plots.resolve("slowdown.svg")).isNotEmptyFile();
  }

  @Test
  void submitsAWorkflowAsOneGraph() {
    assertThat(cli.run("replay", workflow.toString(), "--release=server", "--speed=1000", "--json"))
        .isZero();
    assertThat(payloads()).containsExactly("1000", "2000", "3000", "4000");
    assertThat(cli.plm.allSpecs())
        .extracting(spec -> spec.getDependsOnList().stream().map(Dependency::getIndex).toList())
        .containsExactly(List.of(), List.of(0), List.of(0), List.of(1, 2));
    assertThat(cli.json().get("succeeded").getAsInt()).isEqualTo(4);
    assertThat(cli.json().get("not_run").getAsInt()).isZero();
  }

  @Test
  void tellsWhatTheServerCancelledSinceAnotherFailed() {
    cli.plm.handler(
        spec ->
            switch (spec.getPayload().toStringUtf8()) {
              case "2000" -> end(TaskState.TASK_STATE_FAILED, "it broke");
              case "4000" -> end(TaskState.TASK_STATE_CANCELLED, "another one failed");
              default -> FakePlm.echo(spec);
            });
    assertThat(cli.run("replay", workflow.toString(), "--release=server", "--speed=1000", "--json"))
        .isEqualTo(5);
    assertThat(cli.json().get("succeeded").getAsInt()).isEqualTo(2);
    assertThat(cli.json().get("failed").getAsInt()).isEqualTo(1);
    assertThat(cli.json().get("not_run").getAsInt()).isEqualTo(1);
  }

  private static TaskResult.Builder end(TaskState state, String error) {
    return TaskResult.newBuilder().setState(state).setError(error);
  }

  @Test
  void tellsWhyAGraphIsRefused() {
    cli.plm.refuser(
        spec ->
            Refusal.newBuilder()
                .setCode(3)
                .setReason(spec.getDependsOnCount() == 0 ? "ATOMIC_REFUSED" : "FIELD_INVALID")
                .setMessage("field=depends_on"));
    assertThat(cli.run("replay", workflow.toString(), "--release=server", "--speed=1000"))
        .isEqualTo(2);
    assertThat(cli.err).contains("field=depends_on [FIELD_INVALID]");
  }

  @Test
  void releasesTheTasksOfAWorkflowItselfIfAsked() {
    String file = workflow.toString();
    assertThat(cli.run("replay", file, "--speed=1000", "--json", "--release=client")).isZero();
    assertThat(payloads()).containsExactly("1000", "2000", "3000", "4000");
    assertThat(cli.plm.allSpecs()).allMatch(spec -> spec.getDependsOnCount() == 0);
  }

  @Test
  void submitsNothingThatComesAfterAFailure() {
    cli.plm.handler(
        spec ->
            spec.getPayload().toStringUtf8().equals("2000")
                ? end(TaskState.TASK_STATE_FAILED, "it broke")
                : FakePlm.echo(spec));
    String file = workflow.toString();
    assertThat(cli.run("replay", file, "--speed=1000", "--json", "--release=client")).isEqualTo(5);
    assertThat(payloads()).containsExactly("1000", "2000", "3000");
    assertThat(cli.json().get("not_run").getAsInt()).isEqualTo(1);
    assertThat(cli.err).contains("1 tasks did not run").contains("it broke");
  }

  @Test
  void namesBadLinesAndLeavesThemOutOrEndsAsAsked() throws IOException {
    Files.writeString(swf, "5 6 seven\n" + Files.readString(swf));
    assertThat(cli.run("replay", swf.toString(), "--dry-run")).isEqualTo(2);
    assertThat(cli.err).contains("t.swf:1: ").contains("--on-bad-line skip");
    assertThat(cli.run("replay", swf.toString(), "--dry-run", "--on-bad-line", "skip")).isZero();
    assertThat(cli.err).contains("left out: t.swf:1: ");
    assertThat(cli.out).contains("4 tasks").contains("1 bad lines");
    assertThat(cli.plm.taskCount()).isZero();
  }

  @Test
  void refusesWhatItCannotDo() {
    String file = swf.toString();
    assertThat(cli.run("replay", file, "--priority=colour")).isEqualTo(2);
    assertThat(cli.err).contains("priority=colour").contains("user");
    assertThat(cli.run("replay", file, "--priority=9999999999")).isEqualTo(2);
    assertThat(cli.run("replay", file, "--speed=0")).isEqualTo(2);
    assertThat(cli.run("replay", file, "--from=3s", "--until=2s")).isEqualTo(2);
    assertThat(cli.run("replay", file, "--from=1h")).isEqualTo(2);
    assertThat(cli.err).contains("nothing to replay");
    assertThat(cli.run("replay", folder.resolve("none.swf").toString())).isEqualTo(2);
    assertThat(cli.run("replay", folder.toString())).isEqualTo(2);
  }
}
