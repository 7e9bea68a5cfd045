package io.tidemill.plm.lifecycle;

import io.tidemill.shm.config.Key;
import io.tidemill.shm.config.Settings;
import io.tidemill.shm.region.Role;

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

  /** As host:port. */
  static String of(Settings settings, Role server) {
    String host = settings.text(Key.BIND_HOST);
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port(settings, server);
  }
}
