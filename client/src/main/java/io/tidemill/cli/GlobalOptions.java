package io.tidemill.cli;

import java.nio.file.Path;
import java.time.Duration;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The options that every command takes, before or after its name. */
final class GlobalOptions {
  @Option(
      names = "--plm",
      paramLabel = "ADDRESS",
      scope = ScopeType.INHERIT,
      description = "The PLM. Also TIDEMILL_PLM; otherwise as the data folder says.")
  String plm;

  @Option(
      names = "--register",
      paramLabel = "ADDRESS",
      scope = ScopeType.INHERIT,
      description = "The Register. Also TIDEMILL_REGISTER; otherwise as the data folder says.")
  String register;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      scope = ScopeType.INHERIT,
      description = {
        "The instance's data folder, whose tidemill.properties has its addresses.",
        "Also TIDEMILL_DATA; otherwise ~/.tidemill."
      })
  Path data;

  @Option(
      names = "--tls",
      scope = ScopeType.INHERIT,
      description = "Encrypt. Also TIDEMILL_TLS=on; implied by --ca and --certificate.")
  boolean tls;

  @Option(
      names = "--ca",
      paramLabel = "FILE",
      scope = ScopeType.INHERIT,
      description = "The authorities to trust (PEM). Also TIDEMILL_CA.")
  Path authorities;

  @Option(
      names = "--certificate",
      paramLabel = "FILE",
      scope = ScopeType.INHERIT,
      description = "The certificate to show (PEM). Also TIDEMILL_CERTIFICATE.")
  Path certificate;

  @Option(
      names = "--key",
      paramLabel = "FILE",
      scope = ScopeType.INHERIT,
      description = "Its key (PKCS 8, PEM). Also TIDEMILL_KEY.")
  Path key;

  @Option(
      names = "--server-name",
      paramLabel = "NAME",
      scope = ScopeType.INHERIT,
      description = "The name in the servers' certificate. Also TIDEMILL_SERVER_NAME.")
  String serverName;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      scope = ScopeType.INHERIT,
      description = "A file with the token to send. Also TIDEMILL_TOKEN_FILE, TIDEMILL_TOKEN.")
  Path tokenFile;

  @Option(
      names = "--json",
      scope = ScopeType.INHERIT,
      description = "Print JSON, one object a line.")
  boolean json;

  @Option(
      names = "--connect-timeout",
      paramLabel = "TIME",
      scope = ScopeType.INHERIT,
      defaultValue = "5s",
      description = "How long to try to reach a server (${DEFAULT-VALUE}).")
  Duration connectTimeout = Duration.ofSeconds(5);
}
