package io.tidemill.system.kills;

import io.tidemill.client.TidemillClient;
import io.tidemill.shm.instance.DataDir;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.instance.Regions;
import io.tidemill.shm.region.Role;
import io.tidemill.system.Tidemill;
import io.tidemill.v1.GetStatsResponse;
import io.tidemill.v1.UpdateQueueRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * An instance whose servers are killed while a feature is in use: clients, workers as processes of
 * their own, and what these wrote down.
 */
final class UnderKills implements AutoCloseable {
  private final Path folder;
  private final Tidemill instance;
  private final Regions regions;
  private final Servers servers;
  private final TidemillClient client;
  private final List<TidemillClient> clients = new ArrayList<>();
  private final List<Child> workers = new ArrayList<>();

  UnderKills(Path folder, String... settings) throws IOException {
    this.folder = Files.createDirectories(folder);
    List<String> options =
        new ArrayList<>(List.of("--workers", "0", "--set", "restart.wait.max.ms=0"));
    List.of(settings).forEach(setting -> options.addAll(List.of("--set", setting)));
    String name = folder.getFileName().toString();
    instance = Tidemill.start(folder.resolve(name), options.toArray(String[]::new));
    regions = Instance.observe(new DataDir(instance.data(), ""));
    servers = new Servers(regions.control());
    client = newClient();
  }

  TidemillClient client() {
    return client;
  }

  /** One with a connection of its own. */
  TidemillClient newClient() {
    TidemillClient made =
        TidemillClient.builder()
            .plm(plm())
            .register(register())
            .callTimeout(Servers.PATIENCE)
            .build();
    clients.add(made);
    return made;
  }

  String plm() {
    return "127.0.0.1:" + instance.portBase();
  }

  String register() {
    return "127.0.0.1:" + (instance.portBase() + 2);
  }

  Tidemill instance() {
    return instance;
  }

  Regions regions() {
    return regions;
  }

  Servers servers() {
    return servers;
  }

  /** A worker that has been started, and may not be ready yet. */
  Child worker(String name, int capacity, String... offer) throws IOException {
    Path history = Files.createFile(folder.resolve(name + ".history"));
    List<String> arguments =
        new ArrayList<>(List.of(register(), history.toString(), name, Integer.toString(capacity)));
    arguments.addAll(List.of(offer));
    Child worker = new Child(name, FeatureWorker.class, arguments);
    workers.add(worker);
    worker.start();
    return worker;
  }

  void awaitWorkers() throws InterruptedException {
    for (Child worker : workers) {
      worker.await(Orders.READY, Servers.PATIENCE.toSeconds());
    }
  }

  void pause(String queue, boolean paused) {
    client.updateQueue(UpdateQueueRequest.newBuilder().setQueue(queue).setPaused(paused).build());
  }

  /** What the workers have written down so far. */
  List<Run> runs() {
    try {
      return Run.of(History.read(folder));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** While nothing is written. */
  Journaled journaled() {
    return Journaled.read(instance.data());
  }

  GetStatsResponse stats() {
    return client.stats();
  }

  /** SIGKILL for these; answers when others serve in their places. */
  void kill(String test, List<Role> victims) {
    long began = System.nanoTime();
    servers.kill(victims);
    System.out.printf(
        "%s: victims=%s went_on_after_ms=%d%n",
        test, victims, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began));
  }

  @Override
  public void close() throws IOException {
    workers.forEach(Child::kill);
    clients.forEach(TidemillClient::close);
    regions.close();
    instance.close();
  }
}
