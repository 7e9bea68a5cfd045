package io.tidemill.cli;

import io.tidemill.client.TidemillClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code tidemill task follow}. */
@Command(
    name = "follow",
    description = {
      "Shows what a task's handler emits while it runs, until its end.",
      "What it emits goes to stdout as it is; its state and progress to stderr. With --json each"
          + " event is a line."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  tidemill task follow 0010000001000001",
      "  tidemill task submit --type exec --payload '[\"ping\",\"-c3\",\"localhost\"]' --follow",
      "",
      "Ends with 0 if the task succeeded, 5 if it ended otherwise."
    })
final class TaskFollowCommand extends CliCommand {
  @Mixin TaskIdParameter task;

  TaskFollowCommand(Cli cli) {
    super(cli);
  }

  @Override
  public Integer call() {
    try (TidemillClient client = cli.client()) {
      client.get(task.taskId); // tells quickly if the server or the task is not there
      return Following.follow(cli, client, task.taskId);
    }
  }
}
