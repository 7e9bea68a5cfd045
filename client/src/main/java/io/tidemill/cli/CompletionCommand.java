package io.tidemill.cli;

import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code tidemill completion}. */
@Command(
    name = "completion",
    description = "Prints a script that completes commands in bash or zsh.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  source <(tidemill completion bash)",
      "  tidemill completion zsh > ~/.tidemill-completion && . ~/.tidemill-completion"
    })
final class CompletionCommand extends CliCommand {
  /** The shells there are scripts for. */
  enum Shell {
    bash,
    zsh
  }

  @Parameters(paramLabel = "SHELL", description = "One of: ${COMPLETION-CANDIDATES}.")
  Shell shell;

  CompletionCommand(Cli cli) {
    super(cli);
  }

  @Override
  public Integer call() {
    CommandLine root = spec.root().commandLine();
    String script = AutoComplete.bash("tidemill", root);
    // The script is for both: under zsh it loads the bash completion of zsh, which needs compinit
    // first.
    cli.print(
        shell == Shell.zsh
            ? "autoload -Uz compinit && compinit" + System.lineSeparator() + script
            : script);
    return ExitCodes.OK;
  }
}
