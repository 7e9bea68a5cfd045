package io.tidemill.cli;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/**
 * {@code tidemill register}: stands in the tree for help and completion; {@link ServerRole} runs
 * it.
 */
@Command(
    name = "register",
    description = "Runs the Register, which workers report to, in the foreground.",
    footerHeading = "%nExample:%n",
    footer = {"  tidemill register --data DIR"})
final class RegisterCommand extends CliCommand {
  @Unmatched List<String> arguments;

  RegisterCommand(Cli cli) {
    super(cli);
  }

  @Override
  public Integer call() {
    return ServerRole.notHere(cli, "register");
  }
}
