package io.tidemill.cli;

import io.tidemill.cli.offline.InspectText;
import io.tidemill.cli.offline.OfflineJson;
import io.tidemill.shm.inspect.Inspector;
import io.tidemill.shm.inspect.InstanceReport;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tidemill inspect}. */
@Command(
    name = "inspect",
    description = {
      "Shows what the mapped files and journals of an instance hold, which may run, be stopped or"
          + " have been killed.",
      "Reads only, and asks no process."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  tidemill inspect /var/lib/tidemill",
      "  tidemill inspect ~/.tidemill --tasks 50 --type echo",
      "  tidemill inspect ~/.tidemill --json"
    })
final class InspectCommand extends OfflineCommand {
  @Parameters(
      paramLabel = "DIR",
      arity = "0..1",
      description = "The instance's data folder. Otherwise that of --data.")
  Path named;

  @Option(
      names = "--tasks",
      paramLabel = "N",
      defaultValue = "10",
      description = "How many tasks to name of each heap and under a lease (${DEFAULT-VALUE}).")
  int tasks;

  @Option(names = "--type", paramLabel = "TYPE", description = "Names tasks of this type only.")
  String type;

  InspectCommand(Cli cli) {
    super(cli);
  }

  @Override
  int run() throws IOException {
    if (tasks < 0 || tasks > 1_000_000) {
      throw CliException.usage("--tasks is to be 0 to 1000000: value=" + tasks);
    }
    Path data = folder(named != null ? named : cli.addresses().data());
    InstanceReport report = Inspector.inspect(data, settings(data), tasks, type);
    if (cli.json()) {
      cli.print(OfflineJson.report(report));
    } else {
      InspectText.lines(report).forEach(cli::print);
    }
    return ExitCodes.OK;
  }
}
