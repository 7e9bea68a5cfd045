package io.tidemill.bench.relay;

import io.tidemill.bench.JavaProcess;
import io.tidemill.bench.Ports;
import io.tidemill.bench.Run;
import io.tidemill.bench.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A relay that runs: its four other processes, and the client in this one. */
public final class Relay implements Target {
  private static final List<String> ROLES = List.of("front", "scheduler", "register", "worker");

  private final Path folder;
  private final Map<String, Process> processes = new TreeMap<>();
  private final RelayClient client;

  private Relay(Path folder, int portBase) throws IOException {
    this.folder = folder;
    RelayMemory.create(folder);
    try {
      for (String role : ROLES) {
        processes.put(role, begin(role, folder, portBase));
      }
      this.client = new RelayClient(RelayMain.address(portBase));
    } catch (IOException | RuntimeException e) {
      stop();
      throw e;
    }
  }

  /** Starts one whose files stand in a scratch folder of its own. */
  public static Relay start() throws IOException {
    return new Relay(Files.createTempDirectory("tidemill-relay"), Ports.freeBase());
  }

  private static Process begin(String role, Path folder, int portBase) throws IOException {
    return JavaProcess.begin(
        role.equals("worker") ? JavaProcess.WORKER_OPTIONS : JavaProcess.SERVER_OPTIONS,
        RelayMain.class,
        role,
        folder.toString(),
        Integer.toString(portBase));
  }

  @Override
  public String name() {
    return "relay";
  }

  @Override
  public Map<String, Long> processes() {
    Map<String, Long> pids = new TreeMap<>();
    processes.forEach((role, process) -> pids.put(role, process.pid()));
    return pids;
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
    processes.values().forEach(Process::destroyForcibly);
    RelayMemory.delete(folder);
  }
}
