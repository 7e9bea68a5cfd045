package io.tidemill.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The root of the command tree. */
@Command(
    name = "tidemill",
    versionProvider = TidemillCommand.Version.class,
    mixinStandardHelpOptions = false,
    description = "Submits tasks to Tidemill, looks at it and runs its processes.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      TaskCommand.class,
      WorkflowCommand.class,
      ScheduleCommand.class,
      WorkerCommand.class,
      QueueCommand.class,
      LimitCommand.class,
      TopCommand.class,
      StatsCommand.class,
      InspectCommand.class,
      AuditCommand.class,
      BackupCommand.class,
      RestoreCommand.class,
      TokenCommand.class,
      RepairCommand.class,
      LoadCommand.class,
      ReplayCommand.class,
      DemoCommand.class,
      CompletionCommand.class,
      PlmCommand.class,
      SchedulerCommand.class,
      RegisterCommand.class,
      SupervisorCommand.class,
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  tidemill task submit --type echo --payload hello --wait",
      "  tidemill task submit --type sleep --payload 100 --count 100000",
      "  tidemill worker list",
      "  tidemill top",
      "",
      "Addresses: --plm and --register, then the folder of --data, then TIDEMILL_PLM and",
      "TIDEMILL_REGISTER, then the folder of TIDEMILL_DATA or ~/.tidemill, then 127.0.0.1:7411",
      "and 127.0.0.1:7413.",
      "",
      "Exit codes: 0 done; 1 failure; 2 wrong use or bad input; 3 not found; 4 server not",
      "reached; 5 a task ended without success; 6 time over."
    })
final class TidemillCommand extends CliCommand {
  @Mixin final GlobalOptions options;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Show the version.")
  boolean version;

  /** The version that the build wrote into the jar's manifest. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String built = TidemillCommand.class.getPackage().getImplementationVersion();
      return new String[] {"tidemill " + (built == null ? "(not built into a jar)" : built)};
    }
  }

  TidemillCommand(Cli cli) {
    super(cli);
    options = cli.options;
  }
}
