package io.tidemill.bench;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** An instance of its own in a scratch folder, started and stopped as a user would. */
final class BenchInstance implements AutoCloseable {
  private final Path folder;
  private final Path scripts = Path.of(System.getenv("TIDEMILL_SCRIPTS"));
  private final int portBase;
  private final Thread onExit = new Thread(this::close);
  private double startSeconds;

  /** Guarded by this, as what follows. */
  private Process script;

  private boolean closed;

  private BenchInstance() throws IOException {
    this.folder = Files.createTempDirectory("tidemill-bench");
    this.portBase = Ports.freeBase();
  }

  /** Healthy, with what {@code start-all.sh} is told beside the folder and the ports. */
  static BenchInstance start(String... options) throws IOException, InterruptedException {
    return start(Map.of(), options);
  }

  /**
   * @param environment beside our own
   */
  static BenchInstance start(Map<String, String> environment, String... options)
      throws IOException, InterruptedException {
    BenchInstance instance = new BenchInstance();
    Runtime.getRuntime().addShutdownHook(instance.onExit);
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("--port-base", Integer.toString(instance.portBase)));
    arguments.addAll(List.of(options));
    long began = System.nanoTime();
    int exit = instance.script("start-all.sh", environment, arguments);
    instance.startSeconds = (System.nanoTime() - began) / 1e9;
    if (exit != 0) {
      String said = Files.readString(instance.log());
      instance.close();
      throw new IOException("an instance did not start: exit=" + exit + " said=" + said);
    }
    return instance;
  }

  private int script(String name, Map<String, String> environment, List<String> arguments)
      throws IOException, InterruptedException {
    return begin(name, environment, arguments).waitFor();
  }

  /** Takes the instance over to the release that it is of, process by process. */
  Process upgrade() throws IOException {
    return begin("upgrade-all.sh", Map.of(), List.of());
  }

  private synchronized Process begin(
      String name, Map<String, String> environment, List<String> arguments) throws IOException {
    if (closed) {
      throw new IOException("the benchmark is ending");
    }
    List<String> command = new ArrayList<>();
    command.add(scripts.resolve(name).toString());
    command.addAll(List.of("--data", data().toString()));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.redirectOutput(log().toFile());
    builder.environment().putAll(environment);
    script = builder.start();
    return script;
  }

  Path log() {
    return folder.resolve("script.log");
  }

  Path data() {
    return folder.resolve("data");
  }

  String plm() {
    return "127.0.0.1:" + portBase;
  }

  String register() {
    return "127.0.0.1:" + (portBase + 2);
  }

  /** From the start of {@code start-all.sh} to its end, when all was healthy. */
  double startSeconds() {
    return startSeconds;
  }

  /** The pids of the three servers, by name. */
  Map<String, Long> servers() throws IOException {
    Map<String, Long> pids = pids("{plm,scheduler,register}.pid");
    if (pids.size() != 3) {
      throw new IOException("three servers have a pid file each: found=" + pids);
    }
    return pids;
  }

  /** The servers and the workers. */
  Map<String, Long> processes() throws IOException {
    return pids("{plm,scheduler,register,worker-*}.pid");
  }

  private Map<String, Long> pids(String files) throws IOException {
    Map<String, Long> pids = new TreeMap<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(data().resolve("run"), files)) {
      for (Path file : found) {
        String name = file.getFileName().toString().replace(".pid", "");
        pids.put(name, Long.parseLong(Files.readString(file).strip()));
      }
    }
    return pids;
  }

  /**
   * Once, by whoever comes first: the benchmark at its end, or the hook when a signal ends us. The
   * other one waits for it, so that the JVM does not end before the instance has.
   */
  @Override
  public synchronized void close() {
    if (!closed) {
      stopAndDelete();
      closed = true;
    }
  }

  private void stopAndDelete() {
    try {
      if (script != null) {
        // One that still starts the instance would go on with it after it has been stopped.
        script.waitFor();
      }
      script("stop-all.sh", Map.of(), List.of());
      try (Stream<Path> files = Files.walk(folder)) {
        files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
      }
    } catch (IOException e) {
      System.err.println("could not be removed: folder=" + folder + " cause=" + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
