package io.tidemill.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.v1.BulkAction;
import io.tidemill.v1.BulkTasksRequest;
import io.tidemill.v1.TaskState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Commands that act on ended tasks and on many tasks. */
class BulkCommandsTest {
  private static final String FIRST = "0000000000000001";
  private static final String SECOND = "0000000000000002";
  private static final String UNKNOWN = "0000000000000fff";

  private final CliFixture cli = new CliFixture();

  @AfterEach
  void close() {
    cli.close();
  }

  @Test
  void requeuesTasksThatAreNamed() {
    assertThat(cli.run("task", "requeue", FIRST, SECOND)).isZero();
    assertThat(cli.out.lines())
        .containsExactly(FIRST + " 00000000000003e9", SECOND + " 00000000000003ea");
    assertThat(cli.run("task", "requeue", FIRST, UNKNOWN, "--json")).isEqualTo(3);
    assertThat(cli.jsonLines()).hasSize(2);
    assertThat(cli.jsonLines().get(0).get("new_id").getAsString()).isEqualTo("00000000000003e9");
    assertThat(cli.jsonLines().get(1).get("refused").getAsString()).isEqualTo("TASK_UNKNOWN");
    assertThat(cli.err).contains("no such task [TASK_UNKNOWN]");
  }

  @Test
  void discardsTasksThatAreNamed() {
    assertThat(cli.run("task", "discard", FIRST)).isZero();
    assertThat(cli.out).contains(FIRST + " discarded");
    assertThat(cli.run("task", "discard", UNKNOWN)).isEqualTo(3);
  }

  @Test
  void doesNothingToManyWithoutBeingTold() {
    assertThat(cli.run("task", "cancel", "--queue", "mail")).isEqualTo(2);
    assertThat(cli.err).contains("no terminal").contains("--yes").contains("--dry-run");
    assertThat(cli.plm.admin().bulks()).isEmpty();
  }

  @Test
  void showsWithWhichItWouldBeDone() {
    assertThat(cli.run("task", "cancel", "--queue", "mail", "--state", "READY", "--dry-run"))
        .isZero();
    assertThat(cli.out).contains("25 tasks match").contains(FIRST).contains("and 22 more");
    assertThat(cli.plm.admin().bulks()).hasSize(3).allMatch(BulkTasksRequest::getDryRun);
    BulkTasksRequest asked = cli.plm.admin().bulks().get(0);
    assertThat(asked.getAction()).isEqualTo(BulkAction.BULK_ACTION_CANCEL);
    assertThat(asked.getFilter().getQueue()).isEqualTo("mail");
    assertThat(asked.getFilter().getStatesList()).containsExactly(TaskState.TASK_STATE_READY);
    assertThat(cli.run("task", "discard", "--queue", "mail", "--dry-run", "--json")).isZero();
    assertThat(cli.json().get("matched").getAsLong()).isEqualTo(25);
    assertThat(cli.json().get("samples").getAsJsonArray()).hasSize(3);
  }

  @Test
  void addsUpWhatWasDoneAndWhatWasNot() {
    assertThat(cli.run("task", "requeue", "--state", "DEAD", "--yes")).isEqualTo(1);
    assertThat(cli.out).contains("25 tasks matched, 24 requeued");
    assertThat(cli.err).contains("1 refused [TASKS_FULL]: no room");
    assertThat(cli.run("task", "cancel", "--all", "--yes", "--json")).isEqualTo(1);
    assertThat(cli.json().get("done").getAsLong()).isEqualTo(24);
    assertThat(cli.json().get("refused").getAsJsonObject().get("TASKS_FULL").getAsLong()).isOne();
    assertThat(cli.plm.admin().bulks().get(5).getAll()).isTrue();
  }

  @Test
  void asksWhoeverSitsThere() {
    assertThat(cli.runAsked("n\n", "task", "cancel", "--queue", "mail")).isEqualTo(1);
    assertThat(cli.err).contains("cancel 25 tasks? [y/N]").contains("nothing was done");
    assertThat(cli.plm.admin().bulks()).allMatch(BulkTasksRequest::getDryRun);
    assertThat(cli.runAsked("y\n", "task", "cancel", "--queue", "mail")).isEqualTo(1);
    assertThat(cli.out).contains("24 cancelled or told");
  }

  @Test
  void saysWhatIsMissingOrTooMuch() {
    assertThat(cli.run("task", "requeue")).isEqualTo(2);
    assertThat(cli.err).contains("no task is named").contains("--all");
    assertThat(cli.run("task", "requeue", FIRST, "--queue", "mail")).isEqualTo(2);
    assertThat(cli.err).contains("exclude each other");
  }
}
