package io.tidemill.bench;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * How much processor time the processes of an instance have used, and this one; what their
 * compilers took is counted by itself, since it ends when they are warm.
 */
final class CpuUse {
  private static final String CLIENT = "client";
  static final String COMPILERS = "(compilers)";

  private final Map<String, Double> micros = new TreeMap<>();

  private CpuUse() {}

  /**
   * In microseconds, by process.
   *
   * @param data the instance's folder, on this host
   */
  static Map<String, Double> micros(Path data) throws IOException {
    CpuUse use = new CpuUse();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(data.resolve("run"), "*.pid")) {
      for (Path file : files) {
        String name = file.getFileName().toString().replace(".pid", "");
        use.add(name, Long.parseLong(Files.readString(file).strip()));
      }
    }
    use.add(CLIENT, ProcessHandle.current().pid());
    return use.micros;
  }

  /** Of all threads that live; what those that ended meanwhile had used is little here. */
  private void add(String name, long pid) throws IOException {
    try (DirectoryStream<Path> threads =
        Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "task"))) {
      for (Path thread : threads) {
        add(name, thread);
      }
    }
  }

  private void add(String name, Path thread) throws IOException {
    try {
      String comm = Files.readString(thread.resolve("comm"));
      boolean compiles = comm.startsWith("C1 Compiler") || comm.startsWith("C2 Compiler");
      String nanos = Files.readString(thread.resolve("schedstat")).split(" ", 2)[0];
      micros.merge(compiles ? COMPILERS : name, Long.parseLong(nanos) / 1e3, Double::sum);
    } catch (NoSuchFileException ended) {
      // It is not there any more.
    }
  }
}
