package io.tidemill.scheduler;

import io.grpc.Server;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import io.tidemill.rpc.Transport;
import io.tidemill.shm.config.Key;
import io.tidemill.shm.instance.Agent;
import io.tidemill.shm.instance.AgentLoop;
import io.tidemill.shm.instance.Instance;
import java.net.InetSocketAddress;
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
  private Server server;

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
    InetSocketAddress address =
        new InetSocketAddress(
            instance.settings().text(Key.BIND_HOST),
            instance.settings().integer(Key.PORT_SCHEDULER));
    server = Transport.server(address, MESSAGE_BYTES_MAX, health, List.of(service()));
    Transport.start(server, address, Key.PORT_SCHEDULER.key());
    health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.SERVING);
  }

  /** What has to be done before anybody is served. */
  void settle() {
    agent.rebuild();
  }

  DispatchService service() {
    return new DispatchService(inbox);
  }

  @Override
  public void close() throws Exception {
    health.enterTerminalState();
    agent.closeStreams();
    server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    agent.close();
  }
}
