package io.tidemill.bench.relay;

import io.tidemill.bench.Run;
import io.tidemill.bench.Target;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A relay that runs: its four other processes, and the client in this one. */
public final class Relay implements Target {
  private static final List<String> ROLES = List.of("front", "scheduler", "register", "worker");

  private final List<Process> processes = new ArrayList<>();
  private final RelayClient client;

  private Relay(Path folder, int portBase) throws IOException {
    RelayMemory.create(folder);
    try {
      for (String role : ROLES) {
        processes.add(begin(role, folder, portBase));
      }
      this.client = new RelayClient(RelayMain.address(portBase));
    } catch (IOException | RuntimeException e) {
      stop();
      throw e;
    }
  }

  /** Starts one whose files stand in a folder of its own within the given one. */
  public static Relay start(Path within) throws IOException {
    return new Relay(Files.createTempDirectory(within, "relay"), freePortBase());
  }

  private static int freePortBase() throws IOException {
    for (int base = 31_000; base > 10_000; base -= 7) {
      if (isFree(base)) {
        return base;
      }
    }
    throw new IOException("no three free ports in a row");
  }

  private static boolean isFree(int base) {
    try (ServerSocket a = new ServerSocket(base);
        ServerSocket b = new ServerSocket(base + 1);
        ServerSocket c = new ServerSocket(base + 2)) {
      return a.isBound() && b.isBound() && c.isBound();
    } catch (IOException taken) {
      return false;
    }
  }

  /** With the options of Tidemill's own servers, which the scripts hand over. */
  private static Process begin(String role, Path folder, int portBase) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(System.getenv("TIDEMILL_JAVA"));
    String kind = role.equals("worker") ? "TIDEMILL_WORKER_OPTS" : "TIDEMILL_SERVER_OPTS";
    command.addAll(System.getenv(kind).lines().filter(option -> !option.isBlank()).toList());
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            RelayMain.class.getName(),
            role,
            folder.toString(),
            Integer.toString(portBase)));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    if (!"ready".equals(process.inputReader().readLine())) {
      process.destroyForcibly();
      throw new IOException("a process of the relay did not start: role=" + role);
    }
    return process;
  }

  @Override
  public String name() {
    return "relay";
  }

  @Override
  public Run run(int count, int outstanding) throws InterruptedException {
    return client.run(count, outstanding);
  }

  @Override
  public void close() {
    client.close();
    stop();
  }

  private void stop() {
    processes.forEach(Process::destroyForcibly);
  }
}
