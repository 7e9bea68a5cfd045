package io.tidemill.cli;

import io.tidemill.rpc.security.AccessFile;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code tidemill token revoke}. */
@Command(
    name = "revoke",
    description = {
      "Takes a token or a certificate's line out of the access file.",
      "Servers that run refuse it, and end its open calls, within two seconds."
    },
    footerHeading = "%nExample:%n",
    footer = "  tidemill token revoke ci")
final class TokenRevokeCommand extends AccessFileCommand {
  @Parameters(paramLabel = "NAME", description = "As `token list` shows it.")
  String name;

  TokenRevokeCommand(Cli cli) {
    super(cli);
  }

  @Override
  int run(Path path, AccessFile access) throws IOException {
    if (!access.revoke(name)) {
      throw new CliException(
          ExitCodes.NOT_FOUND, "there is no such name: name=" + name + " file=" + path);
    }
    return ExitCodes.OK;
  }
}
