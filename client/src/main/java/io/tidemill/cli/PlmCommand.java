package io.tidemill.cli;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/** {@code tidemill plm}: stands in the tree for help and completion; {@link ServerRole} runs it. */
@Command(
    name = "plm",
    description = "Runs the PLM, the clients' front door, in the foreground.",
    footerHeading = "%nExample:%n",
    footer = {"  tidemill plm --data DIR"})
final class PlmCommand extends CliCommand {
  @Unmatched List<String> arguments;

  PlmCommand(Cli cli) {
    super(cli);
  }

  @Override
  public Integer call() {
    return ServerRole.notHere(cli, "plm");
  }
}
