package io.tidemill.system.kills;

import com.google.protobuf.ByteString;
import io.tidemill.client.ResultListener;
import io.tidemill.client.SessionOptions;
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
import io.tidemill.v1.Refusal;
import io.tidemill.v1.TaskResult;
import io.tidemill.v1.TaskSpec;
import io.tidemill.worker.TidemillWorker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * How long it takes after a kill, with many tasks queued, until a task is accepted and assigned
 * again. The queued ones are of a type that nobody runs, so that they stay; the one that is
 * measured is submitted at once after the kill, and waits for nothing but the next process.
 */
final class RecoveryBenchmark implements AutoCloseable {
  private static final int KILL = 9;
  private static final long LIMIT_SECONDS = 120;
  private static final List<Role> SERVERS = List.of(Role.servers());
  private static final String ALL = "all";

  /** Milliseconds after the kill. */
  private enum Step {
    /** The supervisor has seen it and started another. */
    SPAWNED,
    /** That one has the lock and the files. */
    ENTERED,
    /** It has settled and rebuilt what it has to. */
    SERVING,
    /** The task is acknowledged. */
    ACCEPTED,
    /** A worker has started it. */
    ASSIGNED,
    /** The client has its result. */
    TOLD
  }

  /** A task's way, in nanoseconds of the monotonic clock. */
  private static final class Probe implements ResultListener {
    private final CountDownLatch told = new CountDownLatch(1);
    private volatile long accepted;
    private volatile long ended;

    @Override
    public void accepted(long handle, long taskId, long latencyNanos) {
      accepted = System.nanoTime();
    }

    @Override
    public void ended(long handle, TaskResult result, long latencyNanos) {
      ended = System.nanoTime();
      told.countDown();
    }

    @Override
    public void refused(long handle, Refusal refusal) {
      throw new AssertionError("refused: " + refusal);
    }
  }

  private final Tidemill instance;
  private final Regions regions;
  private final Control control;
  private final TidemillClient client;
  private final TaskSession session;
  private final TidemillWorker worker;
  private volatile long started;

  private RecoveryBenchmark(Path data, int queued) throws InterruptedException {
    int room = queued + 10_000;
    instance =
        Tidemill.start(
            data, "--workers", "0", "--set", "tasks.max=" + room, "--set", "restart.wait.max.ms=0");
    regions = Instance.observe(new DataDir(instance.data(), ""));
    control = regions.control();
    client = TidemillClient.connect("127.0.0.1:" + instance.portBase());
    session = client.openSession();
    worker =
        TidemillWorker.builder()
            .register("127.0.0.1:" + (instance.portBase() + 2))
            .workerId("probes")
            .capacity(1)
            .handler(
                Job.TYPE,
                context -> {
                  started = System.nanoTime();
                  return ByteString.EMPTY;
                })
            .build()
            .start();
    fill(queued);
  }

  private void fill(int queued) throws InterruptedException {
    TaskSpec spec = TaskSpec.newBuilder().setType("nobody-runs-this").build();
    Probe unheard = new Probe();
    try (TaskSession fast = client.openSession(SessionOptions.defaults().withResults(false))) {
      for (int i = 0; i < queued; i++) {
        fast.submit(spec, unheard);
      }
      while (!fast.awaitQuiet(Duration.ofMinutes(10))) {
        throw new AssertionError("the tasks are not accepted");
      }
    }
  }

  /** DATA QUEUED TIMES LIMIT_MS ROLE...: prints a table, and a line of JSON. */
  public static void main(String[] arguments) throws Exception {
    Path data = Files.createTempDirectory(Path.of(arguments[0]), "recovery-").resolve("data");
    int times = Integer.parseInt(arguments[2]);
    long limit = Long.parseLong(arguments[3]);
    long worst = 0;
    List<String> json = new ArrayList<>();
    try (RecoveryBenchmark benchmark =
        new RecoveryBenchmark(data, Integer.parseInt(arguments[1]))) {
      System.out.printf(
          "%-10s %-9s %8s %8s %8s   ms after the kill, %s tasks queued, %d times%n",
          "killed", "until", "min", "median", "max", arguments[1], times);
      for (String name : Arrays.asList(arguments).subList(4, arguments.length)) {
        Map<Step, long[]> figures = benchmark.measure(name, times);
        // The limit is for the death of one process.
        if (!name.equals(ALL)) {
          worst = Math.max(worst, figures.get(Step.ACCEPTED)[times - 1]);
          worst = Math.max(worst, figures.get(Step.ASSIGNED)[times - 1]);
        }
        json.add(print(name, figures));
      }
    }
    System.out.println("{" + String.join(",", json) + "}");
    System.out.println("worst until accepted and assigned: " + worst + " ms; limit: " + limit);
    System.exit(worst <= limit ? 0 : 1);
  }

  private static String print(String name, Map<Step, long[]> figures) {
    List<String> json = new ArrayList<>();
    figures.forEach(
        (step, sorted) -> {
          long min = sorted[0];
          long median = sorted[sorted.length / 2];
          long max = sorted[sorted.length - 1];
          System.out.printf("%-10s %-9s %8d %8d %8d%n", name, step, min, median, max);
          json.add("\"" + step + "\":[" + min + "," + median + "," + max + "]");
        });
    return "\"" + name + "\":{" + String.join(",", json) + "}";
  }

  /** The milliseconds of each step, in rising order. */
  private Map<Step, long[]> measure(String name, int times) throws InterruptedException {
    List<Role> roles =
        SERVERS.stream().filter(role -> name.equals(ALL) || role.label().equals(name)).toList();
    Map<Step, long[]> figures = new LinkedHashMap<>();
    for (Step step : Step.values()) {
      figures.put(step, new long[times]);
    }
    for (int i = 0; i < times; i++) {
      run();
      long[] millis = killAndMeasure(roles);
      for (Step step : Step.values()) {
        figures.get(step)[i] = millis[step.ordinal()];
      }
    }
    figures.values().forEach(Arrays::sort);
    return figures;
  }

  private long[] killAndMeasure(List<Role> roles) throws InterruptedException {
    Map<Role, Long> before = new LinkedHashMap<>();
    roles.forEach(role -> before.put(role, control.incarnation(role)));
    List<ProcessHandle> victims =
        roles.stream().map(role -> ProcessHandle.of(control.pid(role)).orElseThrow()).toList();
    long wall = System.currentTimeMillis();
    long killed = System.nanoTime();
    victims.forEach(victim -> Host.signal((int) victim.pid(), KILL));
    await(() -> victims.stream().noneMatch(ProcessHandle::isAlive));
    Probe probe = new Probe();
    session.submit(spec(), probe);
    await(() -> before.keySet().stream().allMatch(r -> control.incarnation(r) > before.get(r)));
    long entered = System.nanoTime();
    await(() -> before.keySet().stream().allMatch(r -> control.phase(r) == Phase.SERVING));
    long serving = System.nanoTime();
    if (!probe.told.await(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError("the task did not end");
    }
    long spawned =
        roles.stream()
            .map(role -> ProcessHandle.of(control.pid(role)).orElseThrow())
            .mapToLong(process -> process.info().startInstant().orElseThrow().toEpochMilli())
            .max()
            .orElseThrow();
    return new long[] {
      Math.max(0, spawned - wall),
      millis(entered - killed),
      millis(serving - killed),
      millis(probe.accepted - killed),
      millis(started - killed),
      millis(probe.ended - killed)
    };
  }

  /** A task goes through: all is as it should be. */
  private void run() throws InterruptedException {
    Probe probe = new Probe();
    session.submit(spec(), probe);
    if (!probe.told.await(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError("no task goes through");
    }
  }

  private static TaskSpec spec() {
    return TaskSpec.newBuilder().setType(Job.TYPE).setPriority(1).build();
  }

  private static long millis(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(nanos);
  }

  private static void await(java.util.function.BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("no next process in " + LIMIT_SECONDS + " s");
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }
  }

  @Override
  public void close() throws Exception {
    worker.close();
    session.close();
    client.close();
    instance.close();
    regions.close();
  }
}
