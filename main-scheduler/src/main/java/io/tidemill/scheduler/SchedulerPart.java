package io.tidemill.scheduler;

import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import io.tidemill.rpc.Listeners;
import io.tidemill.shm.instance.Agent;
import io.tidemill.shm.instance.AgentLoop;
import io.tidemill.shm.instance.Instance;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Puts the Main Scheduler together: the agent that decides, and the server that its workers'
 * streams come in by.
 */
final class SchedulerPart implements io.tidemill.shm.instance.Server.Part {
  private static final int MESSAGE_BYTES_MAX = 4 << 20;

  private final Instance instance;
  private final SchedulerAgent agent;
  private final Inbox inbox;
  private final HealthStatusManager health = new HealthStatusManager();
  private Listeners listeners;

  SchedulerPart(Instance instance) {
    this.instance = instance;
    this.inbox = new Inbox();
    this.agent = new SchedulerAgent(instance, inbox);
  }

  @Override
  public Agent agent() {
    return agent;
  }

  @Override
  public void loop(AgentLoop loop) {
    inbox.onArrival(loop::wake);
  }

  @Override
  public void start() throws Exception {
    settle();
    listeners =
        new Listeners(
            new Listeners.Place(
                instance.role().label(), instance.dir().root(), instance.settings().byName()),
            MESSAGE_BYTES_MAX,
            health,
            List.of(service()));
    listeners.start();
    health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.SERVING);
  }

  /** What has to be done before anybody is served. */
  void settle() {
    agent.sweep();
  }

  DispatchService service() {
    return new DispatchService(inbox);
  }

  @Override
  public void close() throws Exception {
    health.enterTerminalState();
    agent.closeStreams();
    listeners.shutdownNow();
    listeners.awaitTermination(5, TimeUnit.SECONDS);
    agent.close();
  }
}
