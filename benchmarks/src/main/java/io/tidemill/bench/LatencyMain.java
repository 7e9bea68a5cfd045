package io.tidemill.bench;

import com.google.gson.JsonObject;
import io.tidemill.bench.relay.Relay;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * One task at a time, submit to result known: an instance beside the relay, round by round in turn,
 * so that both see the same machine.
 */
@Command(name = "latency", mixinStandardHelpOptions = true)
public final class LatencyMain implements Callable<Integer> {
  @Option(names = "--plm", required = true, description = "the instance's PLM, host:port")
  String plm;

  @Option(names = "--folder", required = true, description = "for the relay's files")
  Path folder;

  @Option(names = "--rounds", defaultValue = "5")
  int rounds;

  @Option(names = "--count", defaultValue = "5000", description = "tasks a round")
  int count;

  @Option(names = "--outstanding", defaultValue = "1")
  int outstanding;

  @Option(names = "--json")
  boolean json;

  /** The rounds of one target. */
  private record Rounds(Target target, List<Run> runs) {
    Spread micros(double percentile) {
      return Spread.of(runs.stream().map(run -> run.micros(percentile)).toList());
    }

    Spread rate() {
      return Spread.of(runs.stream().map(Run::tasksPerSecond).toList());
    }
  }

  public static void main(String[] args) {
    System.exit(new CommandLine(new LatencyMain()).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    try (Target tidemill = new TidemillTarget(plm);
        Target relay = Relay.start(folder)) {
      List<Rounds> all =
          List.of(new Rounds(tidemill, new ArrayList<>()), new Rounds(relay, new ArrayList<>()));
      for (Rounds warm : all) {
        warm.target().run(4 * count, outstanding);
      }
      for (int round = 0; round < rounds; round++) {
        for (Rounds each : all) {
          each.runs().add(each.target().run(count, outstanding));
        }
      }
      print(all);
    }
    return 0;
  }

  private void print(List<Rounds> all) {
    Spread ratio = ratio(all.get(0), all.get(1));
    if (json) {
      JsonObject object = new JsonObject();
      object.addProperty("benchmark", "latency");
      object.add("machine", Machine.json());
      object.addProperty("outstanding", outstanding);
      object.addProperty("rounds", rounds);
      object.addProperty("count", count);
      for (Rounds each : all) {
        JsonObject figures = new JsonObject();
        figures.add("p50_us", each.micros(50).json());
        figures.add("p99_us", each.micros(99).json());
        figures.add("tasks_per_s", each.rate().json());
        object.add(each.target().name(), figures);
      }
      object.add("p50_ratio", ratio.json());
      System.out.println(object);
      return;
    }
    System.out.printf(
        "%s; %d outstanding, %d rounds of %d, median [lowest-highest]%n",
        Machine.line(), outstanding, rounds, count);
    for (Rounds each : all) {
      System.out.printf(
          Locale.ROOT,
          "%-10s p50 %s us   p99 %s us   %s tasks/s%n",
          each.target().name(),
          each.micros(50),
          each.micros(99),
          each.rate());
    }
    System.out.println("tidemill over relay, p50: " + ratio);
  }

  /** Round by round, since a noisy moment slows both. */
  private static Spread ratio(Rounds ours, Rounds theirs) {
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < ours.runs().size(); i++) {
      ratios.add(ours.runs().get(i).micros(50) / theirs.runs().get(i).micros(50));
    }
    return Spread.of(ratios);
  }
}
