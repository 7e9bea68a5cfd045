package io.tidemill.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * What every command has: help, and its environment. A command without code of its own shows its
 * help.
 */
abstract class CliCommand implements Callable<Integer> {
  final Cli cli;

  @Spec CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  boolean help;

  CliCommand(Cli cli) {
    this.cli = cli;
  }

  @Override
  public Integer call() throws Exception {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "a command is missing after '" + spec.qualifiedName() + "'");
  }
}
