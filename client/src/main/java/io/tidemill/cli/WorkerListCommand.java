package io.tidemill.cli;

import io.tidemill.cli.text.Style;
import io.tidemill.cli.text.TextTable;
import io.tidemill.cli.text.Units;
import io.tidemill.client.TidemillClient;
import io.tidemill.v1.WorkerInfo;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tidemill worker list}. */
@Command(
    name = "list",
    description = "Lists the workers.",
    footerHeading = "%nExamples:%n",
    footer = {"  tidemill worker list", "  tidemill worker list --alive --json"})
final class WorkerListCommand extends CliCommand {
  @Option(names = "--alive", description = "Without those that died and have not come back.")
  boolean alive;

  WorkerListCommand(Cli cli) {
    super(cli);
  }

  @Override
  public Integer call() {
    try (TidemillClient client = cli.client()) {
      List<WorkerInfo> workers = client.workers(!alive);
      if (cli.json()) {
        workers.forEach(worker -> cli.print(Json.worker(worker)));
      } else if (workers.isEmpty()) {
        cli.say("no workers; start one with `scripts/tidemill worker run --id w1`");
      } else {
        cli.print(table(workers, cli.style()));
      }
    }
    return ExitCodes.OK;
  }

  /** The table, its lines coloured by state. */
  static String table(List<WorkerInfo> workers, Style style) {
    TextTable table =
        new TextTable(
            "worker", "state", "beat", "capacity", "in flight", "done", "failed", "rate/s", "mean");
    for (WorkerInfo w : workers) {
      table.row(
          w.getWorkerId(),
          Json.workerState(w.getState()),
          Units.age(w.getLastBeatMs()),
          w.getCapacity(),
          w.getInFlight(),
          w.getSucceeded(),
          w.getFailed(),
          Units.rate(w.getRate()),
          Units.micros(w.getServiceUs()));
    }
    List<String> lines = table.lines();
    StringBuilder text = new StringBuilder(style.bold(lines.get(0)));
    for (int i = 0; i < workers.size(); i++) {
      String state = Json.workerState(workers.get(i).getState());
      text.append(System.lineSeparator()).append(style.state(state, lines.get(i + 1)));
    }
    return text.toString();
  }
}
