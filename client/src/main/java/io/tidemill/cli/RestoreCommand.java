package io.tidemill.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.tidemill.cli.text.Units;
import io.tidemill.shm.inspect.Restore;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tidemill restore}. */
@Command(
    name = "restore",
    description = {
      "Makes a data folder from a backup; scripts/start-all.sh --data starts it.",
      "Tasks that had not ended are READY again under their ids. Ids and leases go on beyond all"
          + " that the source gave, as long as it was rebuilt at most "
          + Restore.EPOCH_MARGIN
          + " times since the backup, and the backup is restored once; otherwise name an epoch."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  tidemill restore --from /var/backups/tidemill-monday --data /var/lib/tidemill-2",
      "  tidemill restore --from BACKUP --data DIR --epoch 200"
    })
final class RestoreCommand extends OfflineCommand {
  @Option(
      names = "--from",
      paramLabel = "FOLDER",
      required = true,
      description = "What `tidemill backup` has made.")
  Path from;

  @Option(
      names = "--epoch",
      paramLabel = "N",
      defaultValue = "0",
      description = "An epoch above any that the source has used, and any other restoration.")
  int epoch;

  RestoreCommand(Cli cli) {
    super(cli);
  }

  @Override
  int run() throws IOException {
    if (cli.options.data == null) {
      throw CliException.usage("restore needs a new data folder: name it with --data");
    }
    Restore.Result result = Restore.make(folder(from), cli.options.data, epoch);
    if (cli.json()) {
      cli.print(json(result));
    } else {
      cli.print(
          "restored to "
              + result.data()
              + ": "
              + Units.count(result.submissions())
              + " submissions, "
              + Units.count(result.outcomes())
              + " outcomes; scripts/start-all.sh --data "
              + result.data()
              + " starts it");
    }
    result.leftOut().forEach(line -> cli.say("left out, for it is the source's own: " + line));
    return ExitCodes.OK;
  }

  private static JsonObject json(Restore.Result result) {
    JsonObject json = new JsonObject();
    json.addProperty("data", result.data().toString());
    json.addProperty("submissions", result.submissions());
    json.addProperty("outcomes", result.outcomes());
    json.addProperty("epoch", result.epoch());
    JsonArray leftOut = new JsonArray();
    result.leftOut().forEach(leftOut::add);
    json.add("left_out", leftOut);
    return json;
  }
}
