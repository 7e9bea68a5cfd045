package io.tidemill.cli;

import picocli.CommandLine.Command;

/** {@code tidemill token}: who may call an instance over the network. */
@Command(
    name = "token",
    description = "Makes, lists and revokes what callers prove themselves by.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {TokenCreateCommand.class, TokenListCommand.class, TokenRevokeCommand.class},
    footerHeading = "%nExamples:%n",
    footer = {
      "  tidemill token create --role submit --name ci > ci.token",
      "  tidemill token create --role work --name w1 --subject CN=worker-1",
      "  tidemill token list",
      "  tidemill token revoke ci"
    })
final class TokenCommand extends CliCommand {
  TokenCommand(Cli cli) {
    super(cli);
  }
}
