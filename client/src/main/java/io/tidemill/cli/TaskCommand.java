package io.tidemill.cli;

import picocli.CommandLine.Command;

/** {@code tidemill task}: what is done with tasks. */
@Command(
    name = "task",
    description =
        "Submits, shows, awaits, finds, counts, reorders, cancels, requeues and discards tasks.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      TaskSubmitCommand.class,
      TaskGetCommand.class,
      TaskWaitCommand.class,
      TaskFollowCommand.class,
      TaskListCommand.class,
      TaskCountCommand.class,
      TaskCancelCommand.class,
      TaskRequeueCommand.class,
      TaskDiscardCommand.class,
      TaskPriorityCommand.class,
      TaskDependenciesCommand.class,
      TaskHistoryCommand.class,
      TaskExplainCommand.class
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  tidemill task submit --type echo --payload hello --wait",
      "  tidemill task list --state READY"
    })
final class TaskCommand extends CliCommand {
  TaskCommand(Cli cli) {
    super(cli);
  }
}
