package io.tidemill.cli;

import io.tidemill.client.TidemillClient;
import io.tidemill.v1.Task;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code tidemill task get}. */
@Command(
    name = "get",
    description = "Shows a task.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  tidemill task get 0010000001000001",
      "  tidemill task get 0010000001000001 --json"
    })
final class TaskGetCommand extends CliCommand {
  @Mixin TaskIdParameter task;

  TaskGetCommand(Cli cli) {
    super(cli);
  }

  @Override
  public Integer call() {
    try (TidemillClient client = cli.client()) {
      print(cli, client.get(task.taskId));
    }
    return ExitCodes.OK;
  }

  static void print(Cli cli, Task task) {
    if (cli.json()) {
      cli.print(Json.task(task));
    } else {
      TaskText.details(task).forEach(cli::print);
    }
  }
}
