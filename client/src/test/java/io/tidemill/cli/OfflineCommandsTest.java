package io.tidemill.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.tidemill.shm.config.Settings;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.instance.Journals;
import io.tidemill.shm.journal.Journal;
import io.tidemill.shm.journal.OutcomeEncoder;
import io.tidemill.shm.journal.RecordEncoder;
import io.tidemill.shm.journal.RunWriter;
import io.tidemill.shm.journal.SubmissionEncoder;
import io.tidemill.shm.region.Role;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OfflineCommandsTest {
  private static final long TASK = TaskId.of(1, 1, 0);
  private static final String TASK_TEXT = String.format("%016x", TASK);

  @TempDir Path temp;
  private final CliFixture cli = new CliFixture();
  private String data;

  @BeforeEach
  void stoppedInstance() throws IOException {
    Path folder = temp.resolve("data");
    data = folder.toString();
    Settings settings = Settings.load(Map.of("tasks.max", "1000"), Map.of(), folder);
    try (Instance instance = Instance.enter(folder, settings, Role.PLM);
        Journal submissions = Journals.write(instance.dir().submissions(), settings, 0);
        Journal outcomes = Journals.write(instance.dir().outcomes(), settings, 0)) {
      append(submissions, 1, new SubmissionEncoder().task(TASK, 1_000, "echo", 0));
      append(
          outcomes,
          2,
          new OutcomeEncoder().task(TASK, 1, (byte) TaskState.SUCCEEDED.number(), 2_000, "w1"));
      instance.control().errors().record(Role.PLM, "it\u001b[31m broke", 5_000);
    }
  }

  @AfterEach
  void close() {
    cli.close();
  }

  @Test
  void inspectsForPeople() {
    assertThat(cli.runBare("inspect", data)).isZero();
    assertThat(cli.out)
        .contains("(this boot)")
        .contains("Slots by state")
        .contains("submissions")
        .contains("Findings: none")
        .as("control characters do not reach the terminal")
        .doesNotContain("\u001b");
  }

  @Test
  void inspectsForPrograms() {
    assertThat(cli.runBare("inspect", "--data", data, "--json")).isZero();
    JsonObject json = cli.json();
    assertThat(json.getAsJsonObject("header").get("this_boot").getAsBoolean()).isTrue();
    assertThat(json.getAsJsonObject("slots").get("FREE").getAsLong()).isEqualTo(1_000);
    assertThat(json.getAsJsonObject("counters").get("accepted").getAsLong()).isZero();
    JsonObject plm = json.getAsJsonArray("processes").get(0).getAsJsonObject();
    assertThat(plm.get("role").getAsString()).isEqualTo("plm");
    assertThat(plm.get("alive").getAsBoolean()).isFalse();
    assertThat(plm.has("started_ms")).isTrue();
    JsonObject error = json.getAsJsonArray("errors").get(0).getAsJsonObject();
    assertThat(error.get("role").getAsString()).isEqualTo("plm");
    assertThat(json.getAsJsonArray("journals").get(0).getAsJsonObject().get("records").getAsInt())
        .isEqualTo(1);
  }

  @Test
  void saysWhyItCannotInspect() throws IOException {
    assertThat(cli.runBare("inspect", temp.resolve("none").toString())).isEqualTo(2);
    assertThat(cli.err).contains("there is no such folder");
    assertThat(cli.runBare("inspect", temp.toString())).isEqualTo(1);
    assertThat(cli.err).contains("no instance here").doesNotContain("Exception");
    Files.write(Path.of(data, "shm", "tasks"), new byte[100]);
    assertThat(cli.runBare("inspect", data)).isEqualTo(1);
    assertThat(cli.err).contains("shm/tasks").doesNotContain("Exception");
    assertThat(cli.runBare("inspect", data, "--tasks", "-1")).isEqualTo(2);
  }

  @Test
  void auditsALedger() throws IOException {
    Path ledger = temp.resolve("ledger");
    Files.writeString(ledger, "A " + TASK_TEXT + "\nR " + TASK_TEXT + " SUCCEEDED\nS 1\n");
    assertThat(cli.runBare("audit", "--data", data, "--ledger", ledger.toString(), "--json"))
        .isZero();
    JsonObject json = cli.json();
    for (String figure : new String[] {"submitted", "accepted", "completed"}) {
      assertThat(json.get(figure).getAsLong()).as(figure).isEqualTo(1);
    }
    for (String figure :
        new String[] {
          "pending",
          "lost",
          "recorded_twice",
          "results_wrong",
          "results_missing",
          "duplicated",
          "unverifiable",
          "longest_stall_ms"
        }) {
      assertThat(json.has(figure)).as(figure).isTrue();
    }
    assertThat(json.get("clean").getAsBoolean()).isTrue();
  }

  @Test
  void failsWhenTheAccountIsNotClean() throws IOException {
    Path ledger = temp.resolve("ledger");
    Files.writeString(ledger, "A " + String.format("%016x", TaskId.of(1, 1, 5)) + "\nS 1\n");
    assertThat(cli.runBare("audit", "--data", data, "--ledger", ledger.toString())).isEqualTo(1);
    assertThat(cli.out).contains("lost").contains("should be 0").contains("NOT clean");
  }

  @Test
  void refusesToAuditWithoutALedger() {
    assertThat(cli.runBare("audit", "--data", data)).isEqualTo(2);
    assertThat(cli.runBare("audit", "--data", data, "--ledger", "/nonexistent")).isEqualTo(2);
    assertThat(cli.err).contains("there is no such ledger");
  }

  @Test
  void backsUpAndRestores() {
    String backup = temp.resolve("backup").toString();
    String restored = temp.resolve("restored").toString();
    assertThat(cli.runBare("backup", "--data", data, "--to", backup, "--json")).isZero();
    assertThat(cli.json().get("submissions").getAsLong()).isEqualTo(1);
    assertThat(cli.runBare("backup", "--data", data, "--to", backup)).isEqualTo(1);
    assertThat(cli.err).contains("exists already");
    assertThat(cli.runBare("restore", "--from", backup)).isEqualTo(2);
    assertThat(cli.runBare("restore", "--from", backup, "--data", restored)).isZero();
    assertThat(cli.out).contains("restored to " + restored).contains("1 submissions, 1 outcomes");
    assertThat(cli.runBare("restore", "--from", backup, "--data", restored)).isEqualTo(1);
    assertThat(cli.err).contains("not empty");
  }

  private static void append(Journal journal, long sequence, RecordEncoder record) {
    assertThat(journal.reserve(1_000)).isTrue();
    RunWriter run = journal.begin();
    run.append(sequence, record);
    run.commit();
  }
}
