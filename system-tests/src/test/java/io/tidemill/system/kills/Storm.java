package io.tidemill.system.kills;

import io.tidemill.client.TaskSession;
import io.tidemill.client.TidemillClient;
import io.tidemill.shm.instance.DataDir;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.instance.Regions;
import io.tidemill.shm.os.Host;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.Control.Phase;
import io.tidemill.shm.region.Role;
import io.tidemill.system.Tidemill;
import io.tidemill.system.kills.HistoryEvent.Kind;
import io.tidemill.v1.GetStatsResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/**
 * An instance with clients and workers that write down what they see, and somebody who kills and
 * pauses all of them at random moments. After some strikes everything comes to rest, and what was
 * seen is held against the journals.
 */
final class Storm implements AutoCloseable {
  /** Who is struck. */
  enum Victim {
    PLM,
    SCHEDULER,
    REGISTER,
    SUPERVISOR,
    WORKER,
    CLIENT,
    /** The three servers at once. */
    ALL,
    /** A server, ten times running, each time as soon as the next incarnation has entered. */
    RECOVERY,
    /** Anyone but the supervisor is stopped, for less or more than its limit, and goes on. */
    PAUSE
  }

  /**
   * What a judgement found.
   *
   * @param tasks acknowledged since the last one
   */
  record Verdict(long tasks, List<Violation> violations) {}

  private static final Duration PATIENCE = Servers.PATIENCE;
  private static final List<Role> SERVERS = Servers.ROLES;
  private static final int KILL = Servers.KILL;
  private static final int STOP = 19;
  private static final int CONT = 18;
  private static final int CALM_MILLIS_MAX = 300;
  private static final int RECOVERY_KILLS = 10;
  private static final int STALL_LIMIT_MILLIS = 2_000;
  private static final int PAUSE_MILLIS_MAX = 4_000;
  private static final int WORKERS = 2;
  private static final int CLIENTS = 2;

  private final Tidemill instance;
  private final Path folder;
  private final HistoryLog history;
  private final Random random;
  private final Regions regions;
  private final Control control;
  private final Servers servers;
  private final TidemillClient probe;
  private final TaskSession session;
  private final List<Child> workers = new ArrayList<>();
  private final List<Child> clients = new ArrayList<>();
  private long probes;

  Storm(Path folder, long seed, int rate) throws IOException, InterruptedException {
    this(folder, seed, rate, Map.of(), List.of());
  }

  /**
   * @param environment of the servers, beside what they have
   * @param more options of their start
   */
  Storm(Path folder, long seed, int rate, Map<String, String> environment, List<String> more)
      throws IOException, InterruptedException {
    this.folder = Files.createDirectories(folder);
    this.random = new Random(seed);
    this.history = new HistoryLog(folder.resolve("harness.history"));
    this.instance =
        Tidemill.start(environment, folder.resolve("data"), options(more).toArray(String[]::new));
    this.regions = Instance.observe(new DataDir(instance.data(), ""));
    this.control = regions.control();
    this.servers = new Servers(control);
    String plm = "127.0.0.1:" + instance.portBase();
    String register = "127.0.0.1:" + (instance.portBase() + 2);
    this.probe = TidemillClient.builder().plm(plm).register(register).callTimeout(PATIENCE).build();
    this.session = probe.openSession();
    for (int i = 1; i <= WORKERS; i++) {
      workers.add(child("worker-" + i, KillWorker.class, List.of(register)));
    }
    for (int i = 1; i <= CLIENTS; i++) {
      List<String> load = List.of(Long.toString(seed + i), Integer.toString(rate));
      clients.add(child("client-" + i, KillClient.class, List.of(plm), load));
    }
    for (Child child : children()) {
      child.start();
    }
    for (Child child : children()) {
      child.await(Orders.READY, PATIENCE.toSeconds());
    }
  }

  private static List<String> options(List<String> more) {
    List<String> options = new ArrayList<>(List.of("--workers", "0"));
    for (String setting :
        List.of(
            "tasks.max=20000",
            "worker.beat.interval.ms=200",
            "stall.limit.ms=" + STALL_LIMIT_MILLIS,
            "restart.wait.max.ms=0",
            "journal.cycle.bytes=4194304")) {
      options.addAll(List.of("--set", setting));
    }
    options.addAll(more);
    return options;
  }

  private Child child(String name, Class<?> main, List<String> address) throws IOException {
    return child(name, main, address, List.of());
  }

  private Child child(String name, Class<?> main, List<String> address, List<String> more)
      throws IOException {
    List<String> arguments = new ArrayList<>(address);
    Path file = folder.resolve(name + ".history");
    Files.createFile(file);
    arguments.addAll(List.of(file.toString(), name));
    arguments.addAll(more);
    return new Child(name, main, arguments);
  }

  private List<Child> children() {
    List<Child> all = new ArrayList<>(workers);
    all.addAll(clients);
    return all;
  }

  Tidemill instance() {
    return instance;
  }

  Control control() {
    return control;
  }

  /** A client of the harness's own. */
  TidemillClient client() {
    return probe;
  }

  /** Strikes at a random moment; answers how many milliseconds it took until all went on. */
  long strike(Victim victim) throws InterruptedException {
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1 + random.nextInt(CALM_MILLIS_MAX)));
    long began = System.nanoTime();
    switch (victim) {
      case PLM -> servers.kill(List.of(Role.PLM));
      case SCHEDULER -> servers.kill(List.of(Role.SCHEDULER));
      case REGISTER -> servers.kill(List.of(Role.REGISTER));
      case ALL -> servers.kill(SERVERS);
      case RECOVERY -> killInRecovery(SERVERS.get(random.nextInt(SERVERS.size())));
      case SUPERVISOR -> killSupervisor();
      case WORKER -> kill(workers.get(random.nextInt(workers.size())));
      case CLIENT -> kill(clients.get(random.nextInt(clients.size())));
      case PAUSE -> began = pause();
    }
    probe();
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
  }

  private void killInRecovery(Role role) {
    for (int kill = 0; kill < RECOVERY_KILLS; kill++) {
      long before = control.incarnation(role);
      Host.signal((int) control.pid(role), KILL);
      Servers.await("another incarnation of " + role, () -> control.incarnation(role) > before);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1 + random.nextInt(CALM_MILLIS_MAX)));
    }
    servers.kill(List.of(role));
  }

  private void killSupervisor() {
    Map<Role, Long> before = servers.incarnations();
    long supervisor = control.incarnation(Role.SUPERVISOR);
    Host.signal((int) control.pid(Role.SUPERVISOR), KILL);
    instance.startAgain("--workers", "0").orFail();
    Servers.await(
        "another supervisor",
        () ->
            control.incarnation(Role.SUPERVISOR) > supervisor
                && control.phase(Role.SUPERVISOR) == Phase.SERVING);
    if (!servers.incarnations().equals(before)) {
      throw new AssertionError("the supervisor's death took servers along: before=" + before);
    }
  }

  private void kill(Child child) throws InterruptedException {
    history.add(Kind.KILLED, child.processName());
    child.kill();
    child.start();
    child.await(Orders.READY, PATIENCE.toSeconds());
  }

  /** Answers when the pause was over. */
  private long pause() {
    int choice = random.nextInt(SERVERS.size() + workers.size() + clients.size());
    boolean isServer = choice < SERVERS.size();
    long pid =
        isServer ? control.pid(SERVERS.get(choice)) : children().get(choice - SERVERS.size()).pid();
    Map<Role, Long> before = servers.incarnations();
    Host.signal((int) pid, STOP);
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1 + random.nextInt(PAUSE_MILLIS_MAX)));
    boolean replaced = isServer && !servers.incarnations().equals(before);
    if (!replaced) {
      Host.signal((int) pid, CONT);
    }
    long over = System.nanoTime();
    servers.awaitServing(
        before.entrySet().stream()
            .collect(
                java.util.stream.Collectors.toMap(
                    Map.Entry::getKey, entry -> entry.getValue() - 1)),
        SERVERS);
    return over;
  }

  /**
   * A task of the harness's own goes through. In a session: what has a request id waits for the
   * index of these, which takes the next PLM longer than anything else.
   */
  private void probe() throws InterruptedException {
    Job job = new Job("probe-" + ++probes, 0, Integer.MAX_VALUE, false);
    try {
      session.submitAsync(job.spec().build()).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError("a probe did not go through", e);
    }
  }

  /** Comes to rest, holds what was seen against the journals, and goes on. */
  Verdict judge() throws IOException, InterruptedException {
    for (List<Child> some : List.of(clients, workers)) {
      for (Child child : some) {
        child.order(Orders.QUIET);
      }
      for (Child child : some) {
        child.await(Orders.QUIET, 3 * PATIENCE.toSeconds());
      }
    }
    History seen = History.read(folder);
    List<Violation> violations =
        new ArrayList<>(HistoryChecker.check(seen, Journaled.read(instance.data())));
    GetStatsResponse stats = probe.stats();
    if (stats.getInversions() != 0 || stats.getRecordedTwice() != 0) {
      violations.add(new Violation(Violation.Rule.ORDER, "the servers count: " + stats));
    }
    if (violations.isEmpty()) {
      History.forget(folder);
    }
    clients.forEach(client -> client.order(Orders.GO));
    return new Verdict(HistoryChecker.acknowledged(seen), violations);
  }

  @Override
  public void close() throws IOException {
    children().forEach(Child::kill);
    session.close();
    probe.close();
    instance.close();
    regions.close();
    history.close();
  }
}
