package io.tidemill.cli;

import io.tidemill.client.TidemillClient;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;

/**
 * Where the servers are: a flag, then the folder named by {@code --data}, then the environment,
 * then the folder of {@code TIDEMILL_DATA} or {@code ~/.tidemill}, and in the end the default ports
 * on this host.
 */
final class Addresses {
  private static final String SETTINGS = "tidemill.properties";
  private static final int PORT_MAX = 65_535;

  private final GlobalOptions options;
  private final Map<String, String> environment;
  private final Path home;

  Addresses(GlobalOptions options, Map<String, String> environment, Path home) {
    this.options = options;
    this.environment = environment;
    this.home = home;
  }

  String plm() {
    return find(options.plm, "TIDEMILL_PLM", "port.plm", TidemillClient.DEFAULT_PLM);
  }

  String register() {
    return find(
        options.register, "TIDEMILL_REGISTER", "port.register", TidemillClient.DEFAULT_REGISTER);
  }

  /** What a command has to be given to find the same instance; empty for the default folder. */
  String option() {
    boolean found = options.data == null || options.data.equals(home.resolve(".tidemill"));
    return found ? "" : " --data " + options.data;
  }

  /** The data folder, whether it exists or not. */
  Path data() {
    if (options.data != null) {
      return options.data;
    }
    String named = environment.getOrDefault("TIDEMILL_DATA", "");
    return named.isEmpty() ? home.resolve(".tidemill") : Path.of(named);
  }

  private String find(String flag, String variable, String portKey, String otherwise) {
    if (flag != null) {
      return checked(flag);
    }
    if (options.data != null) {
      return fromFolder(portKey, otherwise);
    }
    String fromEnvironment = environment.getOrDefault(variable, "");
    return fromEnvironment.isEmpty() ? fromFolder(portKey, otherwise) : checked(fromEnvironment);
  }

  private String fromFolder(String portKey, String otherwise) {
    Path file = data().resolve(SETTINGS);
    if (!Files.isRegularFile(file)) {
      return missing(file, otherwise);
    }
    Properties settings = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      settings.load(reader);
    } catch (IOException | IllegalArgumentException e) {
      throw CliException.usage(
          "cannot read settings: file="
              + file
              + " ("
              + e.getMessage()
              + "); name the servers with"
              + " --plm and --register");
    }
    String port = settings.getProperty(portKey);
    String host = settings.getProperty("bind.host", "127.0.0.1").strip();
    return port == null ? otherwise : checked(reachable(host) + ":" + port.strip());
  }

  private String missing(Path file, String otherwise) {
    if (options.data != null) {
      throw CliException.usage(
          "no instance in this folder: data="
              + options.data
              + " (there is no "
              + file.getFileName()
              + "); start one with scripts/start-all.sh --data "
              + options.data);
    }
    return otherwise;
  }

  /** A server that binds to all addresses is reached on this host's own. */
  private static String reachable(String host) {
    return host.equals("0.0.0.0") || host.equals("::") || host.isEmpty() ? "127.0.0.1" : host;
  }

  private static String checked(String address) {
    int colon = address.lastIndexOf(':');
    String port = address.substring(colon + 1);
    boolean good = colon > 0 && port.matches("[0-9]{1,5}") && Integer.parseInt(port) <= PORT_MAX;
    if (!good || Integer.parseInt(port) == 0) {
      throw CliException.usage(
          "bad address: '" + address + "'; write it as host:port, as in 127.0.0.1:7411");
    }
    return address;
  }
}
