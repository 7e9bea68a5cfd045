package io.tidemill.rpc.security;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;

/** How to reach the servers of an instance whose folder one can read: as its settings say. */
public final class InstanceFolder {
  private final Path data;
  private final Map<String, String> settings;

  private InstanceFolder(Path data, Map<String, String> settings) {
    this.data = data;
    this.settings = settings;
  }

  /**
   * @throws IOException if its tidemill.properties cannot be read, or is none
   */
  public static InstanceFolder read(Path data) throws IOException {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(data.resolve("tidemill.properties"))) {
      properties.load(reader);
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
    return new InstanceFolder(
        data,
        properties.stringPropertyNames().stream()
            .collect(Collectors.toMap(key -> key, key -> properties.getProperty(key).strip())));
  }

  /** As unix:PATH where there are such sockets, else as host:port; empty: it does not say. */
  public Optional<String> address(String role) {
    if (UnixSockets.isOn(settings)) {
      return Optional.of(UnixSockets.address(data, role));
    }
    String port = settings.getOrDefault("port." + role, "");
    return port.isEmpty() ? Optional.empty() : Optional.of(host() + ":" + port);
  }

  /** A server that listens on all addresses is reached on this host's own. */
  private String host() {
    String host = settings.getOrDefault("bind.host", "127.0.0.1");
    boolean any = host.isEmpty() || host.equals("0.0.0.0") || host.equals("::");
    return any ? "127.0.0.1" : host.contains(":") ? "[" + host + "]" : host;
  }

  /** Adds what the servers' settings ask of whoever connects, where nobody said otherwise. */
  public Access.Builder complete(Access.Builder access) {
    boolean tls = !settings.getOrDefault("tls.certificate", "").isEmpty();
    if (tls) {
      access.tls();
    }
    String authorities = settings.getOrDefault("tls.ca", "");
    if (tls && !authorities.isEmpty() && !access.hasAuthorities()) {
      access.authorities(data.resolve(authorities));
    }
    return access;
  }
}
