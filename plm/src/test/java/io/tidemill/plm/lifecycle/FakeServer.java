package io.tidemill.plm.lifecycle;

import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import io.tidemill.rpc.Transport;
import io.tidemill.shm.config.Key;
import io.tidemill.shm.instance.Agent;
import io.tidemill.shm.instance.AgentLoop;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.instance.InstanceException;
import io.tidemill.shm.instance.Server;
import io.tidemill.shm.region.Role;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;

/**
 * A server as far as a supervisor sees one: lock, row in the process table, beats, health. It
 * refuses to start while the test has left a sentence for it.
 */
public final class FakeServer implements Server.Part, Agent {
  private final Instance instance;
  private final HealthStatusManager health = new HealthStatusManager();
  private io.grpc.Server server;

  private FakeServer(Instance instance) throws IOException {
    this.instance = instance;
    TextFile.read(TestInstance.failure(instance.dir().root(), instance.role().label()))
        .ifPresent(
            sentence -> {
              throw new InstanceException(sentence);
            });
  }

  public static void main(String[] arguments) {
    String name = System.getProperty("tidemill.role");
    Server.main(Role.valueOf(name.toUpperCase(Locale.ROOT)), arguments, FakeServer::new);
  }

  @Override
  public void loop(AgentLoop loop) {}

  @Override
  public void start() throws IOException {
    InetSocketAddress address =
        new InetSocketAddress(
            instance.settings().text(Key.BIND_HOST),
            Addresses.port(instance.settings(), instance.role()));
    server = Transport.server(address, 1 << 16, health, List.of());
    Transport.start(server, address, "port");
    health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.SERVING);
  }

  @Override
  public Agent agent() {
    return this;
  }

  @Override
  public int doWork(long nowNanos) {
    return 0;
  }

  @Override
  public boolean hasWork() {
    return false;
  }

  @Override
  public void close() {
    server.shutdownNow();
  }
}
