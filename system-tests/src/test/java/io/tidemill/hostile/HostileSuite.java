package io.tidemill.hostile;

import io.grpc.ManagedChannel;
import io.tidemill.rpc.Transport;
import io.tidemill.rpc.hostile.Attack;
import io.tidemill.v1.SubmitTaskRequest;
import io.tidemill.v1.TaskServiceGrpc;
import io.tidemill.v1.TaskSpec;
import io.tidemill.v1.WaitTaskRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The long form: each attack against a running instance, beside an honest client whose answers are
 * timed before and during it, with the servers' memory. Ends with 0 if nobody honest was let down
 * and no server died.
 *
 * <p>Arguments: the instance's folder, its port base, {@code attacks} or {@code swarm}, how many
 * workers the swarm has.
 */
public final class HostileSuite {
  private static final long QUIET_MILLIS = 3_000;
  private static final long FLOOD_MILLIS = 10_000;
  private static final int TOGETHER = 20;
  private static final long SWARM_SECONDS = 240;
  private static final List<String> ROLES = List.of("plm", "scheduler", "register");

  private final Path data;
  private final int portBase;
  private final List<Long> pids = new ArrayList<>();
  private final Meter meter;
  private boolean good = true;

  private HostileSuite(Path data, int portBase) throws IOException {
    this.data = data;
    this.portBase = portBase;
    this.meter = new Meter(portBase);
    readPids();
  }

  /** See the class. */
  public static void main(String[] arguments) throws Exception {
    HostileSuite suite = new HostileSuite(Path.of(arguments[0]), Integer.parseInt(arguments[1]));
    suite.head();
    pass(QUIET_MILLIS);
    suite.meter.take();
    if (arguments[2].equals("swarm")) {
      suite.swarm(Integer.parseInt(arguments[3]));
    } else {
      suite.attacks();
      suite.floods();
      suite.workers();
    }
    suite.meter.close();
    System.out.println(suite.good ? "hostile: passed" : "hostile: FAILED");
    System.exit(suite.good ? 0 : 1);
  }

  private void readPids() throws IOException {
    pids.clear();
    for (String role : ROLES) {
      pids.add(Long.parseLong(Files.readString(data.resolve("run/" + role + ".pid")).trim()));
    }
  }

  private void attacks() throws Exception {
    for (Attack attack : Attack.values()) {
      row(attack.text() + " x" + TOGETHER, () -> together(attack));
    }
  }

  /** On many connections at a time; answers after how long the last of them was cut off. */
  private String together(Attack attack) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(TOGETHER);
    List<Future<Long>> ends = new ArrayList<>();
    for (int i = 0; i < TOGETHER; i++) {
      ends.add(threads.submit(() -> attack.run(portBase, 60)));
    }
    long most = 0;
    for (Future<Long> end : ends) {
      most = Math.max(most, end.get());
    }
    threads.shutdownNow();
    return "cut off after " + most + " ms";
  }

  private void floods() throws Exception {
    Floods floods = new Floods(portBase, FLOOD_MILLIS);
    row("4000 silent connections", () -> floods.silent(4_000));
    row("64 x 16 submissions of 256 KiB", () -> floods.submissions(64, 16, 256 << 10));
    row("16 x 8 submissions of 1 MiB", () -> floods.submissions(16, 8, 1_000_000));
    row("16 x 4 batches of 10,000", () -> floods.batches(16, 4));
    row("16 x 2 batches of 2,000,000", () -> floods.bombs(16, 2));
    row("200 x 20 unfinished messages", () -> floods.unfinished(200, 20));
    row("300 sessions that do not read", () -> floods.deafSessions(300));
    long task = longResult();
    row("100 x 500 long answers not read", () -> floods.deafReaders(100, task));
  }

  /** A task that has ended with a long result. */
  private long longResult() {
    ManagedChannel channel = Transport.channel("127.0.0.1:" + portBase, 16 << 20);
    var stub = TaskServiceGrpc.newBlockingStub(channel).withDeadlineAfter(60, TimeUnit.SECONDS);
    TaskSpec spec =
        TaskSpec.newBuilder()
            .setType("echo")
            .setPriority(2_000)
            .setPayload(com.google.protobuf.ByteString.copyFrom(new byte[900_000]))
            .build();
    long id = stub.submitTask(SubmitTaskRequest.newBuilder().setTask(spec).build()).getTaskId();
    var unused = stub.waitTask(WaitTaskRequest.newBuilder().setTaskId(id).build());
    channel.shutdownNow();
    return id;
  }

  private void workers() throws Exception {
    try (WorkerAttacks attacks = new WorkerAttacks(portBase, FLOOD_MILLIS)) {
      row("a worker of capacity 10^9", attacks::boasts);
      row("a worker that beats without end", attacks::beats);
      row("a worker with long progress notes", attacks::tells);
      row("a worker with others' results", attacks::lies);
      row("a worker with ever new streams", attacks::manyStreams);
      row("a worker with ever new names", attacks::endlessNames);
    }
  }

  /** Many workers connect at once; then Register and Main Scheduler die, and they all come back. */
  private void swarm(int count) throws Exception {
    try (Swarm swarm = new Swarm(portBase, count)) {
      row(count + " workers connect at once", () -> connected(swarm, count, swarm::start));
      row(
          count + " workers come back to both",
          () ->
              connected(
                  swarm,
                  count,
                  () -> {
                    kill("register");
                    kill("scheduler");
                  }));
      row(count + " workers stay", () -> stay(swarm));
    }
  }

  private String connected(Swarm swarm, int count, Runnable begin) throws IOException {
    long before = swarm.attempts();
    begin.run();
    long started = System.nanoTime();
    long end = started + TimeUnit.SECONDS.toNanos(SWARM_SECONDS);
    pass(500);
    while (swarm.connected() < count && System.nanoTime() - end < 0) {
      pass(50);
    }
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - started);
    good &= swarm.connected() >= count;
    readPids();
    return swarm.connected()
        + " in "
        + millis
        + " ms, attempts "
        + (swarm.attempts() - before)
        + swarm.failure();
  }

  private static String stay(Swarm swarm) {
    long before = swarm.attempts();
    pass(15_000);
    return swarm.connected() + " after 15 s, attempts " + (swarm.attempts() - before);
  }

  private void kill(String role) {
    try {
      long pid = Long.parseLong(Files.readString(data.resolve("run/" + role + ".pid")).trim());
      ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  // The table.

  private void head() {
    System.out.printf(
        Locale.ROOT,
        "%-36s | %-52s | %15s | %15s | %9s | %s%n",
        "attack",
        "outcome",
        "quiet p50/p99",
        "during p50/p99",
        "ref/fail",
        "MiB before/peak plm, scheduler, register");
  }

  private void row(String name, Callable<String> attack) throws Exception {
    pass(QUIET_MILLIS);
    Meter.Figures quiet = meter.take();
    long[] before = memory();
    Peak peak = new Peak();
    peak.start();
    String outcome;
    try {
      outcome = attack.call();
    } catch (Exception | AssertionError broken) {
      outcome = "FAILED: " + broken;
      good = false;
    }
    long[] most = peak.end();
    Meter.Figures during = meter.take();
    List<Long> asBefore = List.copyOf(pids);
    readPids();
    boolean died = !asBefore.equals(pids);
    good &= !died && during.failed() == 0;
    System.out.printf(
        Locale.ROOT,
        "%-36s | %-52s | %15s | %15s | %4d/%-4d | %s%s%n",
        name,
        outcome,
        text(quiet),
        text(during),
        during.refused(),
        during.failed(),
        memoryText(before, most),
        died ? " A SERVER DIED" : "");
  }

  private static String text(Meter.Figures figures) {
    return String.format(Locale.ROOT, "%.1f/%.1f", figures.p50Millis(), figures.p99Millis());
  }

  private static String memoryText(long[] before, long[] most) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < before.length; i++) {
      text.append(i == 0 ? "" : ", ").append(before[i]).append('/').append(most[i]);
    }
    return text.toString();
  }

  private long[] memory() {
    return pids.stream().mapToLong(Memory::ofProcess).toArray();
  }

  /** The most memory that each server had for a while. */
  private final class Peak {
    private final long[] most = memory();
    private volatile boolean over;
    private final Thread thread = new Thread(this::run, "peak");

    void start() {
      thread.setDaemon(true);
      thread.start();
    }

    private void run() {
      while (!over) {
        long[] now = memory();
        for (int i = 0; i < most.length; i++) {
          most[i] = Math.max(most[i], now[i]);
        }
        pass(50);
      }
    }

    long[] end() throws InterruptedException {
      over = true;
      thread.join();
      return most;
    }
  }

  private static void pass(long millis) {
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
  }
}
