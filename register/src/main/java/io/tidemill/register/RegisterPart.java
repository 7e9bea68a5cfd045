package io.tidemill.register;

import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import io.tidemill.rpc.Hearing;
import io.tidemill.rpc.Listeners;
import io.tidemill.rpc.ReadRounds;
import io.tidemill.shm.config.Key;
import io.tidemill.shm.config.Settings;
import io.tidemill.shm.instance.Agent;
import io.tidemill.shm.instance.AgentLoop;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.instance.Server;
import io.tidemill.shm.journal.Journal;
import io.tidemill.v1.WorkerServiceGrpc;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The Register as a server process: what it settles and opens when it starts, and closes when it
 * leaves.
 */
final class RegisterPart implements Server.Part {
  /** The disk is left to nobody else: outcomes go on when submissions are refused already. */
  private static final long KEEP_FREE_BYTES = 0;

  /** Beside the results: what a message of many reports has. */
  private static final int MESSAGE_BYTES_BASE = 4 << 20;

  private final Instance instance;
  private final LongSupplier clock;
  private final Journal journal;
  private final Parts parts;
  private final RecentRecords recent = new RecentRecords();
  private final RegisterAgent agent;
  private final HealthStatusManager health = new HealthStatusManager();
  private AgentLoop loop;
  private Listeners listeners;

  RegisterPart(Instance instance) {
    this(
        instance,
        instance.journals().writeOutcomes(KEEP_FREE_BYTES),
        System::nanoTime,
        new ReadRounds(System::nanoTime));
  }

  /**
   * @param journal of outcomes, closed by this
   * @param clock of all timers, monotonic, in nanoseconds
   * @param hearing by the same clock
   */
  RegisterPart(Instance instance, Journal journal, LongSupplier clock, Hearing hearing) {
    this.instance = instance;
    this.clock = clock;
    this.journal = journal;
    this.parts = Parts.of(instance, journal, recent, clock, hearing);
    this.agent = new RegisterAgent(instance, parts, clock);
  }

  @Override
  public void start() throws IOException {
    settle();
    parts.committer().start();
    listen();
  }

  /** What has to be done before anybody is served. */
  void settle() {
    boolean unforced = new Settlement(instance, recent, journal.appendedThrough()).run();
    if (unforced) {
      parts.committer().commit();
    }
    parts
        .guard()
        .run(
            () -> {
              parts.workers().load();
              agent.sweep();
            });
  }

  private void listen() throws IOException {
    Settings settings = instance.settings();
    int messageBytesMax = MESSAGE_BYTES_BASE + 2 * settings.integer(Key.RESULT_BYTES_MAX);
    listeners =
        new Listeners(
            new Listeners.Place(instance.role().label(), instance.dir().root(), settings.byName()),
            messageBytesMax,
            health,
            List.of(service(loop::wake)));
    listeners.start();
    health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.SERVING);
    health.setStatus(WorkerServiceGrpc.SERVICE_NAME, ServingStatus.SERVING);
  }

  WorkerService service(Runnable wakeAgent) {
    return new WorkerService(
        parts.guard(),
        parts.registrar(),
        parts.heartbeats(),
        parts.workers(),
        new WorkerInfos(instance, parts.liveness()),
        clock,
        wakeAgent);
  }

  Parts parts() {
    return parts;
  }

  @Override
  public Agent agent() {
    return agent;
  }

  @Override
  public void loop(AgentLoop agentLoop) {
    loop = agentLoop;
  }

  @Override
  public void close() throws InterruptedException {
    health.enterTerminalState();
    parts.committer().stop();
    // Last verdicts, before the streams end.
    parts.committer().commit();
    parts.guard().run(() -> parts.heartbeats().close());
    if (listeners != null) {
      listeners.shutdown();
      if (!listeners.awaitTermination(1, TimeUnit.SECONDS)) {
        listeners.shutdownNow();
        listeners.awaitTermination(2, TimeUnit.SECONDS);
      }
    }
    parts.retention().close();
    parts.guard().run(parts.leaseNotes()::close);
    parts.guard().run(journal::close);
  }
}
