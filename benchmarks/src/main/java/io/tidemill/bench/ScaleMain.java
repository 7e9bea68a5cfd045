package io.tidemill.bench;

import io.tidemill.client.TidemillClient;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What becomes of the rate with many tasks queued, many workers, many clients, large payloads. */
@Command(name = "scale")
public final class ScaleMain extends Benchmark {
  /** The parts, each on instances of its own. */
  enum Part {
    QUEUED,
    WORKERS,
    CLIENTS,
    PAYLOADS
  }

  private static final int CAPACITY = 4;

  /** Other lengths make other code hot. */
  private static final int PAYLOAD_WARM_ROUNDS = 8;

  private static final int WINDOW_ALL = 8_192;
  private static final int WINDOW_LEAST = 16;
  private static final double MEBIBYTE = 1 << 20;

  /** A thousand connections are more than a worker has to have room for. */
  private static final List<String> ROOM_FOR_CONNECTIONS = List.of("-Xmx1g");

  /**
   * With a thousand connections and every process's code still cold, five processes on two cores
   * take more than the six seconds for a beat that are the default.
   */
  private static final String PATIENT = "worker.beat.misses=30";

  @Option(names = "--part", description = "only this: ${COMPLETION-CANDIDATES}")
  Set<Part> parts = Set.of(Part.values());

  @Option(names = "--count", defaultValue = "200000", description = "tasks a round")
  int count;

  @Option(names = "--outstanding", defaultValue = "20000")
  int outstanding;

  @Option(names = "--queued", split = ",", defaultValue = "1000,10000,100000,1000000")
  List<Integer> queued;

  @Option(names = "--workers", split = ",", defaultValue = "1,1000")
  List<Integer> workers;

  @Option(names = "--clients", defaultValue = "10000", description = "that wait")
  int clients;

  @Option(names = "--payloads", split = ",", defaultValue = "16,1024,65536")
  List<Integer> payloads;

  public static void main(String[] args) {
    run(new ScaleMain(), args);
  }

  @Override
  void measure(Report report) throws Exception {
    report.setting("count", count).setting("outstanding", outstanding);
    for (Part part : Part.values()) {
      if (parts.contains(part)) {
        say("part: " + part);
        measure(part, report);
      }
    }
  }

  private void measure(Part part, Report report) throws Exception {
    switch (part) {
      case QUEUED -> queued(report);
      case WORKERS -> workers(report);
      case CLIENTS -> clients(report);
      case PAYLOADS -> payloads(report);
    }
  }

  private void queued(Report report) throws Exception {
    int most = queued.stream().mapToInt(Integer::intValue).max().orElseThrow();
    String room = "tasks.max=" + (most + 1_000_000);
    try (BenchInstance instance =
            BenchInstance.start(
                "--workers", "1", "--capacity", Integer.toString(CAPACITY), "--set", room);
        TidemillTarget warm = new TidemillTarget(instance);
        TidemillClient client = TidemillClient.connect(instance.plm())) {
      warm.run(count, outstanding);
      for (int round = 1; round <= rounds; round++) {
        say("round " + round + " of " + rounds);
        for (int depth : queued) {
          report.add(
              queuedName(depth), "tasks/s", Depth.tasksPerSecond(client, depth, count, CAPACITY));
        }
      }
    }
    report.addRatio(
        queuedName(most) + " over " + queuedName(queued.get(0)),
        queuedName(most),
        queuedName(queued.get(0)));
  }

  private static String queuedName(int depth) {
    return depth + " queued";
  }

  private void workers(Report report) throws Exception {
    for (int number : workers) {
      int window = Math.max(WINDOW_LEAST, WINDOW_ALL / number);
      try (BenchInstance instance = BenchInstance.start("--workers", "0", "--set", PATIENT);
          TidemillTarget target = new TidemillTarget(instance)) {
        Process lean =
            JavaProcess.begin(
                JavaProcess.WORKER_OPTIONS,
                ROOM_FOR_CONNECTIONS,
                LeanWorkers.class,
                instance.register(),
                Integer.toString(number),
                Integer.toString(window));
        AtomicBoolean over = new AtomicBoolean();
        var unused = lean.onExit().thenRun(() -> endWithoutWorkers(over));
        try {
          say("warming up");
          WarmUp.run(target);
          rounds(report, target, workersName(number));
        } finally {
          over.set(true);
          lean.destroy();
          lean.waitFor(10, TimeUnit.SECONDS);
        }
      }
    }
    int last = workers.get(workers.size() - 1);
    report.addRatio(
        workersName(last) + " over " + workersName(workers.get(0)),
        workersName(last),
        workersName(workers.get(0)));
  }

  /** Nobody would ever run what is out. */
  private static void endWithoutWorkers(AtomicBoolean over) {
    if (!over.get()) {
      say("the workers' process has ended; nothing was measured with it");
      System.exit(1);
    }
  }

  private static String workersName(int number) {
    return number + " worker connections";
  }

  private void rounds(Report report, TidemillTarget target, String name)
      throws InterruptedException {
    target.run(count, outstanding);
    for (int round = 1; round <= rounds; round++) {
      report.add(name, "tasks/s", target.run(count, outstanding).tasksPerSecond());
    }
  }

  private void clients(Report report) throws Exception {
    String without = "no client waits";
    String with = clients + " clients wait";
    try (BenchInstance instance = BenchInstance.start("--workers", "1");
        TidemillTarget target = new TidemillTarget(instance)) {
      target.run(count, outstanding);
      for (int round = 1; round <= rounds; round++) {
        say("round " + round + " of " + rounds);
        report.add(without, "tasks/s", target.run(count, outstanding).tasksPerSecond());
        try (WaitingClients waiting = new WaitingClients(instance.plm(), clients)) {
          report.add(with, "tasks/s", target.run(count, outstanding).tasksPerSecond());
          report.add("until all of them were told", "s", waiting.releaseSeconds());
        }
      }
    }
    report.addRatio(with + " over none", with, without);
  }

  private void payloads(Report report) throws Exception {
    try (BenchInstance instance = BenchInstance.start("--workers", "1")) {
      say("warming up");
      try (Target target = new TidemillTarget(instance)) {
        WarmUp.run(target);
      }
      for (int bytes : payloads) {
        payload(report, instance, bytes);
      }
    }
    report.note("Each payload stands in both journals: with the submission, and as the result.");
  }

  private void payload(Report report, BenchInstance instance, int bytes) throws Exception {
    String life = bytes + " bytes";
    String raw = "a journal by itself, " + bytes + " bytes";
    int tasks = Math.max(2_000, (int) Math.min(count, (256L << 20) / bytes));
    int without = Math.max(64, (int) Math.min(outstanding, (32L << 20) / bytes));
    try (TidemillTarget target = new TidemillTarget(instance, Load.echo(bytes))) {
      for (int round = 1; round <= PAYLOAD_WARM_ROUNDS; round++) {
        target.run(tasks, without);
      }
      for (int round = 1; round <= rounds; round++) {
        double rate = target.run(tasks, without).tasksPerSecond();
        report.add(life, "tasks/s", rate);
        report.add(life + ", journaled", "MiB/s", 2 * rate * bytes / MEBIBYTE);
        double records = JournalRate.recordsPerSecond(bytes);
        report.add(raw, "MiB/s", records * bytes / MEBIBYTE);
      }
    }
    report.addRatio(life + ", journaled over raw", life + ", journaled", raw);
  }
}
