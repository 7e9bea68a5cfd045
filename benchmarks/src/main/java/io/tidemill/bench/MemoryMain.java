package io.tidemill.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What the three servers take: idle, with many tasks queued, and in garbage for each task. */
@Command(name = "memory")
public final class MemoryMain extends Benchmark {
  private static final double MEBIBYTE = 1 << 20;

  /**
   * For what a server still does after its start, which tells nobody when it is done: the
   * compilers, the first collections, the sweep.
   */
  private static final long SETTLE_MILLIS = 3_000;

  @Option(names = "--queued", defaultValue = "1000000")
  int queued;

  @Option(names = "--count", defaultValue = "500000", description = "for the garbage of a task")
  int count;

  @Option(names = "--outstanding", defaultValue = "20000")
  int outstanding;

  public static void main(String[] args) {
    run(new MemoryMain(), args);
  }

  @Override
  void measure(Report report) throws Exception {
    report
        .setting("queued", queued)
        .setting("count", count)
        .setting("outstanding", outstanding)
        .setting("payload_bytes", Load.echo().payloadBytes());
    for (int round = 1; round <= rounds; round++) {
      say("round " + round + " of " + rounds);
      queue(report);
      allocate(report);
    }
    report.note("Proportional set size: a page that several processes map counts once in the sum.");
  }

  private void queue(Report report) throws Exception {
    String room = "tasks.max=" + Math.max(1_000, queued);
    try (BenchInstance instance = BenchInstance.start("--workers", "0", "--set", room);
        TidemillTarget target = new TidemillTarget(instance)) {
      Thread.sleep(SETTLE_MILLIS);
      double idle = 0;
      for (Map.Entry<String, Long> server : instance.servers().entrySet()) {
        double bytes = Proc.proportionalBytes(server.getValue());
        report.add("idle: " + server.getKey(), "MiB", bytes / MEBIBYTE);
        idle += bytes;
      }
      report.add("idle: the three servers", "MiB", idle / MEBIBYTE);
      target.submit(queued, outstanding);
      double full = 0;
      for (long pid : instance.servers().values()) {
        full += Proc.proportionalBytes(pid);
      }
      report.add("with all queued: the three servers", "MiB", full / MEBIBYTE);
      report.add("for each queued task", "bytes", (full - idle) / queued);
    }
  }

  private void allocate(Report report) throws Exception {
    Path logs = Files.createTempDirectory("tidemill-gc");
    String options = "-Xlog:gc:file=" + logs.resolve("gc-%p.log");
    try (BenchInstance instance =
            BenchInstance.start(Map.of("TIDEMILL_JAVA_OPTS", options), "--workers", "1");
        TidemillTarget target = new TidemillTarget(instance)) {
      target.run(count, outstanding);
      Map<String, Long> servers = instance.servers();
      Map<String, GcLog> before = read(logs, servers);
      target.run(count, outstanding);
      double sum = 0;
      for (Map.Entry<String, GcLog> after : read(logs, servers).entrySet()) {
        double bytes = after.getValue().allocatedSince(before.get(after.getKey())) / count;
        report.add("garbage of a task: " + after.getKey(), "bytes", bytes);
        sum += bytes;
      }
      report.add("garbage of a task: the three servers", "bytes", sum);
    } finally {
      for (Path log : list(logs)) {
        Files.delete(log);
      }
      Files.delete(logs);
    }
  }

  private static List<Path> list(Path folder) throws IOException {
    try (java.util.stream.Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }

  private static Map<String, GcLog> read(Path logs, Map<String, Long> servers) throws IOException {
    Map<String, GcLog> read = new java.util.TreeMap<>();
    for (Map.Entry<String, Long> server : servers.entrySet()) {
      Path log = logs.resolve("gc-" + server.getValue() + ".log");
      read.put(server.getKey(), GcLog.of(Files.readAllLines(log)));
    }
    return read;
  }
}
