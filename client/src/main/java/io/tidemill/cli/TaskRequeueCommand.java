package io.tidemill.cli;

import io.tidemill.client.TidemillClient;
import io.tidemill.rpc.TaskIds;
import io.tidemill.v1.BulkAction;
import io.tidemill.v1.TaskActionResult;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tidemill task requeue}. */
@Command(
    name = "requeue",
    description = {
      "Submits ended tasks again.",
      "As new tasks, with what they were submitted with. Each once, however often this is called:"
          + " then it prints the same new task."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  tidemill task requeue 0010000001000001",
      "  tidemill task requeue --state DEAD --queue mail --error refused --dry-run",
      "  tidemill task requeue --state DEAD --queue mail --error refused --yes"
    })
final class TaskRequeueCommand extends CliCommand {
  @Mixin TasksMeant meant;

  @Option(
      names = "--succeeded",
      description = "Tasks that have succeeded, too (of a filter: name the state).")
  boolean succeeded;

  TaskRequeueCommand(Cli cli) {
    super(cli);
  }

  @Override
  public Integer call() throws IOException {
    boolean byIds = meant.byIds();
    try (TidemillClient client = cli.client()) {
      if (!byIds) {
        return new BulkRun(cli, meant, BulkAction.BULK_ACTION_REQUEUE, "requeued", "").run(client);
      }
      ActionResults results = new ActionResults(cli);
      client.admin().requeue(meant.ids, succeeded).forEach(each -> results.print(each, text(each)));
      return results.exitCode();
    }
  }

  private static String text(TaskActionResult result) {
    return TaskIds.format(result.getNewTaskId()) + (result.getAlready() ? " (before)" : "");
  }
}
