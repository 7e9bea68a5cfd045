package io.tidemill.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.protobuf.ByteString;
import io.tidemill.cli.text.Style;
import io.tidemill.client.FakeWorkers;
import io.tidemill.v1.TaskResult;
import io.tidemill.v1.TaskSpec;
import io.tidemill.v1.TaskState;
import io.tidemill.v1.WorkerState;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class OtherCommandsTest {
  private final CliFixture cli = new CliFixture();

  @TempDir Path folder;

  @AfterEach
  void close() {
    cli.close();
  }

  // ---- workers

  @Test
  void listsWorkers() {
    assertThat(cli.run("worker", "list", "--alive")).isZero();
    assertThat(cli.out).contains("w1").contains("ALIVE").contains("LATE").doesNotContain("DEAD");
    assertThat(cli.run("worker", "list", "--json")).isZero();
    assertThat(cli.jsonLines()).hasSize(3);
    JsonObject worker = cli.jsonLines().get(0);
    assertThat(worker.get("id").getAsString()).isEqualTo("w1");
    assertThat(worker.get("state").getAsString()).isEqualTo("ALIVE");
    assertThat(worker.get("capacity").getAsInt()).isEqualTo(8);
    assertThat(worker.get("in_flight").getAsInt()).isEqualTo(3);
    assertThat(worker.get("succeeded").getAsLong()).isEqualTo(40);
    assertThat(worker.get("failed").getAsLong()).isEqualTo(2);
    assertThat(worker.get("last_beat_ms").getAsLong()).isEqualTo(120);
  }

  @Test
  void drainsWorker() {
    assertThat(cli.run("worker", "drain", "w1", "--json")).isZero();
    assertThat(cli.json().get("state").getAsString()).isEqualTo("DRAINING");
    assertThat(cli.run("worker", "drain", "nobody")).isEqualTo(3);
    assertThat(cli.err).contains("no such worker");
  }

  // ---- stats and top

  @Test
  void showsStats() {
    assertThat(cli.run("stats")).isZero();
    assertThat(cli.out).contains("accepted").contains("scheduler").contains("READY");
    assertThat(cli.run("stats", "--json")).isZero();
    JsonObject json = cli.json();
    assertThat(json.getAsJsonObject("states").get("READY").getAsLong()).isEqualTo(7);
    assertThat(json.getAsJsonObject("states").get("DEAD").getAsLong()).isZero();
    assertThat(json.get("accepted").getAsLong()).isEqualTo(100);
    assertThat(json.get("recorded").getAsLong()).isEqualTo(93);
    assertThat(json.get("priority_changes").getAsLong()).isEqualTo(4);
    assertThat(json.get("recorded_twice").getAsLong()).isZero();
    assertThat(json.get("inversions").getAsLong()).isZero();
    JsonObject process = json.getAsJsonArray("processes").get(0).getAsJsonObject();
    assertThat(process.get("role").getAsString()).isEqualTo("plm");
    assertThat(process.get("pid").getAsInt()).isEqualTo(11);
    assertThat(process.get("incarnation").getAsLong()).isEqualTo(3);
    assertThat(process.get("state").getAsString()).isEqualTo("ALIVE");
    assertThat(process.get("restarts").getAsLong()).isEqualTo(2);
  }

  @Test
  void showsTopOnce() {
    cli.plm.workers.put(FakeWorkers.worker("w9", WorkerState.WORKER_STATE_DRAINING));
    assertThat(cli.run("top", "--once")).isZero();
    assertThat(cli.out).contains("w9").contains("DRAINING").contains("DEAD").contains("p99");
    assertThat(cli.out).doesNotContain("\u001b");
    assertThat(cli.run("top", "--once", "--json")).isZero();
    assertThat(cli.json().getAsJsonArray("workers")).hasSize(4);
    assertThat(cli.json().getAsJsonObject("stats").get("accepted").getAsLong()).isEqualTo(100);
  }

  @Test
  void saysThatTopNeedsTerminal() {
    assertThat(cli.run("top")).isEqualTo(2);
    assertThat(cli.err).contains("--once");
  }

  // ---- load

  @Test
  void loadsInEachShape() {
    for (String scenario : new String[] {"burst", "gradual", "long", "mixed"}) {
      assertThat(
              cli.run(
                  "load", "--scenario", scenario, "--interval", "1ms", "--rate", "5000", "--json"))
          .isZero();
      assertThat(cli.json().get("scenario").getAsString()).isEqualTo(scenario);
      assertThat(cli.json().get("lost").getAsLong()).isZero();
    }
    JsonObject classes = cli.json().getAsJsonObject("classes");
    assertThat(classes.getAsJsonObject("short").get("succeeded").getAsLong()).isEqualTo(140);
    assertThat(classes.getAsJsonObject("medium").get("succeeded").getAsLong()).isEqualTo(40);
    assertThat(classes.getAsJsonObject("long").get("succeeded").getAsLong()).isEqualTo(20);
  }

  @Test
  void writesLoadAsCsvAndTable() throws Exception {
    Path csv = folder.resolve("load.csv");
    assertThat(
            cli.run(
                "load",
                "--scenario",
                "burst",
                "--count",
                "7",
                "--short-us",
                "30",
                "--csv",
                csv.toString()))
        .isZero();
    assertThat(cli.out).contains("seed").contains("class").contains("short");
    assertThat(Files.readAllLines(csv)).hasSize(8).first().asString().startsWith("number,class");
    assertThat(Files.readAllLines(csv).get(1)).matches("1,short,30,\\d+,\\d+,SUCCEEDED,w1");
    assertThat(cli.plm.allTasks().get(0).getType()).isEqualTo("sleep");
  }

  @Test
  void refusesSenselessLoad() {
    assertThat(cli.run("load", "--scenario", "storm")).isEqualTo(2);
    assertThat(cli.run("load", "--scenario", "burst", "--count", "0")).isEqualTo(2);
    assertThat(cli.run("load", "--scenario", "mixed", "--rate", "0")).isEqualTo(2);
    assertThat(cli.run("load", "--scenario", "mixed", "--count", "1", "--duration", "1s"))
        .isEqualTo(2);
  }

  // ---- demo

  /** Counts as the stock worker does. */
  private static TaskResult.Builder countWords(TaskSpec spec) {
    Map<String, Integer> words = new TreeMap<>();
    int total = 0;
    for (String word : spec.getPayload().toString(StandardCharsets.UTF_8).split("\\s+")) {
      if (!word.isEmpty()) {
        words.merge(word, 1, Integer::sum);
        total++;
      }
    }
    String lines =
        words.entrySet().stream()
            .map(e -> e.getKey() + "\t" + e.getValue())
            .collect(Collectors.joining("\n"));
    return TaskResult.newBuilder()
        .setState(TaskState.TASK_STATE_SUCCEEDED)
        .setWorkerId(spec.getPayload().size() % 2 == 0 ? "w1" : "w2")
        .setResult(ByteString.copyFromUtf8("total\t" + total + "\n" + lines));
  }

  @Test
  void countsWordsOfFilesAndFolders() throws Exception {
    cli.plm.handler(OtherCommandsTest::countWords);
    String text =
        IntStream.range(0, 3000).mapToObj(i -> "word" + i % 7).collect(Collectors.joining(" \n"));
    Files.createDirectory(folder.resolve("d"));
    Files.writeString(folder.resolve("d/a.txt"), text);
    Files.writeString(folder.resolve("d/empty.txt"), "");
    Files.write(folder.resolve("d/binary"), new byte[] {1, 0, 2});
    Path single = Files.writeString(folder.resolve("b.txt"), "one two\tthree");
    assertThat(
            cli.run(
                "demo",
                "wordcount",
                folder.resolve("d").toString(),
                single.toString(),
                "--json",
                "--chunk-bytes",
                "100"))
        .isZero();
    JsonObject json = cli.json();
    assertThat(json.get("words").getAsLong()).isEqualTo(3003);
    assertThat(json.getAsJsonArray("files")).hasSize(3);
    assertThat(json.getAsJsonArray("workers")).hasSize(2);
    JsonObject first = json.getAsJsonArray("frequent").get(0).getAsJsonObject();
    assertThat(first.get("word").getAsString()).isEqualTo("word0");
    assertThat(first.get("count").getAsLong()).isEqualTo(429);
    assertThat(cli.err).contains("binary");
  }

  @Test
  void showsWordCountForPeople() throws Exception {
    cli.plm.handler(OtherCommandsTest::countWords);
    Path file = Files.writeString(folder.resolve("b.txt"), "one two one");
    assertThat(cli.run("demo", "wordcount", file.toString())).isZero();
    assertThat(cli.out)
        .contains("3 words in 1 files")
        .contains("Chunks by worker")
        .contains("p99")
        .contains("ALIVE")
        .contains("Try next");
  }

  @Test
  void saysWhenResultIsNoWordCount() throws Exception {
    Path file = Files.writeString(folder.resolve("b.txt"), "one two one");
    assertThat(cli.run("demo", "wordcount", file.toString())).isEqualTo(5);
    assertThat(cli.err).contains("no word count");
  }

  @Test
  void refusesToCountNothing() {
    assertThat(cli.run("demo", "wordcount", folder.toString())).isEqualTo(2);
    assertThat(cli.run("demo", "wordcount", "/nonexistent")).isEqualTo(2);
  }

  // ---- the tree

  @Test
  void completesForBothShells() {
    assertThat(cli.run("completion", "bash")).isZero();
    assertThat(cli.out).contains("complete -F").contains("scheduler").contains("wordcount");
    assertThat(cli.run("completion", "zsh")).isZero();
    assertThat(cli.out).contains("compinit");
    assertThat(cli.run("completion", "fish")).isEqualTo(2);
  }

  @Test
  void helpsEverywhere() {
    assertThat(cli.runBare("--help")).isZero();
    assertThat(cli.out).contains("Exit codes").contains("supervisor").contains("Examples");
    String[][] commands = {
      {"task"},
      {"task", "submit"},
      {"task", "get"},
      {"task", "wait"},
      {"task", "follow"},
      {"task", "list"},
      {"task", "cancel"},
      {"worker"},
      {"worker", "list"},
      {"worker", "drain"},
      {"top"},
      {"stats"},
      {"load"},
      {"demo"},
      {"demo", "wordcount"},
      {"completion"},
      {"plm"},
      {"worker", "run"}
    };
    for (String[] command : commands) {
      String[] args = Arrays.copyOf(command, command.length + 1);
      args[command.length] = "--help";
      assertThat(cli.runBare(args)).as(String.join(" ", command)).isZero();
      assertThat(cli.out).contains("Example").contains("--help");
    }
  }

  @Test
  void saysWhatToTypeInsteadOfMistypedCommand() {
    assertThat(cli.runBare("tsk", "submit")).isEqualTo(2);
    assertThat(cli.err).contains("Did you mean").contains("task");
    assertThat(cli.runBare("task", "submt")).isEqualTo(2);
    assertThat(cli.err).contains("task submit");
    assertThat(cli.runBare("task")).isEqualTo(2);
    assertThat(cli.err).contains("--help");
    assertThat(cli.runBare()).isEqualTo(2);
  }

  @Test
  void saysThatServersAreStartedElsewhere() {
    assertThat(cli.runBare("plm", "--data", "/d", "--else")).isEqualTo(2);
    assertThat(cli.err).contains("scripts/tidemill plm");
  }

  @Test
  void tellsItsVersion() {
    assertThat(cli.runBare("--version")).isZero();
    assertThat(cli.out).startsWith("tidemill ");
  }

  @Test
  void coloursOnlyTerminalsThatWantIt() {
    Cli.Host terminal =
        new Cli.Host(System.in, null, null, true, true, Map.of("TERM", "xterm"), folder);
    Cli.Host noColour =
        new Cli.Host(System.in, null, null, true, true, Map.of("NO_COLOR", "1"), folder);
    Cli.Host dumb = new Cli.Host(System.in, null, null, true, true, Map.of("TERM", "dumb"), folder);
    Cli.Host pipe = new Cli.Host(System.in, null, null, false, false, Map.of(), folder);
    assertThat(new Cli(terminal).style()).isSameAs(Style.COLOUR);
    assertThat(new Cli(noColour).style()).isSameAs(Style.PLAIN);
    assertThat(new Cli(dumb).style()).isSameAs(Style.PLAIN);
    assertThat(new Cli(dumb).canDraw()).isFalse();
    assertThat(new Cli(pipe).style()).isSameAs(Style.PLAIN);
  }

  @Test
  void keepsWorkerCommandsAndLeavesTheRestToTheWorker() {
    // No worker or server is on this module's class path, so nothing is handed over here.
    assertThat(ServerRole.mainClassFor("worker", "list")).isEmpty();
    assertThat(ServerRole.mainClassFor("worker", "--id", "w")).isEmpty();
    assertThat(ServerRole.mainClassFor()).isEmpty();
  }
}
