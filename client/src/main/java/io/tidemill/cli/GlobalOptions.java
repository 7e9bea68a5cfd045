package io.tidemill.cli;

import java.nio.file.Path;
import java.time.Duration;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The options that every command takes, before or after its name. */
final class GlobalOptions {
  @Option(
      names = "--plm",
      paramLabel = "HOST:PORT",
      scope = ScopeType.INHERIT,
      description = "The PLM. Also TIDEMILL_PLM; otherwise as the data folder says.")
  String plm;

  @Option(
      names = "--register",
      paramLabel = "HOST:PORT",
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
