package io.tidemill.plm.lifecycle;

import io.tidemill.rpc.security.UnixSockets;
import io.tidemill.shm.config.Key;
import io.tidemill.shm.config.Settings;
import io.tidemill.shm.region.Role;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;

/** Where an instance's servers listen. */
final class Addresses {
  private Addresses() {}

  static int port(Settings settings, Role server) {
    return switch (server) {
      case PLM -> settings.integer(Key.PORT_PLM);
      case SCHEDULER -> settings.integer(Key.PORT_SCHEDULER);
      case REGISTER -> settings.integer(Key.PORT_REGISTER);
      case SUPERVISOR -> throw new IllegalArgumentException("the supervisor listens nowhere");
    };
  }

  /** Whether there is a port at all. */
  static boolean hasPort(Settings settings) {
    return !settings.text(Key.BIND_UNIX).equals("only");
  }

  /** As this host's own processes reach it best: unix:PATH or host:port. */
  static String local(Settings settings, Path data, Role server) {
    return UnixSockets.isOn(settings.byName())
        ? UnixSockets.address(data, server.label())
        : of(settings, server);
  }

  /** The same as the JDK names it. A server that listens everywhere is reached over loopback. */
  static SocketAddress socket(Settings settings, Path data, Role server) {
    if (UnixSockets.isOn(settings.byName())) {
      return UnixDomainSocketAddress.of(
          UnixSockets.file(data.toAbsolutePath().normalize(), server.label()));
    }
    int port = port(settings, server);
    InetSocketAddress address = new InetSocketAddress(settings.text(Key.BIND_HOST), port);
    boolean everywhere = !address.isUnresolved() && address.getAddress().isAnyLocalAddress();
    return everywhere ? new InetSocketAddress(InetAddress.getLoopbackAddress(), port) : address;
  }

  /** As host:port. */
  static String of(Settings settings, Role server) {
    String host = settings.text(Key.BIND_HOST);
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port(settings, server);
  }
}
