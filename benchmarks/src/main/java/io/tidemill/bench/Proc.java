package io.tidemill.bench;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** What the kernel says of a process. */
final class Proc {
  private static final int KIBIBYTE = 1_024;

  private Proc() {}

  /**
   * What all its threads have used and done.
   *
   * @param cpuNanos time on a core
   * @param sleeps how often one of them gave up its core by itself, and was woken later
   */
  record Use(long cpuNanos, long sleeps) {
    Use since(Use before) {
      return new Use(cpuNanos - before.cpuNanos, sleeps - before.sleeps);
    }
  }

  /** Its private pages, and its part of those that others map too. */
  static long proportionalBytes(long pid) throws IOException {
    return number(Path.of("/proc/" + pid + "/smaps_rollup"), "Pss:") * KIBIBYTE;
  }

  /** Of the machine, over the last 1, 5 and 15 minutes. */
  static String loadAverage() throws IOException {
    String[] words = Files.readString(Path.of("/proc/loadavg")).split(" ");
    return words[0] + " " + words[1] + " " + words[2];
  }

  static Use use(long pid) throws IOException {
    long nanos = 0;
    long sleeps = 0;
    try (DirectoryStream<Path> threads =
        Files.newDirectoryStream(Path.of("/proc/" + pid + "/task"))) {
      for (Path thread : threads) {
        try {
          nanos += Long.parseLong(Files.readString(thread.resolve("schedstat")).split(" ", 2)[0]);
          sleeps += number(thread.resolve("status"), "voluntary_ctxt_switches:");
        } catch (NoSuchFileException ended) {
          // A thread that ended meanwhile did little.
        }
      }
    }
    return new Use(nanos, sleeps);
  }

  private static long number(Path file, String name) throws IOException {
    for (String line : Files.readAllLines(file)) {
      if (line.startsWith(name)) {
        return Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    throw new IOException("the kernel does not say it: file=" + file + " name=" + name);
  }
}
