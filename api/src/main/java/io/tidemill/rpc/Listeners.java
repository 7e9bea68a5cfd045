package io.tidemill.rpc;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.protobuf.services.HealthStatusManager;
import io.tidemill.rpc.security.ServerSecurity;
import io.tidemill.rpc.security.UnixSockets;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

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
  private final ServerSecurity security;
  private final Server tcp;
  private final Server unix;

  /**
   * Not started yet.
   *
   * @param messageBytesMax what one incoming message may have
   * @throws IOException with a sentence, if a file that the settings name is not what it should be,
   *     or strangers could reach the server in the clear or without credentials
   */
  public Listeners(
      Place place, int messageBytesMax, HealthStatusManager health, List<BindableService> services)
      throws IOException {
    EarlyTransport.awaitBegun();
    this.place = place;
    this.security = new ServerSecurity(place.role(), place.data(), place.settings());
    ServerGuard guard =
        new ServerGuard(ConnectionLimits.of(place.settings()), messageBytesMax, health, services);
    this.tcp = security.hasTcp() ? guard.onTcp(security.tcp(place.address())).build() : null;
    this.unix =
        security.hasUnix() ? guard.on(security.unix(), UnixSockets::listener).build() : null;
  }

  /**
   * Begins to listen.
   *
   * @throws IOException with a sentence that names who has the port
   */
  public void start() throws IOException {
    if (tcp != null) {
      Transport.start(tcp, place.address(), place.portKey());
    }
    if (unix != null) {
      unix.start();
    }
    security.start();
  }

  private List<Server> servers() {
    return Stream.of(tcp, unix).filter(Objects::nonNull).toList();
  }

  /** Takes no new calls; those under way go on. */
  public void shutdown() {
    servers().forEach(Server::shutdown);
  }

  /** Ends the calls under way, too. */
  public void shutdownNow() {
    servers().forEach(Server::shutdownNow);
  }

  /** False if the time was over first. */
  public boolean awaitTermination(long time, TimeUnit unit) throws InterruptedException {
    long end = System.nanoTime() + unit.toNanos(time);
    boolean all = true;
    for (Server server : servers()) {
      long left = Math.max(0, end - System.nanoTime());
      all &= server.awaitTermination(left, TimeUnit.NANOSECONDS);
    }
    if (all) {
      security.close();
    }
    return all;
  }
}
