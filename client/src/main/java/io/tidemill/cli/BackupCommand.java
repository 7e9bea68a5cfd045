package io.tidemill.cli;

import com.google.gson.JsonObject;
import io.tidemill.cli.text.Units;
import io.tidemill.shm.inspect.Backup;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tidemill backup}. */
@Command(
    name = "backup",
    description = {
      "Copies an instance's journals, settings and epoch into a new folder, while it runs.",
      "Whatever was acknowledged before the backup began is in it."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  tidemill backup --to /var/backups/tidemill-monday",
      "  tidemill backup --data DIR --to /var/backups/tidemill-monday --json"
    })
final class BackupCommand extends OfflineCommand {
  @Option(
      names = "--to",
      paramLabel = "FOLDER",
      required = true,
      description = "The backup: a folder that does not exist. It appears when it is whole.")
  Path to;

  BackupCommand(Cli cli) {
    super(cli);
  }

  @Override
  int run() throws IOException {
    Backup.Result result = Backup.make(folder(cli.addresses().data()), to);
    if (cli.json()) {
      JsonObject json = new JsonObject();
      json.addProperty("folder", result.folder().toString());
      json.addProperty("submissions", result.submissions());
      json.addProperty("outcomes", result.outcomes());
      json.addProperty("bytes", result.bytes());
      json.addProperty("epoch", result.epoch());
      cli.print(json);
    } else {
      cli.print(
          "backed up to "
              + result.folder()
              + ": "
              + Units.count(result.submissions())
              + " submissions, "
              + Units.count(result.outcomes())
              + " outcomes, "
              + Units.count(result.bytes())
              + " bytes");
    }
    return ExitCodes.OK;
  }
}
