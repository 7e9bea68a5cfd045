package io.tidemill.worker;

import io.tidemill.rpc.security.Access;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import picocli.CommandLine.Option;

/** What the stock worker's command line says of TLS and credentials. */
final class AccessOptions {
  @Option(
      names = "--tls",
      description = "Encrypt. Else $TIDEMILL_TLS=on; implied by --ca and --certificate.")
  private boolean tls;

  @Option(
      names = "--ca",
      paramLabel = "FILE",
      description = "The authorities to trust (PEM). Else $TIDEMILL_CA.")
  private Path authorities;

  @Option(
      names = "--certificate",
      paramLabel = "FILE",
      description = "The certificate to show (PEM). Else $TIDEMILL_CERTIFICATE.")
  private Path certificate;

  @Option(
      names = "--key",
      paramLabel = "FILE",
      description = "Its key (PKCS 8, PEM). Else $TIDEMILL_KEY.")
  private Path key;

  @Option(
      names = "--server-name",
      paramLabel = "NAME",
      description = "The name in the servers' certificate. Else $TIDEMILL_SERVER_NAME.")
  private String serverName;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description = "A file with the token to send. Else $TIDEMILL_TOKEN_FILE, $TIDEMILL_TOKEN.")
  private Path tokenFile;

  /**
   * @param data the folder that the address came from, if it came from one
   * @throws IllegalArgumentException with a sentence
   */
  Access access(Map<String, String> environment, Optional<Path> data) {
    Access.Builder access = Access.fromEnvironment(environment);
    if (tls) {
      access.tls();
    }
    set(authorities, access::authorities);
    set(certificate, access::certificate);
    set(key, access::key);
    set(serverName, access::serverName);
    set(tokenFile, access::onlyTokenFile);
    data.map(InstanceProperties::read).ifPresent(folder -> folder.complete(access));
    return access.build();
  }

  private static <T> void set(T option, Consumer<T> setter) {
    if (option != null) {
      setter.accept(option);
    }
  }
}
