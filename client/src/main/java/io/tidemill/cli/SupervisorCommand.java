package io.tidemill.cli;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/**
 * {@code tidemill supervisor}: stands in the tree for help and completion; {@link ServerRole} runs
 * it.
 */
@Command(
    name = "supervisor",
    description = "Runs the supervisor, which starts the servers and starts them again.",
    footerHeading = "%nExample:%n",
    footer = {"  tidemill supervisor --data DIR"})
final class SupervisorCommand extends CliCommand {
  @Unmatched List<String> arguments;

  SupervisorCommand(Cli cli) {
    super(cli);
  }

  @Override
  public Integer call() {
    return ServerRole.notHere(cli, "supervisor");
  }
}
