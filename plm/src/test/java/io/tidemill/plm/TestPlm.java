package io.tidemill.plm;

import io.grpc.ManagedChannel;
import io.tidemill.rpc.Transport;
import io.tidemill.shm.config.Settings;
import io.tidemill.shm.instance.AgentLoop;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.region.Role;
import io.tidemill.v1.StoredSchedule;
import io.tidemill.v1.TaskServiceGrpc;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** A PLM within the test, on a real instance and a real port. */
final class TestPlm implements AutoCloseable {
  private static final int MESSAGE_BYTES_MAX = 64 << 20;

  private final Instance instance;
  private final PlmPart part;
  private final AgentLoop loop;
  private final Thread thread;
  private final ManagedChannel channel;

  private TestPlm(Path data, LongSupplier wall, Map<String, String> overrides) throws IOException {
    int port = freePort();
    this.instance = Instance.enter(data, settings(data, overrides, port), Role.PLM);
    this.part = new PlmPart(instance, wall);
    this.loop = new AgentLoop(instance, part.agent());
    part.loop(loop);
    part.start();
    this.thread = new Thread(loop::run, "plm-main");
    thread.start();
    this.channel = Transport.channel("127.0.0.1:" + port, MESSAGE_BYTES_MAX);
  }

  /** Starts on small mapped files; {@code settings} are pairs of key and value. */
  static TestPlm start(Path data, String... settings) throws IOException {
    return start(data, System::currentTimeMillis, settings);
  }

  /** The same with another clock for the schedules. */
  static TestPlm start(Path data, LongSupplier wall, String... settings) throws IOException {
    Map<String, String> overrides = new HashMap<>();
    overrides.put("tasks.max", "20000");
    overrides.put("workers.max", "16");
    for (int i = 0; i < settings.length; i += 2) {
      overrides.put(settings[i], settings[i + 1]);
    }
    return new TestPlm(data, wall, overrides);
  }

  static Settings settings(Path data, Map<String, String> overrides, int port) throws IOException {
    Map<String, String> all = new HashMap<>(overrides);
    all.put("port.plm", Integer.toString(port));
    return Settings.load(all, Map.of(), data);
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  Instance instance() {
    return instance;
  }

  Housekeeping housekeeping() {
    return part.housekeeping();
  }

  /** Makes definitions hold; answers why not, or null when they are as durable as promised. */
  Refused define(Definitions.Change... changes) throws InterruptedException {
    CountDownLatch durable = new CountDownLatch(1);
    Refused refused = part.api().parts().intake().define(List.of(changes), durable::countDown);
    if (refused == null && !durable.await(30, TimeUnit.SECONDS)) {
      throw new IllegalStateException("a definition is not durable after 30 s");
    }
    return refused;
  }

  /** Submits the task of a schedule's occurrence, as its thread does. */
  Batch submitOccurrence(StoredSchedule stored, long occurrence) {
    return new ScheduleTasks(
            part.api().parts().intake(), part.api().parts().cancels(), instance.regions().tasks())
        .submit(stored, occurrence, List.of());
  }

  /** The schedules' clock was set. */
  void lookAtClock() {
    part.scheduleThread().lookAtClock();
  }

  ScheduleThread scheduleThread() {
    return part.scheduleThread();
  }

  /** What sessions work with. */
  SessionStream.Shared streams() {
    return part.api().parts().streams();
  }

  /** How many wait for the end of a task. */
  int waiters() {
    return streams().ends().waiters();
  }

  Definitions definitions() {
    return part.definitions();
  }

  Acceptance acceptance() {
    return part.acceptance();
  }

  ManagedChannel channel() {
    return channel;
  }

  TaskServiceGrpc.TaskServiceBlockingStub calls() {
    return TaskServiceGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
  }

  TaskServiceGrpc.TaskServiceStub asynchronously() {
    return TaskServiceGrpc.newStub(channel);
  }

  @Override
  public void close() throws Exception {
    channel.shutdownNow();
    loop.stop();
    thread.join();
    part.close();
    instance.close();
  }
}
