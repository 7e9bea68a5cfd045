package io.tidemill.bench;

import io.tidemill.bench.relay.Ceiling;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Submissions alone: from the first one to the last acknowledgement, with nobody to run them. */
@Command(name = "submit")
public final class SubmitMain extends Benchmark {
  @Option(names = "--count", defaultValue = "1000000", description = "tasks a round")
  int count;

  @Option(names = "--outstanding", defaultValue = "100000", description = "unacknowledged at most")
  int outstanding;

  @Option(names = "--durability", defaultValue = "process", description = "process or disk")
  String durability;

  @Option(names = "--peer", converter = PeerCommand.Converter.class)
  List<PeerCommand> peers = List.of();

  public static void main(String[] args) {
    run(new SubmitMain(), args);
  }

  @Override
  void measure(Report report) throws Exception {
    report
        .setting("count", count)
        .setting("outstanding", outstanding)
        .setting("durability", durability)
        .setting("payload_bytes", Load.echo().payloadBytes());
    try (Ceiling ceiling = Ceiling.start()) {
      ceiling.submit(count, outstanding);
      for (int round = 1; round <= rounds; round++) {
        say("round " + round + " of " + rounds);
        report.add("submit only, acknowledged", "tasks/s", freshInstance());
        double most = ceiling.submit(count, outstanding).tasksPerSecond();
        report.add("the load generator's ceiling", "tasks/s", most);
        PeerCommand.addAll(peers, report);
      }
    }
    PeerCommand.addRatios(peers, report, "submit only, acknowledged");
    report.note("Each round has an instance of its own, which took as many tasks before.");
  }

  /** Nothing is ever run, so each round has an instance of its own, warmed up by as many tasks. */
  private double freshInstance() throws Exception {
    String room = "tasks.max=" + Math.max(1_000, 2 * count);
    try (BenchInstance instance =
            BenchInstance.start("--workers", "0", "--durability", durability, "--set", room);
        TidemillTarget target = new TidemillTarget(instance)) {
      target.submit(count, outstanding);
      return target.submit(count, outstanding).tasksPerSecond();
    }
  }
}
