package io.tidemill.cli;

import io.tidemill.cli.offline.AccountText;
import io.tidemill.cli.offline.OfflineJson;
import io.tidemill.shm.inspect.Account;
import io.tidemill.shm.inspect.Audit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tidemill audit}. */
@Command(
    name = "audit",
    description = {
      "Holds the ledgers of clients against the journals and the slots of an instance, without"
          + " asking a server.",
      "Exit code 0: nothing was lost, recorded twice, told wrongly or accepted twice; 1 otherwise."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  tidemill load --scenario mixed --duration 60s --ledger /tmp/ledger",
      "  tidemill audit --ledger /tmp/ledger",
      "  tidemill audit --data DIR --ledger FIRST SECOND --json"
    })
final class AuditCommand extends OfflineCommand {
  @Option(
      names = "--ledger",
      paramLabel = "FILE",
      arity = "1..*",
      required = true,
      description = "What --ledger of `task submit` and `load` has written.")
  List<Path> ledgers;

  AuditCommand(Cli cli) {
    super(cli);
  }

  @Override
  int run() throws IOException {
    Path data = folder(cli.addresses().data());
    for (Path ledger : ledgers) {
      if (!Files.isRegularFile(ledger)) {
        throw CliException.usage("there is no such ledger: file=" + ledger);
      }
    }
    Account account = Audit.run(data, settings(data), ledgers);
    if (cli.json()) {
      cli.print(OfflineJson.account(account));
    } else {
      AccountText.lines(account).forEach(cli::print);
    }
    account.notes().forEach(cli::say);
    return account.isClean() ? ExitCodes.OK : ExitCodes.FAILURE;
  }
}
