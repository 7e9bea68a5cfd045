package io.tidemill.bench;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Latency under load: at fixed rates, by themselves or as parts of the highest one. */
@Command(name = "open-loop")
public final class OpenLoopMain extends Benchmark {
  /** The compilers are nearly done after so many; until then they take most of both cores. */
  private static final int WARM_ROUNDS = 12;

  private static final int WARM_TASKS = 300_000;
  private static final int WARM_OUTSTANDING = 20_000;

  @Option(names = "--rate", split = ",", description = "tasks a second; default: by --fraction")
  List<Integer> rates = List.of();

  @Option(names = "--fraction", split = ",", defaultValue = "0.5", description = "of the highest")
  List<Double> fractions;

  @Option(names = "--seconds", defaultValue = "60", description = "at each rate")
  int seconds;

  @Option(names = "--durability", defaultValue = "process", description = "process or disk")
  String durability;

  public static void main(String[] args) {
    run(new OpenLoopMain(), args);
  }

  @Override
  void measure(Report report) throws Exception {
    report.setting("seconds", seconds).setting("durability", durability);
    try (BenchInstance instance =
        BenchInstance.start("--workers", "1", "--durability", durability)) {
      say("warming up");
      double highest = highest(instance);
      report.add("the highest rate", "tasks/s", highest);
      List<Integer> all =
          rates.isEmpty()
              ? fractions.stream().map(fraction -> (int) (highest * fraction)).toList()
              : rates;
      for (int round = 1; round <= rounds; round++) {
        for (int rate : all) {
          say("round " + round + " of " + rounds + ": " + rate + " tasks/s");
          add(report, rate, OpenLoop.run(instance.plm(), rate, seconds));
        }
      }
    }
  }

  /** Of the last of some rounds with many tasks outstanding. */
  private static double highest(BenchInstance instance) throws InterruptedException {
    try (Target target = new TidemillTarget(instance)) {
      for (int round = 0; round < WARM_ROUNDS; round++) {
        target.run(WARM_TASKS, WARM_OUTSTANDING);
      }
      return target.run(WARM_TASKS, WARM_OUTSTANDING).tasksPerSecond();
    }
  }

  private static void add(Report report, int rate, OpenLoop run) {
    String at = rate + " tasks/s, ";
    for (double percentile : new double[] {50, 90, 99, 99.9, 99.99, 100}) {
      String name = percentile == 100 ? "highest" : "p" + percentile;
      report.add(at + name.replaceAll("\\.0$", ""), "us", run.micros(percentile));
    }
    report.add(at + "the sender was late by at most", "us", run.senderLateMicros());
  }
}
