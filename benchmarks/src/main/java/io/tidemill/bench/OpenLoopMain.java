package io.tidemill.bench;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Latency under load: at fixed rates, by themselves or as parts of the highest one. */
@Command(name = "open-loop")
public final class OpenLoopMain extends Benchmark {
  @Option(names = "--rate", split = ",", description = "tasks a second; default: by --fraction")
  List<Integer> rates = List.of();

  @Option(names = "--fraction", split = ",", defaultValue = "0.5", description = "of the highest")
  List<Double> fractions;

  @Option(names = "--seconds", defaultValue = "60", description = "at each rate")
  int seconds;

  @Option(names = "--warm-seconds", defaultValue = "60", description = "at the first rate")
  int warmSeconds;

  @Option(names = "--durability", defaultValue = "process", description = "process or disk")
  String durability;

  public static void main(String[] args) {
    run(new OpenLoopMain(), args);
  }

  @Override
  void measure(Report report) throws Exception {
    report
        .setting("seconds", seconds)
        .setting("warm-seconds", warmSeconds)
        .setting("durability", durability);
    try (BenchInstance instance =
        BenchInstance.start("--workers", "1", "--durability", durability)) {
      say("warming up");
      double highest = highest(instance);
      report.add("the highest rate", "tasks/s", highest);
      List<Integer> all =
          rates.isEmpty()
              ? fractions.stream().map(fraction -> (int) (highest * fraction)).toList()
              : rates;
      warmUp(instance, all.get(0));
      for (int round = 1; round <= rounds; round++) {
        for (int rate : all) {
          say("round " + round + " of " + rounds + ": " + rate + " tasks/s");
          add(report, rate, run(instance, rate));
        }
      }
    }
  }

  /** What is hot with a few tasks at a time is not what is hot with many. */
  private void warmUp(BenchInstance instance, int rate) throws InterruptedException {
    if (warmSeconds > 0) {
      say("for " + warmSeconds + " s uncounted: " + rate + " tasks/s");
      OpenLoop.run(instance.plm(), rate, warmSeconds);
    }
  }

  /** One run, and how many processors all processes but their compilers kept busy meanwhile. */
  private record Measured(OpenLoop loop, double processors) {}

  private Measured run(BenchInstance instance, int rate) throws Exception {
    double before = busySeconds(instance);
    OpenLoop loop = OpenLoop.run(instance.plm(), rate, seconds);
    double processors = (busySeconds(instance) - before) / seconds;
    say(
        String.format(
            Locale.ROOT,
            "  p50 %.1f p99 %.1f p99.9 %.1f ms, sender late by %.1f ms at most, %.2f processors",
            loop.micros(50) / 1e3,
            loop.micros(99) / 1e3,
            loop.micros(99.9) / 1e3,
            loop.senderLateMicros() / 1e3,
            processors));
    return new Measured(loop, processors);
  }

  private static double busySeconds(BenchInstance instance) throws IOException {
    Map<String, Double> micros = CpuUse.micros(instance.data());
    micros.remove(CpuUse.COMPILERS);
    return micros.values().stream().mapToDouble(Double::doubleValue).sum() / 1e6;
  }

  /** Of the last of some rounds with many tasks outstanding. */
  private static double highest(BenchInstance instance) throws InterruptedException {
    try (Target target = new TidemillTarget(instance)) {
      return WarmUp.run(target).tasksPerSecond();
    }
  }

  private static void add(Report report, int rate, Measured measured) {
    OpenLoop run = measured.loop();
    String at = rate + " tasks/s, ";
    for (double percentile : new double[] {50, 90, 99, 99.9, 99.99, 100}) {
      String name = percentile == 100 ? "highest" : "p" + percentile;
      report.add(at + name.replaceAll("\\.0$", ""), "us", run.micros(percentile));
    }
    report.add(at + "the sender was late by at most", "us", run.senderLateMicros());
    report.add(at + "processors busy", "", measured.processors());
  }
}
