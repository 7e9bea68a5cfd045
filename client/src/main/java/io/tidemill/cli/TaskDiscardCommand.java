package io.tidemill.cli;

import io.tidemill.client.TidemillClient;
import io.tidemill.v1.BulkAction;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code tidemill task discard}. */
@Command(
    name = "discard",
    description = {
      "Forgets ended tasks with their results and errors.",
      "Now, instead of when their time to be kept is over."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  tidemill task discard 0010000001000001",
      "  tidemill task discard --state FAILED --ended-before 1d --dry-run",
      "  tidemill task discard --state FAILED --ended-before 1d --yes"
    })
final class TaskDiscardCommand extends CliCommand {
  @Mixin TasksMeant meant;

  TaskDiscardCommand(Cli cli) {
    super(cli);
  }

  @Override
  public Integer call() throws IOException {
    boolean byIds = meant.byIds();
    try (TidemillClient client = cli.client()) {
      if (!byIds) {
        return new BulkRun(cli, meant, BulkAction.BULK_ACTION_DISCARD, "discarded", "").run(client);
      }
      ActionResults results = new ActionResults(cli);
      client.admin().discard(meant.ids).forEach(each -> results.print(each, "discarded"));
      return results.exitCode();
    }
  }
}
