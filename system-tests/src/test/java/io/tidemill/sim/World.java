package io.tidemill.sim;

import io.tidemill.plm.SimPlm;
import io.tidemill.register.SimRegister;
import io.tidemill.scheduler.SimScheduler;
import io.tidemill.shm.config.Settings;
import io.tidemill.shm.instance.DataDir;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.instance.Regions;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.Role;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * A whole instance in one thread: the servers' own code over memory and journals on the heap, with
 * simulated workers and clients, a clock that moves when it is told to, and a network that delivers
 * when it is told to. Everything in it can be repeated.
 */
final class World {
  private static final long ROUND_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final long IDLE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final int ROUNDS_MAX = 1_500;

  /** After all is done: long enough for what the servers do when nothing happens. */
  private static final int IDLE_ROUNDS = 25;

  private static final DataDir DIR = new DataDir(Path.of("/simulated"), "");

  private static final Map<Map<String, String>, Settings> KNOWN_SETTINGS =
      new ConcurrentHashMap<>();

  private final Settings settings;
  private final SimDisk disk = new SimDisk();
  private final SharedMemory memory;
  private final Map<Role, SimProcess> processes = new EnumMap<>(Role.class);
  private final Map<Role, SimServer> servers = new EnumMap<>(Role.class);
  private final List<SimStream<?, ?>> streams = new ArrayList<>();
  private final List<SimWorker> workers = new ArrayList<>();
  private final List<SimClient> clients = new ArrayList<>();
  private final SimDefinitions definitions = new SimDefinitions(this);
  private final SimPriorities priorities = new SimPriorities(this);
  private final SimSchedules schedules = new SimSchedules(this);
  private final SimRequeues requeues = new SimRequeues(this);
  private long wallAheadMillis;
  private final List<String> failures = new ArrayList<>();
  private Consumer<SimProcess> onStart = process -> {};
  private long clock = TimeUnit.HOURS.toNanos(1);
  private boolean lossy;
  private int deaths;

  /** Of the newest task that there was when the power failed. */
  private int lossEpoch = -1;

  private final Set<Long> lostTasks = new HashSet<>();

  World(SharedMemory.Size size, Map<String, String> set, Observer observer) {
    this.settings = KNOWN_SETTINGS.computeIfAbsent(set, World::settings);
    this.memory = new SharedMemory(size, observer, () -> clock);
  }

  private static Settings settings(Map<String, String> set) {
    try {
      return Settings.load(set, Map.of(), Path.of("/simulated"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  // Processes.

  /** Told of each process before its first instruction. */
  void onStart(Consumer<SimProcess> arm) {
    onStart = arm;
  }

  /** Whether what a dying server has sent last is lost. */
  void lossy(boolean now) {
    lossy = now;
  }

  /** Starts a server's next incarnation; it may die while it starts. */
  void start(Role role) {
    SimProcess process = new SimProcess(role);
    processes.put(role, process);
    onStart.accept(process);
    in(process, () -> begin(process));
  }

  private void begin(SimProcess process) {
    Regions regions = memory.openOrMake(process, disk);
    Instance instance =
        Instance.simulated(
            DIR,
            settings,
            process.role(),
            regions,
            disk.openedBy(process),
            cause -> halted(process, cause));
    SimServer server = server(instance);
    server.settle();
    if (process.role() == Role.PLM) {
      failures.addAll(SlotChecks.wrongIn(regions.tasks(), disk));
    }
    servers.put(process.role(), server);
    instance.askOthersToSweep();
    instance.control().phase(process.role(), Control.Phase.SERVING);
  }

  private SimServer server(Instance instance) {
    return switch (instance.role()) {
      case PLM -> new SimPlm(instance, this::wallMillis);
      case SCHEDULER -> new SimScheduler(instance);
      case REGISTER -> new SimRegister(instance, () -> clock);
      case SUPERVISOR -> throw new IllegalArgumentException("not simulated: the supervisor");
    };
  }

  /** The server ends itself: in order only if it was us who killed it. */
  private void halted(SimProcess process, Throwable cause) {
    if (process.isAlive()) {
      failures.add(process.role() + " ended itself: " + trace(cause));
      process.kill();
    }
    throw new Crash();
  }

  /** Runs something as a process, which may die of it. */
  void in(SimProcess process, Runnable action) {
    if (!process.isAlive()) {
      return;
    }
    try {
      action.run();
    } catch (Crash crash) {
      // It is not alive any more.
    } catch (RuntimeException | Error broken) {
      failures.add(process.role() + " broke: " + trace(broken));
      process.kill();
    }
    if (!process.isAlive()) {
      bury(process);
    }
  }

  void kill(Role role) {
    processes.get(role).kill();
    bury(processes.get(role));
  }

  private void bury(SimProcess process) {
    deaths++;
    if (processes.get(process.role()) == process) {
      servers.remove(process.role());
    }
    for (SimStream<?, ?> stream : List.copyOf(streams)) {
      if (stream.server() == process) {
        stream.serverDied(lossy);
      }
    }
  }

  /** The host is booted again: no process lives, and the mapped files are of another boot. */
  void reboot() {
    for (Role role : Role.servers()) {
      if (processes.containsKey(role)) {
        kill(role);
      }
    }
    memory.reboot();
    disk.submissions().booted();
    disk.outcomes().booted();
  }

  /**
   * The power fails. What was promised to be on disk has to be there; what was not may be gone, and
   * is nobody's from now on.
   */
  void losePower(RandomGenerator random) {
    lossEpoch = Math.max(lossEpoch, Kept.on(disk).lastEpoch());
    disk.submissions().losePower(random);
    disk.outcomes().losePower(random);
    reboot();
    // Nothing of what was still under way arrives after the loss.
    streams.forEach(stream -> stream.serverDied(true));
    Kept kept = Kept.on(disk);
    for (SimClient client : clients) {
      client.afterPowerLoss(kept);
    }
    priorities.afterPowerLoss(kept);
    lostTasks.addAll(kept.remains());
  }

  /** Whether records of it may be gone that had been written before others that are there. */
  boolean mayLack(long taskId) {
    return TaskId.epoch(taskId) <= lossEpoch;
  }

  /** Tasks that were lost with the power, and that something is left of. */
  Set<Long> lostTasks() {
    return lostTasks;
  }

  boolean isUp(Role role) {
    return servers.containsKey(role);
  }

  /** Null: it is down. */
  SimProcess process(Role role) {
    return isUp(role) ? processes.get(role) : null;
  }

  SimPlm plm() {
    return (SimPlm) servers.get(Role.PLM);
  }

  SimScheduler scheduler() {
    return (SimScheduler) servers.get(Role.SCHEDULER);
  }

  SimRegister register() {
    return (SimRegister) servers.get(Role.REGISTER);
  }

  SimDisk disk() {
    return disk;
  }

  SharedMemory memory() {
    return memory;
  }

  Settings settings() {
    return settings;
  }

  int deaths() {
    return deaths;
  }

  List<String> failures() {
    return failures;
  }

  void fail(String what) {
    failures.add(what);
  }

  List<SimClient> clients() {
    return clients;
  }

  SimRequeues requeues() {
    return requeues;
  }

  SimSchedules schedules() {
    return schedules;
  }

  SimPriorities priorities() {
    return priorities;
  }

  SimDefinitions definitions() {
    return definitions;
  }

  List<SimWorker> workers() {
    return workers;
  }

  // Time and network.

  long clock() {
    return clock;
  }

  void advanceMillis(long millis) {
    clock += TimeUnit.MILLISECONDS.toNanos(millis);
  }

  /** What the servers take for the time of day; begins at 1:00 of 1970-01-01. */
  long wallMillis() {
    return TimeUnit.NANOSECONDS.toMillis(clock) + wallAheadMillis;
  }

  /** Somebody sets the clock; no time passes. */
  void jumpWall(long millis) {
    wallAheadMillis += millis;
  }

  boolean hasWallJumped() {
    return wallAheadMillis > 0;
  }

  void connected(SimStream<?, ?> stream) {
    streams.add(stream);
  }

  SimWorker worker(String id, int window, String... types) {
    SimWorker worker = new SimWorker(this, id, window, List.of(types));
    workers.add(worker);
    return worker;
  }

  SimClient client(long session) {
    SimClient client = new SimClient(this, session);
    clients.add(client);
    return client;
  }

  /** All links on which something can arrive now, in a fixed order. */
  List<Link> readyLinks() {
    streams.removeIf(SimStream::isOver);
    List<Link> ready = new ArrayList<>();
    for (SimStream<?, ?> stream : streams) {
      addIfReady(ready, stream.up());
      addIfReady(ready, stream.down());
    }
    return ready;
  }

  private static void addIfReady(List<Link> ready, Link link) {
    if (link.isReady()) {
      ready.add(link);
    }
  }

  /** Lets everything arrive that is on its way, and what follows from it on the network. */
  boolean deliverAll() {
    boolean any = false;
    List<Link> ready = readyLinks();
    while (!ready.isEmpty()) {
      any = true;
      ready.forEach(Link::deliver);
      ready = readyLinks();
    }
    return any;
  }

  /** Lets arrive what is on its way to a server, and nothing else. */
  void deliverTo(Role role) {
    for (SimStream<?, ?> stream : List.copyOf(streams)) {
      if (stream.server().role() == role) {
        while (stream.up().deliver()) {}
      }
    }
  }

  /** One turn of a server's loop, and of its committing thread; answers whether it did anything. */
  boolean turn(Role role) {
    SimProcess process = process(role);
    if (process == null) {
      return false;
    }
    SimServer server = servers.get(role);
    int[] done = new int[1];
    in(
        process,
        () -> {
          done[0] = server.turn(clock);
          done[0] += server.commit();
        });
    return done[0] > 0;
  }

  // All together.

  /**
   * Everybody does what there is to do; dead servers are started. Answers whether there was any.
   */
  boolean round() {
    boolean any = false;
    for (Role role : Role.servers()) {
      if (!isUp(role)) {
        start(role);
        any = true;
      }
    }
    for (SimWorker worker : workers) {
      any |= worker.act();
    }
    for (SimClient client : clients) {
      any |= client.act();
    }
    any |= deliverAll();
    for (Role role : Role.servers()) {
      any |= turn(role);
    }
    any |= deliverAll();
    clock += any ? ROUND_NANOS : IDLE_NANOS;
    return any;
  }

  /** So many rounds. */
  void rounds(int count) {
    for (int i = 0; i < count; i++) {
      round();
    }
  }

  /** Goes on until every task has ended and every client knows, and a while longer. */
  void rest() {
    workers.forEach(worker -> worker.hurry(true));
    workers.stream().filter(SimWorker::isDead).forEach(SimWorker::revive);
    for (int i = 0; i < ROUNDS_MAX && failures.isEmpty(); i++) {
      if (isDone()) {
        rounds(IDLE_ROUNDS);
        if (isDone()) {
          processes.values().forEach(SimProcess::count); // What was to kill one is over, too.
          return;
        }
      }
      round();
    }
    if (failures.isEmpty()) {
      failures.add(
          "it does not come to rest: "
              + clients
              + " "
              + workers
              + " "
              + servers.keySet()
              + slots());
    }
  }

  private String slots() {
    StringBuilder text = new StringBuilder();
    TaskTable tasks = memory.observed().tasks();
    for (int slot = 0; slot < tasks.capacity(); slot++) {
      long word = tasks.word(slot);
      if (StateWord.state(word) != TaskState.FREE) {
        text.append(" slot=").append(slot).append(' ').append(StateWord.describe(word));
        text.append(" id=").append(Long.toHexString(tasks.id(slot)));
        text.append(tasks.isDisk(slot) ? " disk" : "");
        text.append(" type=").append(tasks.type(slot));
        text.append(" outcome=").append(tasks.outcome(slot));
      }
    }
    return text + " forced=" + memory.observed().control().outcomesForced();
  }

  private boolean isDone() {
    return List.of(Role.servers()).stream().allMatch(this::isUp)
        && clients.stream().allMatch(SimClient::isDone)
        && workers.stream().allMatch(SimWorker::isIdle);
  }

  private static String trace(Throwable broken) {
    StringBuilder text = new StringBuilder(String.valueOf(broken));
    for (StackTraceElement element : broken.getStackTrace()) {
      if (text.length() < 1_500) {
        text.append("\n    at ").append(element);
      }
    }
    return text.toString();
  }
}
