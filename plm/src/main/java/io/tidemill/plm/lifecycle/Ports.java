package io.tidemill.plm.lifecycle;

import io.tidemill.rpc.PortOwner;
import io.tidemill.shm.config.Key;
import io.tidemill.shm.config.Settings;
import io.tidemill.shm.region.Role;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Optional;

/** Looks whether a server will get its port, before a process is started for nothing. */
final class Ports {
  private Ports() {}

  /** Why it will not, in a sentence; empty if it will. */
  static Optional<String> whyTaken(Settings settings, Role server) {
    if (!Addresses.hasPort(settings)) {
      return Optional.empty();
    }
    int port = Addresses.port(settings, server);
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(settings.text(Key.BIND_HOST), port));
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(
          server.label()
              + " cannot listen: address="
              + Addresses.of(settings, server)
              + " taken_by="
              + PortOwner.describe(port)
              + "; stop that process, or choose other ports with --port-base");
    }
  }
}
