package io.tidemill.cli;

import io.tidemill.cli.text.TextTable;
import io.tidemill.cli.text.Units;
import io.tidemill.client.TaskStates;
import io.tidemill.client.TidemillClient;
import io.tidemill.v1.GetStatsResponse;
import io.tidemill.v1.ProcessInfo;
import picocli.CommandLine.Command;

/** {@code tidemill stats}: the instance's figures. */
@Command(
    name = "stats",
    description = "Shows the figures of the instance.",
    footerHeading = "%nExamples:%n",
    footer = {"  tidemill stats", "  tidemill stats --json"})
final class StatsCommand extends CliCommand {
  StatsCommand(Cli cli) {
    super(cli);
  }

  @Override
  public Integer call() {
    try (TidemillClient client = cli.client()) {
      GetStatsResponse stats = client.stats();
      if (cli.json()) {
        cli.print(Json.stats(stats));
      } else {
        print(stats);
      }
    }
    return ExitCodes.OK;
  }

  private void print(GetStatsResponse stats) {
    TextTable figures = new TextTable("figure", "value");
    stats
        .getStatesList()
        .forEach(s -> figures.row(TaskStates.name(s.getState()), Units.count(s.getCount())));
    figures
        .row("accepted", Units.count(stats.getAccepted()))
        .row("recorded", Units.count(stats.getRecorded()))
        .row("recorded twice", Units.count(stats.getRecordedTwice()))
        .row("inversions", Units.count(stats.getInversions()))
        .row("returned", Units.count(stats.getReturned()))
        .row("refused", Units.count(stats.getRefused()))
        .row("stolen", Units.count(stats.getSteals().getTasks()))
        .row("recalled", Units.count(stats.getSteals().getRecalled()))
        .row("priority changes", Units.count(stats.getPriorityChanges()))
        .row("affinity hits", Units.count(stats.getAffinity().getHits()))
        .row("affinity fallbacks", Units.count(stats.getAffinity().getFallbacks()))
        .row("capacity", Units.count(stats.getCapacity()))
        .row("workers alive", stats.getWorkersAlive())
        .row("workers late", stats.getWorkersLate())
        .row("workers draining", stats.getWorkersDraining())
        .row("workers dead", stats.getWorkersDead())
        .row("placement", stats.getPlacementPolicy())
        .row("tasks/s", Units.rate(stats.getTasksPerS()))
        .row("p50", Units.micros(stats.getP50Us()))
        .row("p95", Units.micros(stats.getP95Us()))
        .row("p99", Units.micros(stats.getP99Us()))
        .row("max", Units.micros(stats.getMaxUs()));
    cli.print(figures.toString());
    cli.print("");
    cli.print(processes(stats).toString());
  }

  private static TextTable processes(GetStatsResponse stats) {
    TextTable table = new TextTable("process", "state", "pid", "incarnation", "restarts");
    for (ProcessInfo process : stats.getProcessesList()) {
      table.row(
          process.getRole(),
          process.getState(),
          process.getPid(),
          process.getIncarnation(),
          process.getRestarts());
    }
    return table;
  }
}
