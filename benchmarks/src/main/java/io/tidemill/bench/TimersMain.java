package io.tidemill.bench;

import java.io.IOException;
import java.util.List;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How late delayed tasks start while others wait for hours, and what those take of memory. */
@Command(name = "timers")
public final class TimersMain extends Benchmark {
  private static final double MEBIBYTE = 1 << 20;

  /**
   * For what the servers still do after so many submissions, which tells nobody when it is done:
   * the compilers, the collections, the ring that is drained into the heap.
   */
  private static final long SETTLE_MILLIS = 3_000;

  private static final long WAITING_MILLIS = 3_600_000;
  private static final double BAR_MILLIS = 10;

  @Option(
      names = "--waiting",
      split = ",",
      defaultValue = "0,1000,1000000",
      description = "delayed tasks that wait meanwhile")
  List<Integer> waiting;

  @Option(names = "--count", defaultValue = "2000", description = "tasks measured, a round")
  int count;

  @Option(names = "--warm", defaultValue = "4000", description = "tasks before that, unmeasured")
  int warm;

  @Option(names = "--delay-max-ms", defaultValue = "3000", description = "their longest delay")
  int delayMax;

  @Option(names = "--outstanding", defaultValue = "20000")
  int outstanding;

  public static void main(String[] args) {
    run(new TimersMain(), args);
  }

  @Override
  void measure(Report report) throws Exception {
    report
        .setting("count", count)
        .setting("warm", warm)
        .setting("delay_max_ms", delayMax)
        .setting("load_average", Proc.loadAverage());
    for (int round = 1; round <= rounds; round++) {
      for (int others : waiting) {
        say("round " + round + " of " + rounds + ", " + others + " waiting");
        round(report, others, round);
      }
    }
    report.note(
        "Late: from when it is due to the handler; a delay counts from before the submission; the bar is "
            + BAR_MILLIS
            + " ms.");
    report.note("Memory: proportional set size of the three servers.");
  }

  private void round(Report report, int others, int seed) throws Exception {
    String room = "tasks.max=" + (others + warm + count + 1_000);
    try (BenchInstance instance = BenchInstance.start("--workers", "0", "--set", room);
        TidemillTarget target = new TidemillTarget(instance, Load.delayed(WAITING_MILLIS))) {
      Lateness.measure(instance, warm, delayMax, -seed); // The JVMs still compile.
      double before = bytes(instance);
      if (others > 0) {
        target.submit(others, outstanding);
      }
      Thread.sleep(SETTLE_MILLIS);
      double with = bytes(instance);
      String name = String.format("%,d waiting: ", others);
      Lateness.Late late = Lateness.measure(instance, count, delayMax, seed);
      add(report, name + "a time, ", late.ofTimes());
      add(report, name + "a delay, ", late.ofDelays());
      report.add(name + "the three servers", "MiB", with / MEBIBYTE);
      if (others > 0) {
        report.add(name + "for each", "bytes", (with - before) / others);
      }
    }
  }

  private static void add(Report report, String name, Histogram late) {
    report.add(name + "late, p50", "ms", late.getValueAtPercentile(50) / 1e3);
    report.add(name + "late, p99", "ms", late.getValueAtPercentile(99) / 1e3);
    report.add(name + "late, max", "ms", late.getMaxValue() / 1e3);
  }

  private static double bytes(BenchInstance instance) throws IOException {
    double sum = 0;
    for (long pid : instance.servers().values()) {
      sum += Proc.proportionalBytes(pid);
    }
    return sum;
  }
}
