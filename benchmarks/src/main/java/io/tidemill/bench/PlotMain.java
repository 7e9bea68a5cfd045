package io.tidemill.bench;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Draws what the benchmarks wrote with {@code --json}, each kind of it as one SVG file. */
@Command(name = "plot")
public final class PlotMain implements Callable<Integer> {
  private static final Pattern RATE = Pattern.compile("(\\d+) tasks/s, (p50|p99|p99\\.9)");
  private static final Pattern QUEUED = Pattern.compile("(\\d+) queued");
  private static final String HEAP = "io.tidemill.bench.heap.HeapBenchmark.";

  @Option(names = "--out", required = true, description = "the folder for the SVG files")
  Path out;

  @Parameters(arity = "1..*", description = "files of JSON")
  List<Path> files;

  private final Plot load =
      new Plot("Latency over load, open loop", "tasks/s", "us").logarithmicUp();
  private final Plot depth =
      new Plot("Whole life over depth", "tasks queued", "tasks/s").logarithmicAcross().fromZero();
  private final Plot heap =
      new Plot("A push and a pop", "tasks resident", "ns").logarithmicAcross().fromZero();

  public static void main(String[] args) {
    System.exit(new CommandLine(new PlotMain()).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    for (Path file : files) {
      read(JsonParser.parseString(Files.readString(file)));
    }
    save(load, "latency-over-load");
    save(depth, "rate-over-depth");
    save(heap, "heap-cost");
    return 0;
  }

  private void read(JsonElement json) {
    if (json.isJsonArray()) {
      json.getAsJsonArray().forEach(each -> readHeap(each.getAsJsonObject()));
      return;
    }
    JsonArray figures = json.getAsJsonObject().getAsJsonArray("figures");
    for (JsonElement each : figures) {
      JsonObject figure = each.getAsJsonObject();
      double median = figure.get("median").getAsDouble();
      Matcher rate = RATE.matcher(figure.get("figure").getAsString());
      if (rate.matches()) {
        load.add(rate.group(2), Double.parseDouble(rate.group(1)), median);
      }
      Matcher queued = QUEUED.matcher(figure.get("figure").getAsString());
      if (queued.matches()) {
        depth.add("tasks/s", Double.parseDouble(queued.group(1)), median);
      }
    }
  }

  /** One result of JMH. */
  private void readHeap(JsonObject result) {
    JsonObject parameters = result.getAsJsonObject("params");
    String name = result.get("benchmark").getAsString().replace(HEAP, "");
    heap.add(
        name + ", " + parameters.get("order").getAsString(),
        parameters.get("resident").getAsDouble(),
        result.getAsJsonObject("primaryMetric").get("score").getAsDouble());
  }

  private void save(Plot plot, String name) throws IOException {
    if (!plot.isEmpty()) {
      Path file = out.resolve(name + ".svg");
      plot.save(file);
      System.out.println(file);
    }
  }
}
