package io.tidemill.bench.placement;

import com.google.gson.JsonObject;
import io.tidemill.replay.BadLines;
import io.tidemill.replay.Measures;
import io.tidemill.replay.ReplayPlots;
import io.tidemill.replay.ReplayReport;
import io.tidemill.replay.SvgPlot;
import io.tidemill.replay.Trace;
import io.tidemill.replay.TraceFormat;
import io.tidemill.replay.Workload;
import io.tidemill.scheduler.PlacementSimulation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Every policy on every trace; see scripts/bench/placement.sh. */
@Command(name = "placement", mixinStandardHelpOptions = true)
public final class PlacementMain implements Callable<Integer> {
  private static final String ROW = "%-14s %-15s %9s %11s %10s %10s %10s %8s %8s%n";

  @Parameters(arity = "1..*", paramLabel = "TRACE", description = ".swf, .csv or .json, also .gz")
  List<Path> traces;

  @Option(
      names = "--policies",
      split = ",",
      defaultValue = "least-loaded,power-of-two,measured-speed,packing")
  List<String> policies;

  @Option(names = "--workers", defaultValue = "100")
  int workers;

  @Option(names = "--capacity", defaultValue = "4", description = "tasks a worker runs at a time")
  int capacity;

  @Option(names = "--prefetch", defaultValue = "0", description = "tasks a worker holds beyond")
  int prefetch;

  @Option(
      names = "--speeds",
      split = ",",
      defaultValue = "1,1,1,1,1,0.5,0.5,0.5,0.25,0.25",
      description = "of the workers in turn; 1: as fast as the trace says")
  List<Double> speeds;

  @Option(
      names = "--load",
      defaultValue = "0.7",
      description = "work offered over what they can do")
  double load;

  @Option(
      names = "--copies",
      defaultValue = "1",
      description = "of each trace, one after the other")
  int copies;

  @Option(
      names = "--bound",
      defaultValue = "1",
      description = "slowdown: shorter runs count as so many seconds")
  double boundSeconds;

  @Option(names = "--processors-each", description = "a job is as many tasks as it had processors")
  boolean processorsEach;

  @Option(names = "--plots", paramLabel = "DIR", description = "write the slowdowns as SVG there")
  Path plots;

  @Option(names = "--json")
  boolean json;

  public static void main(String[] args) {
    System.exit(new CommandLine(new PlacementMain()).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    if (!json) {
      System.out.printf(
          Locale.ROOT,
          "%d workers of %d places, speeds %s, %d held beyond, load %.2f, %d copies%n",
          workers,
          capacity,
          speeds,
          prefetch,
          load,
          copies);
      System.out.printf(
          ROW,
          "trace",
          "policy",
          "tasks",
          "makespan h",
          "wait s",
          "slowdown",
          "p99",
          "in use",
          "ns each");
    }
    for (Path trace : traces) {
      compare(trace);
    }
    return 0;
  }

  private void compare(Path file) throws IOException {
    String name = String.valueOf(file.getFileName());
    TraceFormat format = TraceFormat.ofFile(name);
    Trace trace = Trace.read(file, format, Trace.TokenTimes.usual(), BadLines.skipped());
    Workload.Limits limits =
        new Workload.Limits(Trace.JOBS_MAX, 0, Long.MAX_VALUE, Long.MAX_VALUE, processorsEach);
    Workload workload = Scaling.of(Workload.of(trace, limits), copies, load, effectivePlaces());
    String label = name.replaceAll("(?<=[a-z])[A-Z].*|[-_.].*", "");
    SvgPlot plot =
        new SvgPlot(
            "Bounded slowdown of " + label + ", " + workers + " workers, load " + load,
            "slowdown",
            "% of the tasks or fewer",
            true);
    for (String policy : policies) {
      PlacementSimulation.Result result =
          PlacementSimulation.run(workload, policy, workers, capacity, prefetch, speeds);
      Measures measures =
          new Measures(workload, result.timeline(), 1, Math.round(boundSeconds * 1e6));
      print(label, policy, result, ReplayReport.of(measures, workers * capacity));
      ReplayPlots.addSlowdowns(plot, policy, measures);
    }
    if (plots != null) {
      Files.createDirectories(plots);
      plot.write(plots.resolve("placement-" + label + "-" + workers + ".svg"));
    }
  }

  private double effectivePlaces() {
    double places = 0;
    for (int row = 0; row < workers; row++) {
      places += capacity * speeds.get(row % speeds.size());
    }
    return places;
  }

  private void print(
      String trace, String policy, PlacementSimulation.Result result, ReplayReport report) {
    if (result.inversions() != 0) {
      throw new IllegalStateException("the order was not kept: inversions=" + result.inversions());
    }
    if (json) {
      JsonObject line = new JsonObject();
      line.addProperty("trace", trace);
      line.addProperty("policy", policy);
      line.addProperty("workers", workers);
      line.addProperty("load", load);
      line.addProperty("in_use", result.inUse());
      line.addProperty("policy_ns", result.nanosEach());
      report.json().entrySet().forEach(entry -> line.add(entry.getKey(), entry.getValue()));
      System.out.println(line);
      return;
    }
    System.out.printf(
        Locale.ROOT,
        ROW,
        trace,
        policy,
        result.timeline().jobs(),
        number(report.makespanMicros() / 3.6e9, 3),
        number(report.waitMicros().mean() / 1e6, 1),
        number(report.slowdown().mean(), 3),
        number(report.slowdown().p99(), 2),
        number(result.inUse() * 100, 1) + " %",
        number(result.nanosEach(), 0));
  }

  private static String number(double value, int digits) {
    return String.format(Locale.ROOT, "%." + digits + "f", value);
  }
}
