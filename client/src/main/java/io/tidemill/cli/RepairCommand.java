package io.tidemill.cli;

import io.tidemill.cli.offline.OfflineJson;
import io.tidemill.cli.offline.RepairText;
import io.tidemill.shm.inspect.Repair;
import io.tidemill.shm.inspect.RepairReport;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tidemill repair}. */
@Command(
    name = "repair",
    description = {
      "Makes a stopped instance fit for a start that refuses because a journal, or the epoch file, is"
          + " damaged: copies every record that can be read, and keeps the damaged files aside.",
      "Says what would be lost and does nothing, unless --yes is given.",
      "Exit code 0: nothing to repair, or repaired; 1: there is something to repair, or it failed."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  tidemill repair --data DIR",
      "  tidemill repair --data DIR --json",
      "  tidemill repair --data DIR --yes"
    })
final class RepairCommand extends OfflineCommand {
  @Option(names = "--yes", description = "Does it, after saying what is lost.")
  boolean yes;

  RepairCommand(Cli cli) {
    super(cli);
  }

  @Override
  int run() throws IOException {
    Path data = folder(cli.addresses().data());
    RepairReport before = Repair.run(data, settings(data), false);
    if (!cli.json()) {
      RepairText.lines(before).forEach(cli::print);
    }
    before.notes().forEach(cli::say);
    if (before.sound() || !yes) {
      return unrepaired(before);
    }
    RepairReport after = Repair.run(data, settings(data), true);
    if (cli.json()) {
      cli.print(OfflineJson.repair(after));
    } else {
      after.journals().stream()
          .filter(journal -> !journal.aside().isEmpty())
          .forEach(
              journal ->
                  cli.print(
                      "kept the damaged files of " + journal.name() + ": " + journal.aside()));
      cli.print("repaired; scripts/start-all.sh --data " + data + " starts it");
    }
    return ExitCodes.OK;
  }

  private int unrepaired(RepairReport report) {
    if (cli.json()) {
      cli.print(OfflineJson.repair(report));
    } else if (!report.sound()) {
      cli.print("nothing was changed; --yes repairs it");
    }
    return report.sound() ? ExitCodes.OK : ExitCodes.FAILURE;
  }
}
