package io.tidemill.bench;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The whole life of many tasks with their results, at one or several instances, round by round in
 * turn, by a client that lives as long as the servers: rates, and the processor time that each
 * process spends on a task.
 */
@Command(name = "whole-life", mixinStandardHelpOptions = true)
public final class WholeLifeMain implements Callable<Integer> {
  @Option(
      names = "--instance",
      required = true,
      description = "NAME=HOST:PORT=FOLDER: its PLM and its folder; may be repeated")
  List<String> instances;

  @Option(names = "--rounds", defaultValue = "5")
  int rounds;

  @Option(names = "--count", defaultValue = "300000", description = "tasks a round")
  int count;

  @Option(names = "--outstanding", defaultValue = "20000", description = "tasks without a result")
  int outstanding;

  @Option(names = "--warm", defaultValue = "2", description = "rounds before those that count")
  int warm;

  @Option(names = "--submit-only", description = "until all are acknowledged; none has to be run")
  boolean submitOnly;

  @Option(names = "--json")
  boolean json;

  /** One round at one instance. */
  private record Round(double tasksPerSecond, double p50Micros, Map<String, Double> cpuMicros) {
    /** Of all processes, without their compilers. */
    double cpu() {
      return cpuMicros.entrySet().stream()
          .filter(use -> !use.getKey().equals(CpuUse.COMPILERS))
          .mapToDouble(Map.Entry::getValue)
          .sum();
    }
  }

  /** An instance and its rounds. */
  private record Rounds(String name, TidemillTarget target, Path data, List<Round> all) {
    Spread spread(ToDoubleFunction<Round> figure) {
      return Spread.of(all.stream().map(figure::applyAsDouble).toList());
    }
  }

  public static void main(String[] args) {
    System.exit(new CommandLine(new WholeLifeMain()).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    List<Rounds> all = new ArrayList<>();
    for (String instance : instances) {
      String[] parts = instance.split("=", 3);
      all.add(
          new Rounds(parts[0], new TidemillTarget(parts[1]), Path.of(parts[2]), new ArrayList<>()));
    }
    for (int round = 0; round < warm + rounds; round++) {
      for (Rounds each : all) {
        Round ran = run(each);
        say(round, each, ran);
        if (round >= warm) {
          each.all().add(ran);
        }
      }
    }
    if (json) {
      System.out.println(json(all));
    } else {
      print(all);
    }
    all.forEach(each -> each.target().close());
    return 0;
  }

  /** Round by round, to see how far the compilers are. */
  private void say(int round, Rounds at, Round ran) {
    System.err.printf(
        Locale.ROOT,
        "%s %d: %s %,.0f tasks/s, cpu %.2f us a task, compilers %.2f%n",
        round < warm ? "warm-up" : "round",
        round < warm ? round + 1 : round - warm + 1,
        at.name(),
        ran.tasksPerSecond(),
        ran.cpu(),
        ran.cpuMicros().getOrDefault(CpuUse.COMPILERS, 0.0));
  }

  private Round run(Rounds at) throws IOException, InterruptedException {
    Map<String, Double> before = CpuUse.micros(at.data());
    Run run =
        submitOnly ? at.target().submit(count, outstanding) : at.target().run(count, outstanding);
    Map<String, Double> cpu = CpuUse.micros(at.data());
    cpu.replaceAll((name, micros) -> (micros - before.getOrDefault(name, 0.0)) / count);
    return new Round(run.tasksPerSecond(), run.micros(50), cpu);
  }

  private void print(List<Rounds> all) {
    System.out.printf(
        "%s; %d outstanding, %d rounds of %d, median [lowest-highest]%n",
        Machine.line(), outstanding, rounds, count);
    for (Rounds each : all) {
      System.out.printf(
          Locale.ROOT,
          "%-10s %s tasks/s   p50 %s us   cpu %s us a task:%s%n",
          each.name(),
          each.spread(Round::tasksPerSecond),
          each.spread(Round::p50Micros),
          each.spread(Round::cpu),
          cpu(each));
      if (!each.equals(all.get(0))) {
        System.out.println("           over " + all.get(0).name() + ": " + ratio(each, all.get(0)));
      }
    }
  }

  private static String cpu(Rounds rounds) {
    StringBuilder text = new StringBuilder();
    medians(rounds)
        .forEach(
            (name, micros) -> text.append(String.format(Locale.ROOT, " %s %.2f", name, micros)));
    return text.toString();
  }

  private static Map<String, Double> medians(Rounds rounds) {
    Map<String, Double> medians = new TreeMap<>();
    for (String name : rounds.all().get(0).cpuMicros().keySet()) {
      medians.put(
          name, rounds.spread(round -> round.cpuMicros().getOrDefault(name, Double.NaN)).median());
    }
    return medians;
  }

  /** Round by round, since a noisy moment slows both. */
  private static Spread ratio(Rounds ours, Rounds first) {
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < ours.all().size(); i++) {
      ratios.add(ours.all().get(i).tasksPerSecond() / first.all().get(i).tasksPerSecond());
    }
    return Spread.of(ratios);
  }

  private JsonObject json(List<Rounds> all) {
    JsonObject object = new JsonObject();
    object.addProperty("benchmark", submitOnly ? "submit-only" : "whole-life");
    object.add("machine", Machine.json());
    object.addProperty("outstanding", outstanding);
    object.addProperty("rounds", rounds);
    object.addProperty("count", count);
    JsonArray figures = new JsonArray();
    for (Rounds each : all) {
      JsonObject one = new JsonObject();
      one.addProperty("instance", each.name());
      one.add("tasks_per_s", each.spread(Round::tasksPerSecond).json());
      one.add("p50_us", each.spread(Round::p50Micros).json());
      one.add("cpu_us_per_task", each.spread(Round::cpu).json());
      JsonObject cpu = new JsonObject();
      medians(each).forEach(cpu::addProperty);
      one.add("cpu_us_per_task_by_process", cpu);
      one.add("over_first", ratio(each, all.get(0)).json());
      figures.add(one);
    }
    object.add("instances", figures);
    return object;
  }
}
