package io.tidemill.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import com.google.protobuf.ByteString;
import io.tidemill.client.FakePlm;
import io.tidemill.rpc.TaskIds;
import io.tidemill.v1.EmittedPart;
import io.tidemill.v1.Reason;
import io.tidemill.v1.ReasonKind;
import io.tidemill.v1.Refusal;
import io.tidemill.v1.TaskResult;
import io.tidemill.v1.TaskSpec;
import io.tidemill.v1.TaskState;
import io.tidemill.v1.UniqueUntil;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class TaskCommandsTest {
  private static final String UNKNOWN_ID = "00000000000000ff";

  private final CliFixture cli = new CliFixture();

  @TempDir Path folder;

  @AfterEach
  void close() {
    cli.close();
  }

  private String submitted(String... more) {
    assertThat(cli.run(join("task", "submit", "--type", "echo", "--payload", "hello", more)))
        .isZero();
    return cli.out.strip();
  }

  private static String[] join(
      String a, String b, String c, String d, String e, String f, String... more) {
    List<String> all = new ArrayList<>(List.of(a, b, c, d, e, f));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  private static TaskResult.Builder failure() {
    return TaskResult.newBuilder().setState(TaskState.TASK_STATE_FAILED).setError("it broke");
  }

  @Test
  void printsIdOfSubmittedTask() {
    assertThat(submitted()).matches("[0-9a-f]{16}");
    assertThat(cli.err).isEmpty();
  }

  @Test
  void printsSubmissionAsJson() {
    cli.run("task", "submit", "--type", "echo", "--payload", "x", "--request-id", "r");
    assertThat(
            cli.run(
                "task",
                "submit",
                "--json",
                "--type",
                "echo",
                "--payload",
                "x",
                "--request-id",
                "r"))
        .isZero();
    JsonObject json = cli.json();
    assertThat(json.get("id").getAsString()).hasSize(16);
    assertThat(json.get("duplicate").getAsBoolean()).isTrue();
    assertThat(json.get("durability").getAsString()).isEqualTo("PROCESS");
  }

  @Test
  void printsResultWhenItWaits() {
    assertThat(submitted("--wait")).isEqualTo("hello");
  }

  @Test
  void takesPayloadFromFileAndStdin() throws Exception {
    Path file = Files.writeString(folder.resolve("f"), "from file");
    assertThat(cli.run("task", "submit", "--type", "echo", "--file", file.toString(), "--wait"))
        .isZero();
    assertThat(cli.out.strip()).isEqualTo("from file");
    cli.stdin = "from stdin";
    assertThat(cli.run("task", "submit", "--type", "echo", "-", "--wait")).isZero();
    assertThat(cli.out.strip()).isEqualTo("from stdin");
  }

  @Test
  void passesPriorityLimitsAndDurability() {
    submitted("--priority", "-7", "--max-attempts", "3", "--durability", "disk");
    assertThat(cli.plm.allTasks().get(0).getPriority()).isEqualTo(-7);
  }

  @Test
  void takesPrioritiesByName() {
    String id = submitted("--priority", "Urgent");
    assertThat(cli.plm.allTasks().get(0).getPriority()).isEqualTo(1_000);
    assertThat(cli.run("task", "get", id)).isZero();
    assertThat(cli.out).contains("1000 (urgent)");
    assertThat(cli.run("task", "list")).isZero();
    assertThat(cli.out).contains("1000 (urgent)");
    assertThat(cli.run("task", "get", id, "--json")).isZero();
    assertThat(cli.json().get("priority").getAsInt()).isEqualTo(1_000);
  }

  @Test
  void changesThePrioritiesOfTasksThatWait() {
    String ended = submitted();
    cli.plm.endsAtOnce(false);
    String one = submitted();
    String other = submitted();
    assertThat(cli.run("task", "priority", one, other, "--to", "high")).isZero();
    assertThat(cli.out.lines())
        .containsExactly(one + " READY priority 100 (high)", other + " READY priority 100 (high)");
    assertThat(cli.run("task", "priority", one, "--to", "-5", "--json")).isZero();
    assertThat(cli.json().get("priority").getAsInt()).isEqualTo(-5);
    assertThat(cli.json().get("durability").getAsString()).isEqualTo("PROCESS");

    assertThat(cli.run("task", "priority", ended, other, "--to", "7")).isNotZero();
    assertThat(cli.err).contains("SUCCEEDED").contains("TASK_NOT_WAITING");
    assertThat(cli.out.strip()).isEqualTo(other + " READY priority 7");
    assertThat(cli.run("task", "priority", UNKNOWN_ID, "--to", "7")).isEqualTo(3);
    assertThat(cli.run("task", "priority", one, "--to", "soon")).isEqualTo(2);
    assertThat(cli.err).contains("value='soon'");
    assertThat(cli.run("task", "priority", one)).isEqualTo(2);
  }

  @Test
  void endsWithFiveWhenAwaitedTaskFails() {
    cli.plm.handler(spec -> failure());
    assertThat(cli.run("task", "submit", "--type", "echo", "--payload", "x", "--wait"))
        .isEqualTo(5);
    assertThat(cli.out).isEmpty();
    assertThat(cli.err).contains("FAILED").contains("it broke");
  }

  @Test
  void endsWithSixWhenTimeIsOver() {
    cli.plm.endsAtOnce(false);
    assertThat(
            cli.run(
                "task",
                "submit",
                "--type",
                "echo",
                "--payload",
                "x",
                "--wait",
                "--wait-timeout",
                "100ms"))
        .isEqualTo(6);
    assertThat(cli.err).contains("time over");
  }

  @Test
  void accountsForManyInOneJsonObject() {
    assertThat(
            cli.run(
                "task", "submit", "--type", "echo", "--payload", "x", "--count", "5000", "--json"))
        .isZero();
    JsonObject json = cli.json();
    assertThat(json.get("submitted").getAsLong()).isEqualTo(5000);
    assertThat(json.get("accepted").getAsLong()).isEqualTo(5000);
    assertThat(json.get("succeeded").getAsLong()).isEqualTo(5000);
    assertThat(json.get("failed").getAsLong()).isZero();
    assertThat(json.get("lost").getAsLong()).isZero();
    assertThat(json.get("duplicated").getAsLong()).isZero();
    assertThat(json.get("seconds").getAsDouble()).isPositive();
    assertThat(json.get("tasks_per_s").getAsDouble()).isPositive();
    assertThat(json.keySet()).contains("p50_us", "p95_us", "p99_us", "max_us");
    assertThat(cli.plm.taskCount()).isEqualTo(5000);
  }

  @Test
  void losesNothingOfManyWhenStreamsBreak() {
    cli.plm.breakAfterAccepted(700);
    assertThat(
            cli.run(
                "task", "submit", "--type", "echo", "--payload", "x", "--count", "5000", "--json"))
        .isZero();
    assertThat(cli.json().get("succeeded").getAsLong()).isEqualTo(5000);
    assertThat(cli.json().get("duplicated").getAsLong()).isZero();
    assertThat(cli.plm.taskCount()).isEqualTo(5000);
  }

  @Test
  void countsLostOnesWhenTimeIsOver() {
    cli.plm.endsAtOnce(false);
    assertThat(
            cli.run(
                "task",
                "submit",
                "--type",
                "echo",
                "--payload",
                "x",
                "--count",
                "10",
                "--json",
                "--wait-timeout",
                "300ms"))
        .isEqualTo(6);
    assertThat(cli.json().get("accepted").getAsLong()).isEqualTo(10);
    assertThat(cli.json().get("lost").getAsLong()).isEqualTo(10);
  }

  @Test
  void countsFailedOnes() {
    cli.plm.handler(
        spec -> spec.getPayload().toStringUtf8().equals("bad") ? failure() : FakePlm.echo(spec));
    cli.stdin = "good\nbad\ngood\n";
    assertThat(cli.run("task", "submit", "--type", "echo", "--stdin-lines", "--json")).isEqualTo(5);
    assertThat(cli.json().get("succeeded").getAsLong()).isEqualTo(2);
    assertThat(cli.json().get("failed").getAsLong()).isEqualTo(1);
    assertThat(cli.err).contains("it broke");
  }

  @Test
  void endsAtAcknowledgementsWithoutWaiting() {
    cli.plm.endsAtOnce(false);
    assertThat(
            cli.run(
                "task",
                "submit",
                "--type",
                "echo",
                "--payload",
                "x",
                "--count",
                "300",
                "--no-wait",
                "--json"))
        .isZero();
    assertThat(cli.json().get("accepted").getAsLong()).isEqualTo(300);
    assertThat(cli.json().get("lost").getAsLong()).isZero();
    assertThat(cli.json().get("p50_us").getAsLong()).isPositive();
  }

  @Test
  void summarisesManyForPeople() {
    assertThat(cli.run("task", "submit", "--type", "echo", "--payload", "x", "--count", "50"))
        .isZero();
    assertThat(cli.out).contains("submitted 50").contains("tasks/s").contains("p99");
  }

  @Test
  void givesEachOfManyItsOwnRequestId() {
    for (int i = 0; i < 2; i++) {
      cli.run(
          "task",
          "submit",
          "--type",
          "echo",
          "--payload",
          "x",
          "--count",
          "20",
          "--request-id",
          "r");
    }
    assertThat(cli.plm.taskCount()).isEqualTo(20);
  }

  @Test
  void keepsLedgerOfWhatWasPromisedAndTold() throws Exception {
    Path ledger = folder.resolve("ledger");
    assertThat(
            cli.run(
                "task",
                "submit",
                "--type",
                "echo",
                "--payload",
                "x",
                "--count",
                "3",
                "--ledger",
                ledger.toString()))
        .isZero();
    List<String> lines = Files.readAllLines(ledger);
    String id = TaskIds.format(cli.plm.allTasks().get(0).getTaskId());
    assertThat(lines).hasSize(7).contains("A " + id, "R " + id + " SUCCEEDED");
    assertThat(lines.get(6)).isEqualTo("S 3");
  }

  @Test
  void surfacesRefusalAsBadInput() {
    cli.plm.refuser(
        spec ->
            Refusal.newBuilder()
                .setReason("TYPE_INVALID")
                .setMessage("bad type: type=a b")
                .setCode(3));
    assertThat(cli.run("task", "submit", "--type", "a b", "--payload", "x")).isEqualTo(2);
    assertThat(cli.err).contains("bad type: type=a b").contains("TYPE_INVALID");
    assertThat(cli.run("task", "submit", "--type", "a b", "--payload", "x", "--count", "5"))
        .isEqualTo(2);
    assertThat(cli.err).contains("bad type: type=a b");
  }

  @Test
  void refusesWrongUse() {
    assertThat(cli.run("task", "submit", "--payload", "x")).isEqualTo(2);
    assertThat(cli.err).contains("--type");
    assertThat(cli.run("task", "submit", "--type", "echo")).isEqualTo(2);
    assertThat(cli.err).contains("payload is missing");
    assertThat(cli.run("task", "submit", "--type", "echo", "--payload", "x", "--count", "0"))
        .isEqualTo(2);
    assertThat(cli.run("task", "submit", "--type", "echo", "--payload", "x", "--priority", "hi"))
        .isEqualTo(2);
    assertThat(cli.err).contains("value='hi'").contains("urgent");
    assertThat(cli.run("task", "submit", "--type", "echo", "--payload", "x", "--file", "y"))
        .isEqualTo(2);
    assertThat(cli.run("task", "submit", "--type", "echo", "--file", "/nonexistent")).isEqualTo(2);
    assertThat(cli.err).contains("no such file");
  }

  @Test
  void refusesFileThatIsLongerThanServerReads() throws Exception {
    Path file = Files.write(folder.resolve("long"), new byte[9 * 1024 * 1024]);
    assertThat(cli.run("task", "submit", "--type", "echo", "--file", file.toString())).isEqualTo(2);
    assertThat(cli.err).contains("a message is too long");
  }

  @Test
  void showsTaskAsTextAndJson() {
    String id = submitted();
    assertThat(cli.run("task", "get", id)).isZero();
    assertThat(cli.out).contains("SUCCEEDED").contains("hello").contains(id);
    assertThat(cli.run("task", "get", id, "--json")).isZero();
    JsonObject json = cli.json();
    assertThat(json.get("id").getAsString()).isEqualTo(id);
    assertThat(json.get("type").getAsString()).isEqualTo("echo");
    assertThat(json.get("state").getAsString()).isEqualTo("SUCCEEDED");
    assertThat(json.get("attempt").getAsInt()).isEqualTo(1);
    assertThat(json.get("worker").getAsString()).isEqualTo("w1");
    assertThat(json.get("result").getAsString()).isEqualTo("hello");
    assertThat(json.get("submitted_ms").getAsLong()).isPositive();
    assertThat(json.keySet())
        .contains(
            "priority",
            "error",
            "assigned_ms",
            "started_ms",
            "ended_ms",
            "lease",
            "note",
            "progress");
  }

  /** What a worker says could move the cursor, or worse. */
  @Test
  void keepsControlCharactersOfAResultOffTheTerminal() {
    cli.plm.handler(
        spec ->
            TaskResult.newBuilder()
                .setState(TaskState.TASK_STATE_SUCCEEDED)
                .setResult(ByteString.copyFromUtf8("one\n\u001b[2Jtwo")));
    assertThat(cli.run("task", "get", submitted())).isZero();
    assertThat(cli.out).contains("one\n [2Jtwo").doesNotContain("\u001b");
  }

  @Test
  void showsResultThatIsNoTextAsBase64() {
    cli.plm.handler(
        spec ->
            TaskResult.newBuilder()
                .setState(TaskState.TASK_STATE_SUCCEEDED)
                .setResult(ByteString.copyFrom(new byte[] {(byte) 0xff, 0})));
    String id = submitted();
    cli.run("task", "get", id, "--json");
    assertThat(cli.json().get("result").isJsonNull()).isTrue();
    assertThat(cli.json().get("result_base64").getAsString()).isEqualTo("/wA=");
    cli.run("task", "get", id);
    assertThat(cli.out).contains("2 bytes that are no text");
  }

  @Test
  void endsWithThreeWhenTaskIsNotKnown() {
    assertThat(cli.run("task", "get", UNKNOWN_ID)).isEqualTo(3);
    assertThat(cli.err).contains("no such task").contains("TASK_UNKNOWN");
    assertThat(cli.run("task", "wait", UNKNOWN_ID)).isEqualTo(3);
    assertThat(cli.run("task", "cancel", UNKNOWN_ID)).isEqualTo(3);
  }

  @Test
  void endsWithTwoWhenIdIsMalformed() {
    assertThat(cli.run("task", "get", "xyz")).isEqualTo(2);
    assertThat(cli.err).contains("not a task id");
  }

  @Test
  void waitsForTask() {
    String id = submitted();
    assertThat(cli.run("task", "wait", id)).isZero();
    assertThat(cli.out).contains("SUCCEEDED");
    cli.plm.handler(spec -> failure());
    String failing = submitted();
    assertThat(cli.run("task", "wait", failing, "--json")).isEqualTo(5);
    assertThat(cli.json().get("state").getAsString()).isEqualTo("FAILED");
    cli.plm.endsAtOnce(false);
    String waiting = submitted();
    assertThat(cli.run("task", "wait", waiting, "--wait-timeout", "50ms")).isEqualTo(6);
  }

  @Test
  void saysWhyTheWaitIsLong() throws Exception {
    cli.plm.endsAtOnce(false);
    cli.plm.reason(
        Reason.newBuilder()
            .setKind(ReasonKind.REASON_KIND_NO_WORKER_FOR_TYPE)
            .setText("none of 2 workers handles echo")
            .setRemedy("start one that does")
            .build());
    CompletableFuture<Integer> exit =
        CompletableFuture.supplyAsync(
            () -> cli.run("task", "submit", "--type", "echo", "--payload", "hello", "--wait"));
    await()
        .atMost(Duration.ofSeconds(60))
        .until(cli::saidSoFar, said -> said.contains("still waiting"));
    cli.plm.endAll();
    assertThat(exit.get(60, TimeUnit.SECONDS)).isZero();
    assertThat(cli.err)
        .isEqualToIgnoringNewLines(
            "tidemill: still waiting: none of 2 workers handles echo; changed by: start one that"
                + " does");
    assertThat(cli.out.strip()).isEqualTo("hello");
  }

  private static EmittedPart part(int lease, long position, long lost, byte[] data) {
    return EmittedPart.newBuilder()
        .setAttempt(lease)
        .setLease(lease)
        .setPosition(position)
        .setLostBytes(lost)
        .setData(ByteString.copyFrom(data))
        .build();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void followsATaskToItsEnd() {
    String id = submitted();
    byte[] umlaut = utf8("\u00fc\n");
    cli.plm.emitted(
        part(1, 0, 0, utf8("one ")),
        part(1, 4, 0, new byte[] {umlaut[0]}),
        part(1, 5, 0, new byte[] {umlaut[1], umlaut[2]}),
        part(2, 10, 10, utf8("two\n")));
    assertThat(cli.run("task", "follow", id)).isZero();
    assertThat(cli.out).isEqualTo("one \u00fc\ntwo\n");
    assertThat(cli.err)
        .contains("begun anew: attempt 2")
        .contains("lost: 10 bytes")
        .contains("SUCCEEDED");
    assertThat(cli.run("task", "follow", id, "--json")).isZero();
    List<JsonObject> lines = cli.jsonLines();
    assertThat(lines.stream().map(line -> line.get("event").getAsString()))
        .containsExactly("changed", "part", "part", "part", "part", "ended");
    assertThat(lines.get(2).get("data_base64").getAsString()).isEqualTo("ww==");
    assertThat(lines.get(4).get("lost_bytes").getAsLong()).isEqualTo(10);
    assertThat(lines.get(5).getAsJsonObject("task").get("id").getAsString()).isEqualTo(id);
    assertThat(cli.run("task", "follow", UNKNOWN_ID)).isEqualTo(3);
  }

  @Test
  void followsWhatItSubmits() {
    cli.plm.handler(spec -> failure());
    cli.plm.emitted(part(1, 0, 0, utf8("a line\n")));
    assertThat(cli.run("task", "submit", "--type", "exec", "--payload", "[\"false\"]", "--follow"))
        .isEqualTo(5);
    assertThat(cli.out).isEqualTo("a line\n");
    assertThat(cli.err).contains("FAILED").contains("it broke");
    assertThat(
            cli.run("task", "submit", "--type", "t", "--payload", "x", "--follow", "--count", "2"))
        .isEqualTo(2);
    assertThat(cli.err).contains("--follow is for one task");
  }

  @Test
  void saysWhatAUniqueKeyIsHeldFor() {
    String[] start = {"task", "submit", "--type", "t", "--payload", "x"};
    assertThat(cli.run(with(start, "--unique-until", "start"))).isEqualTo(2);
    assertThat(cli.err).contains("give --unique KEY");
    assertThat(
            cli.run(with(start, "--unique", "k", "--unique-until", "start", "--unique-for", "1m")))
        .isEqualTo(2);
    assertThat(cli.err).contains("exclude each other");
    assertThat(
            cli.run(with(start, "--unique", "k", "--unique-for", "90s", "--affinity", "cache:1")))
        .isZero();
    TaskSpec spec = cli.plm.lastSpec();
    assertThat(spec.getUniqueKey()).isEqualTo("k");
    assertThat(spec.getUniqueForMs()).isEqualTo(90_000);
    assertThat(spec.getAffinityKey()).isEqualTo("cache:1");
    assertThat(cli.run(with(start, "--unique", "k", "--unique-until", "START"))).isZero();
    assertThat(cli.plm.lastSpec().getUniqueUntil()).isEqualTo(UniqueUntil.UNIQUE_UNTIL_START);
  }

  private static String[] with(String[] first, String... more) {
    List<String> all = new ArrayList<>(List.of(first));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  @Test
  void listsTasksByStateAndType() {
    submitted();
    cli.plm.endsAtOnce(false);
    String ready = submitted();
    assertThat(cli.run("task", "list")).isZero();
    assertThat(cli.out.lines()).hasSize(3);
    assertThat(cli.run("task", "list", "--state", "ready,running", "--json")).isZero();
    assertThat(cli.jsonLines()).hasSize(1);
    assertThat(cli.json().get("id").getAsString()).isEqualTo(ready);
    assertThat(cli.run("task", "list", "--type", "other")).isZero();
    assertThat(cli.out).isEmpty();
    assertThat(cli.run("task", "list", "--limit", "1", "--json")).isZero();
    assertThat(cli.jsonLines()).hasSize(1);
    assertThat(cli.run("task", "list", "--limit", "0", "--json")).isZero();
    assertThat(cli.jsonLines()).hasSize(2);
    assertThat(cli.run("task", "list", "--state", "SLEEPING")).isEqualTo(2);
    assertThat(cli.err).contains("no such state").contains("one of WAITING, READY, ASSIGNED");
  }

  @Test
  void findsTasksByTimesAndErrors() {
    submitted();
    assertThat(cli.run("task", "list", "--submitted-after", "1h", "--json")).isZero();
    assertThat(cli.out).isEmpty();
    assertThat(cli.run("task", "list", "--submitted-after", "2020-01-01T00:00:00Z", "--json"))
        .isZero();
    assertThat(cli.jsonLines()).hasSize(1);
    assertThat(cli.run("task", "list", "--error", "nobody", "--json")).isZero();
    assertThat(cli.out).isEmpty();
    assertThat(cli.run("task", "list", "--ended-after", "soon")).isEqualTo(2);
    assertThat(cli.err).contains("ended-after='soon'").contains("1h (ago)");
  }

  @Test
  void countsTasksByState() {
    submitted();
    cli.plm.endsAtOnce(false);
    submitted();
    submitted();
    assertThat(cli.run("task", "count")).isZero();
    assertThat(cli.out).contains("READY").contains("SUCCEEDED").contains("total");
    assertThat(cli.run("task", "count", "--json")).isZero();
    assertThat(cli.json().get("READY").getAsLong()).isEqualTo(2);
    assertThat(cli.json().get("SUCCEEDED").getAsLong()).isEqualTo(1);
    assertThat(cli.json().get("DEAD").getAsLong()).isZero();
    assertThat(cli.json().get("total").getAsLong()).isEqualTo(3);
    assertThat(cli.run("task", "count", "--state", "READY", "--json")).isZero();
    assertThat(cli.json().get("total").getAsLong()).isEqualTo(2);
  }

  @Test
  void cancelsTheOthersThoughOneIsNotKnown() {
    cli.plm.endsAtOnce(false);
    String id = submitted();
    assertThat(cli.run("task", "cancel", UNKNOWN_ID, id)).isEqualTo(3);
    assertThat(cli.out.strip()).isEqualTo(id + " CANCELLED");
    assertThat(cli.err).contains("TASK_UNKNOWN");
  }

  @Test
  void cancelsTask() {
    cli.plm.endsAtOnce(false);
    String id = submitted();
    assertThat(cli.run("task", "cancel", id, "--reason", "why not")).isZero();
    assertThat(cli.out).contains(id + " CANCELLED");
    assertThat(cli.run("task", "cancel", id, "--json")).isZero();
    assertThat(cli.json().get("state").getAsString()).isEqualTo("CANCELLED");
    assertThat(cli.json().get("error").getAsString()).isEqualTo("why not");
    assertThat(cli.json().get("requested").getAsBoolean()).isFalse();
  }

  @Test
  void endsWithFourWhenServerIsNotThere() {
    cli.plm.kill();
    String[][] commands = {
      {"task", "get", UNKNOWN_ID},
      {"task", "submit", "--type", "echo", "--payload", "x"},
      {"task", "submit", "--type", "echo", "--payload", "x", "--count", "2"},
      {"stats"},
      {"worker", "list"},
      {"top", "--once"}
    };
    for (String[] command : commands) {
      List<String> args = new ArrayList<>(List.of(command));
      args.addAll(
          List.of(
              "--plm",
              cli.plm.address(),
              "--register",
              cli.plm.address(),
              "--connect-timeout",
              "200ms"));
      assertThat(cli.runBare(args.toArray(String[]::new))).isEqualTo(4);
      assertThat(cli.err + cli.out).contains("cannot reach").contains(cli.plm.address());
    }
  }
}
