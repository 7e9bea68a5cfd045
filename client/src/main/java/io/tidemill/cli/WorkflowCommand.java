package io.tidemill.cli;

import picocli.CommandLine.Command;

/** {@code tidemill workflow}: tasks that wait for each other. */
@Command(
    name = "workflow",
    description = "Submits tasks that wait for each other.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {WorkflowSubmitCommand.class},
    footerHeading = "%nExamples:%n",
    footer = {"  tidemill workflow submit nightly.json --wait"})
final class WorkflowCommand extends CliCommand {
  WorkflowCommand(Cli cli) {
    super(cli);
  }
}
