package io.tidemill.cli;

import com.google.gson.JsonObject;
import io.tidemill.client.TaskStates;
import io.tidemill.client.TidemillClient;
import io.tidemill.rpc.TaskIds;
import io.tidemill.v1.CancelTaskResponse;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tidemill task cancel}. */
@Command(
    name = "cancel",
    description = {
      "Cancels a task: a waiting one at once; a running one is told, and ends as its handler",
      "decides. A task that has ended keeps its end."
    },
    footerHeading = "%nExample:%n",
    footer = "  tidemill task cancel 0010000001000001 --reason 'not needed'")
final class TaskCancelCommand extends CliCommand {
  @Mixin TaskIdParameter task;

  @Option(names = "--reason", paramLabel = "TEXT", description = "Stands in the task's error.")
  String reason = "from the command line";

  TaskCancelCommand(Cli cli) {
    super(cli);
  }

  @Override
  public Integer call() {
    try (TidemillClient client = cli.client()) {
      CancelTaskResponse answer = client.cancel(task.taskId, reason);
      if (cli.json()) {
        JsonObject json = Json.task(answer.getTask());
        json.addProperty("requested", answer.getRequested());
        cli.print(json);
      } else {
        cli.print(
            TaskIds.format(task.taskId)
                + " "
                + TaskStates.name(answer.getTask().getState())
                + (answer.getRequested() ? " (its worker has been told)" : ""));
      }
    }
    return ExitCodes.OK;
  }
}
