package io.tidemill.system;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** An instance of real processes, in a folder and on ports of its own. */
public final class Tidemill implements AutoCloseable {
  /** Fours of ports that tests of this process have got, some of which run beside each other. */
  private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

  private final Path data;
  private final int portBase;
  private final Map<String, String> environment;

  private Tidemill(Path data, int portBase, Map<String, String> environment) {
    this.data = data;
    this.portBase = portBase;
    this.environment = environment;
  }

  /** Starts one and waits until it is healthy. */
  public static Tidemill start(Path data, String... options) {
    return start(Map.of(), data, options);
  }

  /** The same with more in the environment, also of later starts. */
  public static Tidemill start(Map<String, String> environment, Path data, String... options) {
    Tidemill tidemill = new Tidemill(data, freePortBase(), environment);
    tidemill.startAgain(options).orFail();
    return tidemill;
  }

  public Command.Result startAgain(String... options) {
    List<String> arguments =
        new ArrayList<>(List.of("--data", data.toString(), "--port-base", "" + portBase));
    arguments.addAll(List.of(options));
    return Command.start(environment, "scripts/start-all.sh", arguments.toArray(String[]::new))
        .await();
  }

  public Path data() {
    return data;
  }

  public int portBase() {
    return portBase;
  }

  /** Runs a command of the command line on this instance. */
  public Command.Result run(String... words) {
    return begin(words).await();
  }

  /** The same, without waiting for its end. */
  public Command begin(String... words) {
    List<String> arguments = new ArrayList<>(List.of(words));
    // A machine that is busy is no failure.
    arguments.addAll(List.of("--data", data.toString(), "--connect-timeout", "60s"));
    return Command.start(Map.of(), "scripts/tidemill", arguments.toArray(String[]::new));
  }

  public JsonObject stats() {
    return run("stats", "--json").orFail().json();
  }

  /** A process of the last stats. */
  JsonObject process(String role) {
    for (JsonElement process : stats().getAsJsonArray("processes")) {
      if (process.getAsJsonObject().get("role").getAsString().equals(role)) {
        return process.getAsJsonObject();
      }
    }
    throw new AssertionError("no such process in stats: " + role);
  }

  /** The pid of a role's or worker's process, from its pid file. */
  public long pid(String name) {
    try {
      return Long.parseLong(Files.readString(data.resolve("run").resolve(name + ".pid")).trim());
    } catch (IOException e) {
      throw new AssertionError("no pid file of " + name, e);
    }
  }

  /**
   * Whether a process runs under this name that is another one than before; none does for a moment.
   */
  boolean isReplaced(String name, long before) {
    Path file = data.resolve("run").resolve(name + ".pid");
    try {
      long pid = Long.parseLong(Files.readString(file).trim());
      return pid != before && isAlive(pid);
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      throw new AssertionError("cannot read " + file, e);
    }
  }

  private static boolean isAlive(long pid) {
    return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
  }

  /** SIGKILL, and waits until the process is gone. */
  public void kill(String name) {
    long pid = pid(name);
    ProcessHandle process = ProcessHandle.of(pid).orElseThrow();
    process.destroyForcibly();
    try {
      process.onExit().get(20, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError("it does not die: process=" + name, e);
    }
  }

  public void signal(String name, String signal) {
    try {
      new ProcessBuilder("kill", "-" + signal, "" + pid(name)).inheritIO().start().waitFor();
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }

  /** The account of a client's ledger against the journals. */
  JsonObject audit(Path ledger) {
    return run("audit", "--ledger", ledger.toString(), "--json").json();
  }

  public Command.Result stop() {
    return Command.run("scripts/stop-all.sh", "--data", data.toString());
  }

  /** Stops it, and leaves what it wrote where a failed test's reader finds it. */
  @Override
  public void close() throws IOException {
    stop();
    Path kept = Command.ROOT.resolve("system-tests/target/logs").resolve(data.getFileName());
    Files.createDirectories(kept);
    try (Stream<Path> logs = Files.list(data.resolve("logs"))) {
      for (Path log : logs.toList()) {
        Files.copy(
            log,
            kept.resolve(log.getFileName()),
            java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  /**
   * Three ports in a row that are free, below those that the kernel gives to outgoing connections:
   * one of these could be taken before a server listens.
   */
  private static int freePortBase() {
    for (int attempt = 0; attempt < 1_000; attempt++) {
      int base = ThreadLocalRandom.current().nextInt(10_000, 32_000);
      if (GIVEN.add(base / 4) && isFree(base / 4 * 4)) {
        return base / 4 * 4;
      }
    }
    throw new AssertionError("no three free ports in a row");
  }

  private static boolean isFree(int base) {
    try (ServerSocket a = new ServerSocket(base);
        ServerSocket b = new ServerSocket(base + 1);
        ServerSocket c = new ServerSocket(base + 2)) {
      return a.isBound() && b.isBound() && c.isBound();
    } catch (IOException e) {
      return false;
    }
  }
}
