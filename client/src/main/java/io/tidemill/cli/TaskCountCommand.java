package io.tidemill.cli;

import com.google.gson.JsonObject;
import io.tidemill.cli.text.TextTable;
import io.tidemill.client.TaskStates;
import io.tidemill.client.TidemillClient;
import io.tidemill.v1.TaskState;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code tidemill task count}. */
@Command(
    name = "count",
    description = "Counts tasks by state: live ones, and ended ones that are still kept.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  tidemill task count",
      "  tidemill task count --queue mail --ended-after 1h",
      "  tidemill task count --type echo --json"
    })
final class TaskCountCommand extends CliCommand {
  @Mixin FilterOptions filter;

  TaskCountCommand(Cli cli) {
    super(cli);
  }

  @Override
  public Integer call() {
    try (TidemillClient client = cli.client()) {
      Map<TaskState, Long> counts = client.count(filter.filter());
      long total = counts.values().stream().mapToLong(Long::longValue).sum();
      if (cli.json()) {
        cli.print(json(counts, total));
      } else {
        TextTable table = new TextTable("state", "tasks");
        counts.forEach((state, count) -> table.row(TaskStates.name(state), count));
        table.row("total", total);
        table.lines().forEach(cli::print);
      }
    }
    return ExitCodes.OK;
  }

  /** Every state, those without tasks as 0, so that a program need not ask whether one is there. */
  private static JsonObject json(Map<TaskState, Long> counts, long total) {
    JsonObject json = new JsonObject();
    for (TaskState state : TaskState.values()) {
      if (state != TaskState.UNRECOGNIZED && state != TaskState.TASK_STATE_UNSPECIFIED) {
        json.addProperty(TaskStates.name(state), counts.getOrDefault(state, 0L));
      }
    }
    json.addProperty("total", total);
    return json;
  }
}
