package io.tidemill.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.tidemill.client.FakePlm;
import io.tidemill.v1.Refusal;
import io.tidemill.v1.TaskResult;
import io.tidemill.v1.TaskState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code tidemill workflow submit} and {@code tidemill task dependencies}. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class WorkflowCommandsTest {
  private static final String DIAMOND =
      """
      {"tasks": [
        {"name": "fetch", "type": "echo", "payload": "f"},
        {"name": "left", "type": "echo", "payload": "l", "after": ["fetch"]},
        {"name": "right", "type": "echo", "payload": "bad", "after": ["fetch"], "priority": 10}],
       "then": {"type": "echo", "payload": "t"}}
      """;

  private final CliFixture cli = new CliFixture();

  @TempDir Path folder;

  @AfterEach
  void close() {
    cli.close();
  }

  private String file(String text) {
    try {
      return Files.writeString(folder.resolve("w.json"), text).toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void submitsWholeGraphAndPrintsNamesWithIds() {
    assertThat(cli.run("workflow", "submit", file(DIAMOND))).as(cli.err).isZero();
    List<String> lines = cli.out.lines().toList();
    assertThat(lines).hasSize(5);
    assertThat(lines.get(1)).matches("fetch +[0-9a-f]{16} +[A-Z]+");
    assertThat(lines.get(4)).startsWith("then");
    assertThat(cli.plm.allSpecs()).hasSize(4);
    assertThat(cli.plm.allSpecs().get(2).getPriority()).isEqualTo(10);
    assertThat(cli.plm.allSpecs().get(1).getDependsOn(0).getIndex()).isZero();
    assertThat(cli.plm.allSpecs().get(3).getDependsOnCount()).isEqualTo(3);
  }

  @Test
  void waitsAndEndsWithFiveIfOneDoesNotSucceed() {
    assertThat(cli.run("workflow", "submit", file(DIAMOND), "--wait", "--json")).isZero();
    JsonArray tasks = cli.json().getAsJsonArray("tasks");
    assertThat(tasks).hasSize(4);
    JsonObject first = tasks.get(0).getAsJsonObject();
    assertThat(first.get("name").getAsString()).isEqualTo("fetch");
    assertThat(first.get("state").getAsString()).isEqualTo("SUCCEEDED");
    assertThat(first.get("result").getAsString()).isEqualTo("f");
    cli.plm.handler(
        spec ->
            spec.getPayload().toStringUtf8().equals("bad")
                ? TaskResult.newBuilder().setState(TaskState.TASK_STATE_FAILED).setError("it broke")
                : FakePlm.echo(spec));
    assertThat(cli.run("workflow", "submit", file(DIAMOND), "--wait")).isEqualTo(5);
    assertThat(cli.out).contains("FAILED");
  }

  @Test
  void endsWithSixWhenTimeIsOver() {
    cli.plm.endsAtOnce(false);
    assertThat(cli.run("workflow", "submit", file(DIAMOND), "--wait", "--wait-timeout", "50ms"))
        .isEqualTo(6);
    assertThat(cli.out).contains("READY");
  }

  @Test
  void namesTaskThatWasRefused() {
    cli.plm.refuser(
        spec ->
            spec.getPriority() == 10
                ? Refusal.newBuilder()
                    .setReason("TYPE_INVALID")
                    .setMessage("bad type: type=echo")
                    .setCode(3)
                : null);
    assertThat(cli.run("workflow", "submit", file(DIAMOND))).isEqualTo(2);
    assertThat(cli.err).contains("task=right", "TYPE_INVALID", "bad type: type=echo");
    assertThat(cli.out).isEmpty();
  }

  @Test
  void refusesFilesThatAreNone() {
    assertThat(cli.run("workflow", "submit", folder.resolve("none").toString())).isEqualTo(2);
    assertThat(cli.err).contains("none");
    assertThat(cli.run("workflow", "submit", file("{\"tasks\": ["))).isEqualTo(2);
    assertThat(cli.err).contains("w.json");
    String dangling = "{\"tasks\": [{\"name\": \"a\", \"type\": \"t\", \"after\": [\"b\"]}]}";
    assertThat(cli.run("workflow", "submit", file(dangling))).isEqualTo(2);
    assertThat(cli.err).contains("after").contains("b");
    assertThat(cli.run("workflow", "submit")).isEqualTo(2);
    assertThat(cli.err).contains("FILE");
    assertThat(cli.plm.taskCount()).isZero();
  }

  @Test
  void showsHowFarDependenciesAre() {
    cli.plm.endsAtOnce(false);
    String first = submit();
    String second = submit();
    String child = submit("--after", first, "--after", second, "--after-rule", "all_ended");
    cli.plm.end(
        Long.parseUnsignedLong(first, 16),
        TaskResult.newBuilder().setState(TaskState.TASK_STATE_FAILED));
    assertThat(cli.run("task", "dependencies", child)).isZero();
    List<String> lines = cli.out.lines().toList();
    assertThat(lines.get(0)).isEqualTo("rule all_ended: 1 of 2 ended, 0 succeeded, 1 otherwise");
    assertThat(lines.get(2)).matches(first + " +FAILED");
    assertThat(lines.get(3)).matches(second + " +READY");
    assertThat(cli.run("task", "dependencies", child, "--json")).isZero();
    JsonObject json = cli.json();
    assertThat(json.get("rule").getAsString()).isEqualTo("all_ended");
    assertThat(json.get("total").getAsInt()).isEqualTo(2);
    assertThat(json.get("ended").getAsInt()).isEqualTo(1);
    assertThat(json.get("succeeded").getAsInt()).isZero();
    assertThat(json.get("failed").getAsInt()).isEqualTo(1);
    JsonObject last = json.getAsJsonArray("tasks").get(1).getAsJsonObject();
    assertThat(last.get("id").getAsString()).isEqualTo(second);
    assertThat(last.get("state").getAsString()).isEqualTo("READY");
    assertThat(cli.run("task", "dependencies", "00000000000000ff")).isEqualTo(3);
    assertThat(cli.run("task", "dependencies", "xyz")).isEqualTo(2);
    assertThat(cli.err).contains("xyz");
  }

  private String submit(String... options) {
    List<String> all =
        new java.util.ArrayList<>(List.of("task", "submit", "--type", "echo", "--payload", "x"));
    all.addAll(List.of(options));
    assertThat(cli.run(all.toArray(String[]::new))).as(cli.err).isZero();
    return cli.out.strip();
  }
}
