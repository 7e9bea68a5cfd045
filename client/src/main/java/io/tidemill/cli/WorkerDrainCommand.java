package io.tidemill.cli;

import io.tidemill.cli.text.Style;
import io.tidemill.client.TidemillClient;
import io.tidemill.v1.WorkerInfo;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code tidemill worker drain}. */
@Command(
    name = "drain",
    description = "Asks a worker to take nothing new, finish what it holds and leave.",
    footerHeading = "%nExample:%n",
    footer = "  tidemill worker drain w1")
final class WorkerDrainCommand extends CliCommand {
  @Parameters(paramLabel = "WORKER", description = "The worker's id, as `worker list` shows it.")
  String workerId;

  WorkerDrainCommand(Cli cli) {
    super(cli);
  }

  @Override
  public Integer call() {
    try (TidemillClient client = cli.client()) {
      WorkerInfo worker = client.drain(workerId);
      if (cli.json()) {
        cli.print(Json.worker(worker));
      } else {
        Style style = cli.style();
        cli.print(WorkerListCommand.table(List.of(worker), style));
      }
    }
    return ExitCodes.OK;
  }
}
