package io.tidemill.bench;

import io.tidemill.bench.relay.Relay;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * One task at a time, submit to result known: an instance beside the relay, round by round in turn,
 * so that both see the same machine.
 */
@Command(name = "latency")
public final class LatencyMain extends Benchmark {
  private static final int WARM_OUTSTANDING = 1_024;

  @Option(names = "--count", defaultValue = "5000", description = "tasks a round")
  int count;

  @Option(names = "--outstanding", defaultValue = "1", description = "without a result at a time")
  int outstanding;

  @Option(names = "--warm-up", defaultValue = "300000", description = "tasks before the rounds")
  int warmUp;

  @Option(names = "--durability", defaultValue = "process", description = "process or disk")
  String durability;

  public static void main(String[] args) {
    run(new LatencyMain(), args);
  }

  @Override
  void measure(Report report) throws Exception {
    report
        .setting("outstanding", outstanding)
        .setting("count", count)
        .setting("warm_up", warmUp)
        .setting("durability", durability);
    try (BenchInstance instance =
            BenchInstance.start("--workers", "1", "--durability", durability);
        Target tidemill = new TidemillTarget(instance);
        Target relay = Relay.start()) {
      List<Target> all = List.of(tidemill, relay);
      for (Target target : all) {
        say("warming up: " + target.name());
        warmUp(target);
      }
      for (int round = 1; round <= rounds; round++) {
        say("round " + round + " of " + rounds);
        for (Target target : all) {
          round(report, target);
        }
      }
    }
    report.addRatio("tidemill over relay, p50", "tidemill p50", "relay p50");
    report.addRatio("tidemill, p99 over p50", "tidemill p99", "tidemill p50");
    report.addRatio("relay, p99 over p50", "relay p99", "relay p50");
  }

  /**
   * With many tasks and then with few at a time: while the JVMs still compile, their compilers take
   * whole slices of the cores from the one task that is under way.
   */
  private void warmUp(Target target) throws InterruptedException {
    target.run(warmUp, WARM_OUTSTANDING);
    target.run(4 * count, outstanding);
  }

  private void round(Report report, Target target) throws IOException, InterruptedException {
    String name = target.name();
    Uses uses = Uses.begin(target.processes());
    Run run = target.run(count, outstanding);
    uses.end(report, name, count);
    report.add(name + " p50", "us", run.micros(50));
    report.add(name + " p90", "us", run.micros(90));
    report.add(name + " p99", "us", run.micros(99));
    report.add(name + " p99.9", "us", run.micros(99.9));
    report.add(name, "tasks/s", run.tasksPerSecond());
  }
}
