package io.tidemill.cli;

import picocli.CommandLine.Command;

/** {@code tidemill demo}: real work to watch. */
@Command(
    name = "demo",
    description = "Does real work on a running instance, to watch it.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = WordCountCommand.class,
    footerHeading = "%nExample:%n",
    footer = "  tidemill demo wordcount docs/ README.md")
final class DemoCommand extends CliCommand {
  DemoCommand(Cli cli) {
    super(cli);
  }
}
