package io.tidemill.rpc;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Everything that one server process listens on, with the same services behind each: started and
 * stopped together. What stands between a connection and the services is decided here.
 */
public final class Listeners {
  /**
   * Whose listeners these are.
   *
   * @param role the server's name, as in {@code port.ROLE}
   * @param data the instance's folder
   * @param settings the instance's effective settings, by key
   */
  public record Place(String role, Path data, Map<String, String> settings) {
    String portKey() {
      return "port." + role;
    }

    InetSocketAddress address() {
      return new InetSocketAddress(
          settings.get("bind.host"), Integer.parseInt(settings.get(portKey())));
    }
  }

  private final Place place;
  private final List<Server> servers = new ArrayList<>();

  /**
   * Not started yet.
   *
   * @param messageBytesMax what one incoming message may have
   */
  public Listeners(
      Place place,
      int messageBytesMax,
      HealthStatusManager health,
      List<BindableService> services) {
    this.place = place;
    ServerGuard guard =
        new ServerGuard(ConnectionLimits.of(place.settings()), messageBytesMax, health, services);
    servers.add(guard.onTcp(NettyServerBuilder.forAddress(place.address())).build());
  }

  /**
   * Begins to listen.
   *
   * @throws IOException with a sentence that names who has the port
   */
  public void start() throws IOException {
    for (Server server : servers) {
      Transport.start(server, place.address(), place.portKey());
    }
  }

  /** Takes no new calls; those under way go on. */
  public void shutdown() {
    servers.forEach(Server::shutdown);
  }

  /** Ends the calls under way, too. */
  public void shutdownNow() {
    servers.forEach(Server::shutdownNow);
  }

  /** False if the time was over first. */
  public boolean awaitTermination(long time, TimeUnit unit) throws InterruptedException {
    long end = System.nanoTime() + unit.toNanos(time);
    boolean all = true;
    for (Server server : servers) {
      long left = Math.max(0, end - System.nanoTime());
      all &= server.awaitTermination(left, TimeUnit.NANOSECONDS);
    }
    return all;
  }
}
