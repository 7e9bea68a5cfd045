package io.tidemill.cli;

import com.google.gson.JsonObject;
import io.tidemill.cli.text.TextTable;
import io.tidemill.client.TidemillClient;
import io.tidemill.rpc.TaskIds;
import io.tidemill.v1.PreviewScheduleRequest;
import io.tidemill.v1.ScheduleOccurrence;
import io.tidemill.v1.ScheduleStatus;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tidemill schedule}: tasks that are submitted again and again. */
@Command(
    name = "schedule",
    description = "Submits tasks again and again, by cron expressions.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {ScheduleCreateCommand.class},
    footerHeading = "%nExamples:%n",
    footer = {
      "  tidemill schedule create morning --cron '0 9 * * MON-FRI' --zone Europe/Berlin --type echo --payload hi",
      "  tidemill schedule list",
      "  tidemill schedule next morning --count 3",
      "  tidemill schedule trigger morning"
    })
final class ScheduleCommand extends CliCommand {
  ScheduleCommand(Cli cli) {
    super(cli);
  }

  @Command(name = "list", description = "Lists the schedules.")
  int list() {
    try (TidemillClient client = cli.client()) {
      List<ScheduleStatus> all = client.schedules().toList();
      if (cli.json()) {
        all.forEach(each -> cli.print(json(each)));
      } else {
        TextTable table =
            new TextTable("name", "cron", "zone", "type", "next", "submitted", "skipped", "error");
        all.forEach(
            each ->
                table.row(
                    each.getSchedule().getName(),
                    each.getSchedule().getCron(),
                    zone(each),
                    each.getSchedule().getTask().getType(),
                    next(each),
                    each.getSubmitted(),
                    each.getSkipped(),
                    each.getError()));
        table.lines().forEach(cli::print);
      }
    }
    return ExitCodes.OK;
  }

  @Command(name = "get", description = "Shows a schedule.")
  int get(@Parameters(paramLabel = "NAME", description = "Its name.") String name) {
    return show(client -> client.schedule(name));
  }

  @Command(name = "delete", description = "Deletes it; what it has submitted stays.")
  int delete(@Parameters(paramLabel = "NAME", description = "Its name.") String name) {
    try (TidemillClient client = cli.client()) {
      client.deleteSchedule(name);
      if (cli.json()) {
        JsonObject json = new JsonObject();
        json.addProperty("name", name);
        json.addProperty("deleted", true);
        cli.print(json);
      } else {
        cli.print("schedule deleted: name=" + name);
      }
    }
    return ExitCodes.OK;
  }

  @Command(name = "pause", description = "Nothing of it is submitted until it is resumed.")
  int pause(@Parameters(paramLabel = "NAME", description = "Its name.") String name) {
    return show(client -> client.pauseSchedule(name));
  }

  @Command(name = "resume", description = "Goes on with the next occurrence.")
  int resume(@Parameters(paramLabel = "NAME", description = "Its name.") String name) {
    return show(client -> client.resumeSchedule(name));
  }

  @Command(name = "trigger", description = "Submits its task now; prints the task's id.")
  int trigger(@Parameters(paramLabel = "NAME", description = "Its name.") String name) {
    try (TidemillClient client = cli.client()) {
      String id = TaskIds.format(client.triggerSchedule(name));
      if (cli.json()) {
        JsonObject json = new JsonObject();
        json.addProperty("id", id);
        cli.print(json);
      } else {
        cli.print(id);
      }
    }
    return ExitCodes.OK;
  }

  @Command(name = "next", description = "Says when it is due next.")
  int next(
      @Parameters(paramLabel = "NAME", description = "Its name.") String name,
      @Option(
              names = "--count",
              paramLabel = "N",
              defaultValue = "5",
              description = "How many occurrences (${DEFAULT-VALUE}).")
          int count) {
    try (TidemillClient client = cli.client()) {
      PreviewScheduleRequest request =
          PreviewScheduleRequest.newBuilder().setName(name).setCount(count).build();
      for (ScheduleOccurrence each : client.previewSchedule(request)) {
        if (cli.json()) {
          JsonObject json = new JsonObject();
          json.addProperty("occurrence_ms", each.getOccurrenceMs());
          json.addProperty("due_ms", each.getDueMs());
          json.addProperty("local", each.getLocal());
          cli.print(json);
        } else {
          cli.print(each.getLocal());
        }
      }
    }
    return ExitCodes.OK;
  }

  private int show(Function<TidemillClient, ScheduleStatus> call) {
    try (TidemillClient client = cli.client()) {
      print(cli, call.apply(client));
    }
    return ExitCodes.OK;
  }

  static void print(Cli cli, ScheduleStatus status) {
    if (cli.json()) {
      cli.print(json(status));
      return;
    }
    TextTable table = new TextTable("schedule", status.getSchedule().getName());
    table
        .row("cron", status.getSchedule().getCron())
        .row("zone", zone(status))
        .row("type", status.getSchedule().getTask().getType())
        .row("next", next(status))
        .row(
            "last task", status.getLastTaskId() == 0 ? "-" : TaskIds.format(status.getLastTaskId()))
        .row("submitted", status.getSubmitted())
        .row("skipped", status.getSkipped())
        .row("error", status.getError());
    table.lines().forEach(cli::print);
  }

  private static String zone(ScheduleStatus status) {
    String zone = status.getSchedule().getZone();
    return zone.isEmpty() ? "UTC" : zone;
  }

  private static String next(ScheduleStatus status) {
    if (status.getPaused()) {
      return "paused";
    }
    return status.getNextDueMs() == 0
        ? "never"
        : Instant.ofEpochMilli(status.getNextDueMs()).toString();
  }

  static JsonObject json(ScheduleStatus status) {
    JsonObject json = new JsonObject();
    json.addProperty("name", status.getSchedule().getName());
    json.addProperty("cron", status.getSchedule().getCron());
    json.addProperty("zone", zone(status));
    json.addProperty("type", status.getSchedule().getTask().getType());
    json.addProperty(
        "catch_up", word(status.getSchedule().getCatchUp().name(), "CATCH_UP_POLICY_"));
    json.addProperty("overlap", word(status.getSchedule().getOverlap().name(), "OVERLAP_POLICY_"));
    json.addProperty("jitter_ms", status.getSchedule().getJitterMs());
    json.addProperty("paused", status.getPaused());
    json.addProperty("created_ms", status.getCreatedMs());
    json.addProperty("next_ms", status.getNextMs());
    json.addProperty("next_due_ms", status.getNextDueMs());
    json.addProperty("last_ms", status.getLastMs());
    json.addProperty(
        "last_task", status.getLastTaskId() == 0 ? "" : TaskIds.format(status.getLastTaskId()));
    json.addProperty("submitted", status.getSubmitted());
    json.addProperty("skipped", status.getSkipped());
    json.addProperty("error", status.getError());
    return json;
  }

  private static String word(String name, String prefix) {
    return name.startsWith(prefix)
        ? name.substring(prefix.length()).toLowerCase(Locale.ROOT)
        : name;
  }
}
