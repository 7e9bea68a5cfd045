package io.tidemill.bench;

import java.io.IOException;
import java.nio.file.Files;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** For how long no task ends while {@code upgrade-all.sh} replaces every process, under load. */
@Command(name = "upgrade-stall")
public final class UpgradeStallMain extends Benchmark {
  private static final int WARM_SECONDS = 5;

  @Option(names = "--rate", defaultValue = "200", description = "tasks a second")
  int rate;

  @Option(names = "--workers", defaultValue = "2")
  String workers;

  public static void main(String[] args) {
    run(new UpgradeStallMain(), args);
  }

  @Override
  void measure(Report report) throws Exception {
    report.setting("rate", rate).setting("workers", workers);
    for (int round = 1; round <= rounds; round++) {
      say("round " + round + " of " + rounds);
      try (BenchInstance instance = BenchInstance.start("--workers", workers)) {
        round(report, instance);
      }
    }
  }

  private void round(Report report, BenchInstance instance)
      throws IOException, InterruptedException {
    OpenLoop before = OpenLoop.run(instance.plm(), rate, WARM_SECONDS);
    long began = System.nanoTime();
    Process upgrade = instance.upgrade();
    OpenLoop meanwhile = OpenLoop.whileRuns(upgrade, instance.plm(), rate);
    if (upgrade.waitFor() != 0) {
      throw new IOException("the upgrade broke off: said=" + Files.readString(instance.log()));
    }
    report.add("the longest gap between two results", "s", meanwhile.longestGapSeconds());
    report.add("the same before the upgrade", "s", before.longestGapSeconds());
    report.add("the longest that a task took", "s", meanwhile.micros(100) / 1e6);
    report.add("the upgrade and the tasks left", "s", (System.nanoTime() - began) / 1e9);
  }
}
