package io.tidemill.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.tidemill.client.FakeSchedules;
import io.tidemill.rpc.TaskIds;
import io.tidemill.v1.CatchUpPolicy;
import io.tidemill.v1.OverlapPolicy;
import io.tidemill.v1.Schedule;
import io.tidemill.v1.TaskSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code tidemill schedule}. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ScheduleCommandsTest {
  private static final String DAILY = "0 9 * * *";

  private final CliFixture cli = new CliFixture();

  @AfterEach
  void close() {
    cli.close();
  }

  private int create(String name, String... options) {
    List<String> all =
        new ArrayList<>(List.of("schedule", "create", name, "--cron", DAILY, "--type", "echo"));
    all.addAll(List.of(options));
    return cli.run(all.toArray(String[]::new));
  }

  @Test
  void createsScheduleWithDefaults() {
    assertThat(create("morning")).as(cli.err).isZero();
    assertThat(cli.out).contains("morning", DAILY, "UTC", "echo", "2030-03-17T17:46:40Z");
    Schedule schedule = cli.plm.schedules.get("morning").getSchedule();
    assertThat(schedule.getCron()).isEqualTo(DAILY);
    assertThat(schedule.getZone()).isEmpty();
    assertThat(schedule.getJitterMs()).isZero();
    assertThat(schedule.getGraceMs()).isZero();
    assertThat(schedule.getCatchUp()).isEqualTo(CatchUpPolicy.CATCH_UP_POLICY_ONE);
    assertThat(schedule.getOverlap()).isEqualTo(OverlapPolicy.OVERLAP_POLICY_ALLOW);
    assertThat(schedule.getTask()).isEqualTo(TaskSpec.newBuilder().setType("echo").build());
  }

  @Test
  void passesWhatIsAskedOfScheduleAndItsTask() {
    assertThat(
            create(
                "poll",
                "--zone=Europe/Berlin",
                "--payload=hi",
                "--priority=-3",
                "--queue=mail",
                "--task-key=user:1",
                "--require=zone=a",
                "--need=cpu=2",
                "--jitter=30s",
                "--grace=5m",
                "--catch-up=all",
                "--catch-up-max=7",
                "--overlap=cancel_last",
                "--start-within=1m",
                "--retries=2",
                "--json"))
        .as(cli.err)
        .isZero();
    Schedule schedule = cli.plm.schedules.get("poll").getSchedule();
    assertThat(schedule.getZone()).isEqualTo("Europe/Berlin");
    assertThat(schedule.getJitterMs()).isEqualTo(30_000);
    assertThat(schedule.getGraceMs()).isEqualTo(300_000);
    assertThat(schedule.getCatchUp()).isEqualTo(CatchUpPolicy.CATCH_UP_POLICY_ALL);
    assertThat(schedule.getCatchUpMax()).isEqualTo(7);
    assertThat(schedule.getOverlap()).isEqualTo(OverlapPolicy.OVERLAP_POLICY_CANCEL_LAST);
    TaskSpec task = schedule.getTask();
    assertThat(task.getPayload().toStringUtf8()).isEqualTo("hi");
    assertThat(task.getPriority()).isEqualTo(-3);
    assertThat(task.getQueue()).isEqualTo("mail");
    assertThat(task.getKey()).isEqualTo("user:1");
    assertThat(task.getLabelsMap()).containsEntry("zone", "a");
    assertThat(task.getAmountsMap()).containsEntry("cpu", 2L);
    assertThat(task.getStartWithinMs()).isEqualTo(60_000);
    assertThat(task.getMaxAttempts()).isEqualTo(3);
    JsonObject json = cli.json();
    assertThat(json.get("name").getAsString()).isEqualTo("poll");
    assertThat(json.get("zone").getAsString()).isEqualTo("Europe/Berlin");
    assertThat(json.get("catch_up").getAsString()).isEqualTo("all");
    assertThat(json.get("overlap").getAsString()).isEqualTo("cancel_last");
    assertThat(json.get("jitter_ms").getAsLong()).isEqualTo(30_000);
    assertThat(json.get("next_ms").getAsLong()).isEqualTo(FakeSchedules.NEXT_MS);
    assertThat(json.get("last_task").getAsString()).isEmpty();
  }

  @Test
  void replacesOnlyWhenAskedTo() {
    create("morning");
    assertThat(create("morning", "--priority=4")).isEqualTo(1);
    assertThat(cli.err).contains("morning", "SCHEDULE_EXISTS");
    assertThat(create("morning", "--priority=4", "--replace")).isZero();
    assertThat(cli.plm.schedules.get("morning").getSchedule().getTask().getPriority()).isEqualTo(4);
  }

  @Test
  void listsAllPages() {
    create("a");
    create("b");
    create("c");
    cli.run("schedule", "pause", "b");
    assertThat(cli.run("schedule", "list")).isZero();
    List<String> lines = cli.out.lines().toList();
    assertThat(lines).hasSize(4);
    assertThat(lines.get(1)).startsWith("a").contains("2030-03-17T17:46:40Z");
    assertThat(lines.get(2)).startsWith("b").contains("paused");
    assertThat(cli.run("schedule", "list", "--json")).isZero();
    assertThat(cli.jsonLines().stream().map(each -> each.get("name").getAsString()).toList())
        .containsExactly("a", "b", "c");
  }

  @Test
  void getsPausesResumesAndDeletes() {
    create("morning");
    assertThat(cli.run("schedule", "pause", "morning", "--json")).isZero();
    assertThat(cli.json().get("paused").getAsBoolean()).isTrue();
    assertThat(cli.run("schedule", "get", "morning")).isZero();
    assertThat(cli.out).contains("paused");
    assertThat(cli.run("schedule", "resume", "morning", "--json")).isZero();
    assertThat(cli.json().get("paused").getAsBoolean()).isFalse();
    assertThat(cli.run("schedule", "delete", "morning")).isZero();
    assertThat(cli.out.strip()).isEqualTo("schedule deleted: name=morning");
    assertThat(cli.plm.schedules.get("morning")).isNull();
    create("evening");
    assertThat(cli.run("schedule", "delete", "evening", "--json")).isZero();
    assertThat(cli.json().get("name").getAsString()).isEqualTo("evening");
    assertThat(cli.json().get("deleted").getAsBoolean()).isTrue();
    assertThat(cli.json().has("next_ms")).isFalse();
    assertThat(cli.plm.schedules.get("evening")).isNull();
  }

  @Test
  void triggersAndPrintsTask() {
    create("morning");
    String id = TaskIds.format(FakeSchedules.TASK_ID);
    assertThat(cli.run("schedule", "trigger", "morning")).isZero();
    assertThat(cli.out.strip()).isEqualTo(id);
    assertThat(cli.run("schedule", "trigger", "morning", "--json")).isZero();
    assertThat(cli.json().get("id").getAsString()).isEqualTo(id);
  }

  @Test
  void saysWhenItIsDueNext() {
    create("morning");
    assertThat(cli.run("schedule", "next", "morning")).isZero();
    assertThat(cli.out.lines()).hasSize(5).first().isEqualTo("local-0");
    assertThat(cli.run("schedule", "next", "morning", "--count", "2", "--json")).isZero();
    assertThat(cli.jsonLines()).hasSize(2);
    JsonObject last = cli.jsonLines().get(1);
    assertThat(last.get("occurrence_ms").getAsLong()).isEqualTo(FakeSchedules.NEXT_MS + 1);
    assertThat(last.get("due_ms").getAsLong()).isEqualTo(FakeSchedules.NEXT_MS + 6);
    assertThat(last.get("local").getAsString()).isEqualTo("local-1");
  }

  @Test
  void endsWithThreeForNameThatThereIsNot() {
    for (String command : List.of("get", "delete", "pause", "resume", "trigger", "next")) {
      assertThat(cli.run("schedule", command, "none")).as(command).isEqualTo(3);
      assertThat(cli.err).as(command).contains("none", "SCHEDULE_UNKNOWN");
    }
  }

  @Test
  void refusesWrongUse() {
    assertThat(cli.run("schedule", "create", "x", "--type", "echo")).isEqualTo(2);
    assertThat(cli.err).contains("--cron");
    assertThat(cli.run("schedule", "create", "x", "--cron", DAILY)).isEqualTo(2);
    assertThat(cli.err).contains("--type");
    assertThat(cli.run("schedule", "create", "x", "--cron", "never", "--type", "echo"))
        .isEqualTo(2);
    assertThat(cli.err).contains("bad cron: value='never'").contains("CRON_INVALID");
    assertThat(cli.run("schedule", "next", "x", "--count", "few")).isEqualTo(2);
    assertThat(cli.err).contains("--count", "few");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--jitter=soon | --jitter | soon",
        "--grace=long | --grace | long",
        "--catch-up=some | --catch-up | some",
        "--catch-up-max=-1 | catch-up-max | -1",
        "--overlap=never | --overlap | never",
        "--start-within=soon | --start-within | soon",
        "--need=cpu=half | need=cpu | half"
      })
  void refusesOptionThatIsNone(String option, String field, String value) {
    assertThat(create("x", option)).as(option).isEqualTo(2);
    assertThat(cli.err).contains(field.strip()).contains(value.strip());
    assertThat(cli.plm.schedules.get("x")).isNull();
  }
}
