package io.tidemill.cli;

import picocli.CommandLine.Command;

/** {@code tidemill worker}: what is done with workers. With options and no command it runs one. */
@Command(
    name = "worker",
    description = "Lists and drains workers, or runs one in the foreground.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {WorkerListCommand.class, WorkerDrainCommand.class, WorkerRunCommand.class},
    footerHeading = "%nExamples:%n",
    footer = {
      "  tidemill worker list",
      "  tidemill worker drain w1",
      "  tidemill worker --help           these commands",
      "  tidemill worker run --help       how to run one",
      "  tidemill worker --id w9 --capacity 4   the same as `worker run --id w9 --capacity 4`"
    })
final class WorkerCommand extends CliCommand {
  WorkerCommand(Cli cli) {
    super(cli);
  }
}
