package io.tidemill.bench;

import io.tidemill.bench.relay.Ceiling;
import io.tidemill.bench.relay.Relay;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The whole life of tasks with results, in order of submission and with random priorities over many
 * that wait, beside the relay of the same shape, the load generator's own ceiling and other
 * systems, round by round in turn.
 */
@Command(name = "side-by-side")
public final class SideBySideMain extends Benchmark {
  @Option(names = "--count", defaultValue = "300000", description = "tasks a round")
  int count;

  @Option(names = "--single", defaultValue = "3000", description = "one at a time, a round")
  int single;

  @Option(names = "--outstanding", defaultValue = "20000", description = "without a result")
  int outstanding;

  @Option(names = "--waiting", defaultValue = "100000", description = "with random priorities")
  int waiting;

  @Option(names = "--workers", defaultValue = "1", description = "worker processes")
  int workers;

  @Option(names = "--durability", defaultValue = "process", description = "process or disk")
  String durability;

  @Option(names = "--warm", defaultValue = "8", description = "rounds before those that count")
  int warm;

  @Option(names = "--peer", converter = PeerCommand.Converter.class)
  List<PeerCommand> peers = List.of();

  public static void main(String[] args) {
    run(new SideBySideMain(), args);
  }

  @Override
  void measure(Report report) throws Exception {
    report
        .setting("durability", durability)
        .setting("workers", workers)
        .setting("count", count)
        .setting("outstanding", outstanding)
        .setting("payload_bytes", Load.echo().payloadBytes());
    try (BenchInstance instance =
            BenchInstance.start(
                "--workers", Integer.toString(workers), "--durability", durability);
        TidemillTarget inOrder = new TidemillTarget(instance);
        TidemillTarget random = new TidemillTarget(instance, Load.randomPriorities());
        Relay relay = Relay.start();
        Ceiling ceiling = Ceiling.start()) {
      for (int i = 1; i <= warm; i++) {
        say("warming up, " + i + " of " + warm);
        own(new Report("warm-up"), inOrder, random, relay, ceiling);
      }
      for (int i = 1; i <= rounds; i++) {
        say("round " + i + " of " + rounds);
        own(report, inOrder, random, relay, ceiling);
        PeerCommand.addAll(peers, report);
      }
    }
    ratios(report);
  }

  /** A round of what is ours: the peers' servers are fresh in each round and need no warming. */
  private void own(Report to, Target inOrder, Target random, Target relay, Target ceiling)
      throws Exception {
    to.add("whole life with results", "tasks/s", rate(inOrder, outstanding));
    to.add(randomName(), "tasks/s", rate(random, waiting));
    Run alone = inOrder.run(single, 1);
    to.add("one at a time, p50", "us", alone.micros(50));
    to.add("one at a time, p99", "us", alone.micros(99));
    to.add("a relay that keeps nothing", "tasks/s", rate(relay, outstanding));
    Run relayed = relay.run(single, 1);
    to.add("the relay one at a time, p50", "us", relayed.micros(50));
    to.add("the load generator's ceiling", "tasks/s", rate(ceiling, outstanding));
  }

  private String randomName() {
    return "random priorities, " + waiting + " waiting";
  }

  private double rate(Target target, int without) throws InterruptedException {
    return target.run(count, without).tasksPerSecond();
  }

  private void ratios(Report report) {
    String ours = "whole life with results";
    report.addRatio("random priorities over in order", randomName(), ours);
    report.addRatio("over the relay", ours, "a relay that keeps nothing");
    report.addRatio(
        "one at a time over the relay", "one at a time, p50", "the relay one at a time, p50");
    PeerCommand.addRatios(peers, report, ours);
  }
}
