package io.tidemill.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** From {@code start-all.sh} to all healthy, with what is built, on each JDK. */
@Command(name = "start")
public final class StartMain extends Benchmark {
  private static final int OLDEST = 17;

  @Option(names = "--jdk", description = "in this folder; default: one of each version there is")
  List<Path> jdks = List.of();

  @Option(names = "--workers", defaultValue = "2")
  String workers;

  public static void main(String[] args) {
    run(new StartMain(), args);
  }

  @Override
  void measure(Report report) throws Exception {
    report.setting("workers", workers);
    Map<Integer, Path> all = new TreeMap<>();
    for (Path jdk : jdks.isEmpty() ? installed() : jdks) {
      all.putIfAbsent(version(jdk), jdk);
    }
    all.values().forEach(jdk -> say("prepares what is made once for each build: " + jdk));
    for (Path jdk : all.values()) {
      seconds(jdk);
    }
    for (int round = 1; round <= rounds; round++) {
      say("round " + round + " of " + rounds);
      for (Map.Entry<Integer, Path> jdk : all.entrySet()) {
        report.add(
            "Java " + jdk.getKey() + ": start-all.sh to healthy", "s", seconds(jdk.getValue()));
      }
    }
  }

  private double seconds(Path jdk) throws IOException, InterruptedException {
    Map<String, String> environment = Map.of("JAVA_HOME", jdk.toString());
    try (BenchInstance instance = BenchInstance.start(environment, "--workers", workers)) {
      return instance.startSeconds();
    }
  }

  /** Ours first. */
  private static List<Path> installed() throws IOException {
    List<Path> found = new ArrayList<>();
    found.add(Path.of(System.getProperty("java.home")));
    Path usual = Path.of("/usr/lib/jvm");
    if (Files.isDirectory(usual)) {
      try (Stream<Path> folders = Files.list(usual)) {
        folders.filter(StartMain::isJdk).sorted().forEach(found::add);
      }
    }
    return found;
  }

  private static boolean isJdk(Path folder) {
    try {
      return Files.isExecutable(folder.resolve("bin/javac")) && version(folder) >= OLDEST;
    } catch (IOException noRelease) {
      return false;
    }
  }

  private static int version(Path jdk) throws IOException {
    for (String line : Files.readAllLines(jdk.resolve("release"))) {
      if (line.startsWith("JAVA_VERSION=")) {
        return Integer.parseInt(line.replaceAll("JAVA_VERSION=\"(\\d+).*", "$1"));
      }
    }
    throw new IOException("no version in the JDK's file `release`: jdk=" + jdk);
  }
}
