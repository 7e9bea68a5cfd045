package io.tidemill.cli;

import com.google.gson.JsonObject;
import io.tidemill.client.TaskStates;
import io.tidemill.client.TidemillClient;
import io.tidemill.rpc.TaskIds;
import io.tidemill.v1.BulkAction;
import io.tidemill.v1.CancelTaskResponse;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tidemill task cancel}. */
@Command(
    name = "cancel",
    description = {
      "Cancels tasks.",
      "A waiting one at once; a running one is told, and ends as its handler decides. A task that"
          + " has ended keeps its end."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  tidemill task cancel 0010000001000001 --reason 'not needed'",
      "  tidemill task cancel --queue mail --state READY --dry-run",
      "  tidemill task cancel --queue mail --state READY --yes"
    })
final class TaskCancelCommand extends CliCommand {
  @Mixin TasksMeant meant;

  @Option(names = "--reason", paramLabel = "TEXT", description = "Stands in the task's error.")
  String reason = "from the command line";

  TaskCancelCommand(Cli cli) {
    super(cli);
  }

  @Override
  public Integer call() throws IOException {
    boolean byIds = meant.byIds();
    try (TidemillClient client = cli.client()) {
      if (!byIds) {
        return new BulkRun(cli, meant, BulkAction.BULK_ACTION_CANCEL, "cancelled or told", reason)
            .run(client);
      }
      return EachTask.run(cli, meant.ids, id -> print(client.cancel(id, reason), id));
    }
  }

  private void print(CancelTaskResponse answer, long id) {
    if (cli.json()) {
      JsonObject json = Json.task(answer.getTask());
      json.addProperty("requested", answer.getRequested());
      cli.print(json);
    } else {
      cli.print(
          TaskIds.format(id)
              + " "
              + TaskStates.name(answer.getTask().getState())
              + (answer.getRequested() ? " (its worker has been told)" : ""));
    }
  }
}
