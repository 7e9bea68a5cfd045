package io.tidemill.cli;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/**
 * {@code tidemill worker run}: stands in the tree for help and completion; {@link ServerRole} runs
 * it.
 */
@Command(
    name = "run",
    description = "Runs a worker in the foreground.",
    footerHeading = "%nExample:%n",
    footer = {"  tidemill worker run --id w9 --capacity 4"})
final class WorkerRunCommand extends CliCommand {
  @Unmatched List<String> arguments;

  WorkerRunCommand(Cli cli) {
    super(cli);
  }

  @Override
  public Integer call() {
    return ServerRole.notHere(cli, "worker run");
  }
}
