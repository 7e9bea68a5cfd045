package io.tidemill.cli;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/**
 * {@code tidemill scheduler}: stands in the tree for help and completion; {@link ServerRole} runs
 * it.
 */
@Command(
    name = "scheduler",
    description = "Runs the Main Scheduler in the foreground.",
    footerHeading = "%nExample:%n",
    footer = {"  tidemill scheduler --data DIR"})
final class SchedulerCommand extends CliCommand {
  @Unmatched List<String> arguments;

  SchedulerCommand(Cli cli) {
    super(cli);
  }

  @Override
  public Integer call() {
    return ServerRole.notHere(cli, "scheduler");
  }
}
