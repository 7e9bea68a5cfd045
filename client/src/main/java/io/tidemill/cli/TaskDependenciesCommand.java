package io.tidemill.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.tidemill.cli.text.TextTable;
import io.tidemill.client.TaskStates;
import io.tidemill.client.TidemillClient;
import io.tidemill.rpc.TaskIds;
import io.tidemill.v1.GetDependenciesResponse;
import io.tidemill.v1.ParentResult;
import io.tidemill.v1.TaskState;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code tidemill task dependencies}. */
@Command(
    name = "dependencies",
    description = {
      "Shows what a task waits for, or waited for, and how far that is.",
      "Of a task that comes after a whole batch it is the batch's progress."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  tidemill task dependencies 0010000001000001 --json"})
final class TaskDependenciesCommand extends CliCommand {
  @Mixin TaskIdParameter task;

  TaskDependenciesCommand(Cli cli) {
    super(cli);
  }

  @Override
  public Integer call() {
    try (TidemillClient client = cli.client()) {
      GetDependenciesResponse answer = client.dependencies(task.taskId);
      if (cli.json()) {
        cli.print(json(answer));
      } else {
        print(answer);
      }
    }
    return ExitCodes.OK;
  }

  private void print(GetDependenciesResponse answer) {
    cli.print(
        "rule "
            + DependencyRules.name(answer.getRule())
            + ": "
            + answer.getEnded()
            + " of "
            + answer.getTotal()
            + " ended, "
            + answer.getSucceeded()
            + " succeeded, "
            + answer.getFailed()
            + " otherwise");
    TextTable table = new TextTable("id", "state");
    answer.getTasksList().forEach(each -> table.row(id(each), state(each)));
    table.lines().forEach(cli::print);
  }

  private static JsonObject json(GetDependenciesResponse answer) {
    JsonObject json = new JsonObject();
    json.addProperty("rule", DependencyRules.name(answer.getRule()));
    json.addProperty("total", answer.getTotal());
    json.addProperty("ended", answer.getEnded());
    json.addProperty("succeeded", answer.getSucceeded());
    json.addProperty("failed", answer.getFailed());
    JsonArray tasks = new JsonArray();
    for (ParentResult each : answer.getTasksList()) {
      JsonObject one = new JsonObject();
      one.addProperty("id", id(each));
      one.addProperty("state", state(each));
      tasks.add(one);
    }
    json.add("tasks", tasks);
    return json;
  }

  private static String id(ParentResult each) {
    return TaskIds.format(each.getTaskId());
  }

  private static String state(ParentResult each) {
    return each.getState() == TaskState.TASK_STATE_UNSPECIFIED
        ? "UNKNOWN"
        : TaskStates.name(each.getState());
  }
}
