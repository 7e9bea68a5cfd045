package io.tidemill.register;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.ManagedChannel;
import io.tidemill.rpc.Hearing;
import io.tidemill.rpc.Transport;
import io.tidemill.shm.config.Key;
import io.tidemill.shm.config.Settings;
import io.tidemill.shm.instance.Agent;
import io.tidemill.shm.instance.AgentLoop;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.instance.Journals;
import io.tidemill.shm.journal.Journal;
import io.tidemill.shm.region.Role;
import io.tidemill.v1.WorkerServiceGrpc;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;

/**
 * A Register in this process, over real mapped files and real gRPC, with a clock that can be moved.
 */
final class Plant implements AutoCloseable {
  static final long INTERVAL_MILLIS = 60_000;
  static final int MISSES = 3;
  static final Duration PATIENCE = Duration.ofSeconds(20);

  final AtomicLong aheadNanos = new AtomicLong();
  private final Ears hearing = new Ears();
  final Path data;
  final Settings settings;
  final Others others;
  private final List<FakeWorker> fakes = new ArrayList<>();
  private UnaryOperator<Journal> journalWrapper = UnaryOperator.identity();
  private Instance instance;
  private Journal journal;
  private RegisterPart part;
  private AgentLoop loop;
  private Thread thread;
  private ManagedChannel channel;

  Plant(Path folder, Map<String, String> overrides) throws IOException {
    this.data = folder.resolve("data");
    this.settings = settings(data, overrides);
    this.others = new Others(Instance.enter(data, settings, Role.PLM), this::now);
  }

  static Plant start(Path folder) throws IOException {
    return start(folder, Map.of());
  }

  static Plant start(Path folder, Map<String, String> overrides) throws IOException {
    Plant plant = new Plant(folder, overrides);
    plant.startRegister();
    return plant;
  }

  static Settings settings(Path data, Map<String, String> overrides) throws IOException {
    Map<String, String> all = new HashMap<>();
    all.put(Key.TASKS_MAX.key(), "1000");
    all.put(Key.WORKERS_MAX.key(), "8");
    all.put(Key.TYPES_MAX.key(), "8");
    all.put(Key.RESULT_BYTES_MAX.key(), "1000");
    all.put(Key.PORT_REGISTER.key(), Integer.toString(freePort()));
    all.put(Key.WORKER_BEAT_INTERVAL_MS.key(), Long.toString(INTERVAL_MILLIS));
    all.put(Key.WORKER_BEAT_MISSES.key(), Integer.toString(MISSES));
    all.putAll(overrides);
    return Settings.load(all, Map.of(), data);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  long now() {
    return System.nanoTime() + aheadNanos.get();
  }

  void wrapJournal(UnaryOperator<Journal> wrapper) {
    journalWrapper = wrapper;
  }

  void startRegister() throws IOException {
    instance = Instance.enter(data, settings, Role.REGISTER);
    journal = journalWrapper.apply(Journals.write(instance.dir().outcomes(), settings, 0));
    part = new RegisterPart(instance, journal, this::now, hearing);
    Agent agent = part.agent();
    loop = new AgentLoop(instance, agent);
    part.loop(loop);
    part.start();
    thread = new Thread(loop::run, "register-main");
    thread.start();
    channel = Transport.channel("127.0.0.1:" + settings.text(Key.PORT_REGISTER), 16 << 20);
  }

  /** As SIGTERM does. */
  void stopRegister() throws Exception {
    loop.stop();
    thread.join();
    part.close();
    instance.close();
    channel.shutdownNow();
    channel.awaitTermination(5, TimeUnit.SECONDS);
  }

  /** After a start that failed. */
  void abandonRegister() {
    journal.close();
    instance.close();
  }

  WorkerServiceGrpc.WorkerServiceBlockingStub stub() {
    return WorkerServiceGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
  }

  ManagedChannel channel() {
    return channel;
  }

  FakeWorker worker(String id) {
    return worker(id, 1);
  }

  /** A registered worker whose heartbeat stream stands. */
  FakeWorker worker(String id, long instanceId) {
    FakeWorker worker = new FakeWorker(this, id, instanceId);
    fakes.add(worker);
    worker.register();
    worker.connect();
    return worker;
  }

  FakeWorker unconnected(String id, long instanceId) {
    FakeWorker worker = new FakeWorker(this, id, instanceId);
    fakes.add(worker);
    return worker;
  }

  /** Lets time pass in steps that no timer takes for a pause of the process. */
  void pass(Duration time) {
    long step = TimeUnit.MILLISECONDS.toNanos(INTERVAL_MILLIS / 4);
    for (long left = time.toNanos(); left > 0; left -= step) {
      jump(Duration.ofNanos(Math.min(step, left)));
    }
  }

  /** What comes from now on is not read, as far as the Register knows. */
  void readNothing() {
    hearing.closed = OptionalLong.of(now());
  }

  /** All that came is read again. */
  void readAll() {
    hearing.closed = OptionalLong.empty();
  }

  /** What the Register believes of the threads that read. */
  private final class Ears implements Hearing {
    private volatile OptionalLong closed = OptionalLong.empty();

    @Override
    public long heardThrough() {
      return closed.orElseGet(Plant.this::now);
    }

    @Override
    public void listen() {}
  }

  /** Lets time pass at once; the loop has turned twice when this returns. */
  void jump(Duration time) {
    aheadNanos.addAndGet(time.toNanos());
    turn();
  }

  void turn() {
    long turns = instance.control().beats(Role.REGISTER);
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(1))
        .untilAsserted(
            () -> {
              loop.wake();
              assertThat(instance.control().beats(Role.REGISTER)).isGreaterThan(turns + 1);
            });
  }

  @Override
  public void close() throws Exception {
    fakes.forEach(FakeWorker::kill);
    stopRegister();
    others.close();
  }
}
