package io.tidemill.cli;

import io.tidemill.client.TidemillClient;
import io.tidemill.rpc.security.Access;
import io.tidemill.rpc.security.InstanceFolder;
import io.tidemill.rpc.security.UnixSockets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;

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
    return find(options.plm, "TIDEMILL_PLM", "plm", TidemillClient.DEFAULT_PLM);
  }

  String register() {
    return find(options.register, "TIDEMILL_REGISTER", "register", TidemillClient.DEFAULT_REGISTER);
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

  private String find(String flag, String variable, String role, String otherwise) {
    if (flag != null) {
      return checked(flag);
    }
    if (options.data != null) {
      return fromFolder(role, otherwise);
    }
    String fromEnvironment = environment.getOrDefault(variable, "");
    return fromEnvironment.isEmpty() ? fromFolder(role, otherwise) : checked(fromEnvironment);
  }

  private String fromFolder(String role, String otherwise) {
    Path file = data().resolve(SETTINGS);
    return Files.isRegularFile(file)
        ? folder(file).address(role).map(Addresses::checked).orElse(otherwise)
        : missing(file, otherwise);
  }

  private InstanceFolder folder(Path file) {
    try {
      return InstanceFolder.read(data());
    } catch (IOException e) {
      throw CliException.usage(
          "cannot read settings: file="
              + file
              + " ("
              + e.getMessage()
              + "); name the servers with"
              + " --plm and --register");
    }
  }

  /** The options first, then the environment, then what the folder's settings ask for. */
  Access access() {
    Access.Builder access = Access.fromEnvironment(environment);
    if (options.tls) {
      access.tls();
    }
    set(options.authorities, access::authorities);
    set(options.certificate, access::certificate);
    set(options.key, access::key);
    set(options.serverName, access::serverName);
    set(options.tokenFile, access::onlyTokenFile);
    Path file = data().resolve(SETTINGS);
    boolean fromFolder =
        options.plm == null
            && (options.data != null || !environment.containsKey("TIDEMILL_PLM"))
            && Files.isRegularFile(file);
    return (fromFolder ? folder(file).complete(access) : access).build();
  }

  private static <T> void set(T option, Consumer<T> setter) {
    if (option != null) {
      setter.accept(option);
    }
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

  private static String checked(String address) {
    if (UnixSockets.isUnix(address)) {
      return address;
    }
    int colon = address.lastIndexOf(':');
    String port = address.substring(colon + 1);
    boolean good = colon > 0 && port.matches("[0-9]{1,5}") && Integer.parseInt(port) <= PORT_MAX;
    if (!good || Integer.parseInt(port) == 0) {
      throw CliException.usage(
          "bad address: '"
              + address
              + "'; write it as host:port, as in 127.0.0.1:7411, or as unix:PATH");
    }
    return address;
  }
}
