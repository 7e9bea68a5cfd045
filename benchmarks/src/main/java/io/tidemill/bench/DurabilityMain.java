package io.tidemill.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What it costs that an acknowledgement and a result survive a loss of power: two instances, one of
 * each level, in turn, beside what the disk itself charges for a force.
 */
@Command(name = "durability")
public final class DurabilityMain extends Benchmark {
  private static final int FORCES = 200;
  private static final int PAGE = 4_096;

  @Option(names = "--count", defaultValue = "200000", description = "tasks a round")
  int count;

  @Option(names = "--single", defaultValue = "2000", description = "one at a time, a round")
  int single;

  @Option(names = "--outstanding", defaultValue = "20000")
  int outstanding;

  public static void main(String[] args) {
    run(new DurabilityMain(), args);
  }

  @Override
  void measure(Report report) throws Exception {
    report.setting("count", count).setting("single", single).setting("outstanding", outstanding);
    try (BenchInstance process = level("process");
        BenchInstance disk = level("disk");
        TidemillTarget toProcess = new TidemillTarget(process);
        TidemillTarget toDisk = new TidemillTarget(disk)) {
      round(new Report("warm-up"), toProcess, "process");
      round(new Report("warm-up"), toDisk, "disk");
      for (int i = 1; i <= rounds; i++) {
        say("round " + i + " of " + rounds);
        round(report, toProcess, "process");
        round(report, toDisk, "disk");
        report.add("a force of 4 KiB by itself, p50", "us", forceMicros(disk.data()));
      }
    }
    report.addRatio("disk over process, whole life", "disk: whole life", "process: whole life");
  }

  private static BenchInstance level(String level) throws Exception {
    return BenchInstance.start("--workers", "1", "--durability", level);
  }

  private void round(Report report, Target target, String level) throws InterruptedException {
    report.add(level + ": whole life", "tasks/s", target.run(count, outstanding).tasksPerSecond());
    Run alone = target.run(single, 1);
    report.add(level + ": one at a time, p50", "us", alone.micros(50));
    report.add(level + ": one at a time, p99", "us", alone.micros(99));
  }

  /** On the disk that the instance's journals are on. */
  private static double forceMicros(Path folder) throws IOException {
    Histogram nanos = Run.histogram();
    Path file = folder.resolve("force");
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.DELETE_ON_CLOSE)) {
      for (int i = 0; i < FORCES; i++) {
        long began = System.nanoTime();
        channel.write(ByteBuffer.allocate(PAGE), 0);
        channel.force(false);
        nanos.recordValue(System.nanoTime() - began);
      }
    }
    return nanos.getValueAtPercentile(50) / 1e3;
  }
}
