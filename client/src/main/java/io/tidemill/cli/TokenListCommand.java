package io.tidemill.cli;

import com.google.gson.JsonObject;
import io.tidemill.cli.text.TextTable;
import io.tidemill.rpc.security.AccessEntry;
import io.tidemill.rpc.security.AccessFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;

/** {@code tidemill token list}. */
@Command(
    name = "list",
    description = "Lists who may call: names, roles and expiry; tokens themselves are nowhere.",
    footerHeading = "%nExample:%n",
    footer = "  tidemill token list")
final class TokenListCommand extends AccessFileCommand {
  TokenListCommand(Cli cli) {
    super(cli);
  }

  @Override
  int run(Path path, AccessFile access) throws IOException {
    List<AccessEntry> entries = access.exists() ? access.read() : List.of();
    if (cli.json()) {
      entries.forEach(this::printJson);
    } else {
      print(entries);
    }
    return ExitCodes.OK;
  }

  private void printJson(AccessEntry entry) {
    JsonObject json = new JsonObject();
    json.addProperty("name", entry.name());
    json.addProperty("kind", kind(entry));
    json.addProperty("roles", entry.roleList());
    json.addProperty("expires", entry.expiry());
    cli.print(json);
  }

  private static String kind(AccessEntry entry) {
    return entry.isCertificate() ? "certificate" : "token";
  }

  private void print(List<AccessEntry> entries) {
    if (entries.isEmpty()) {
      cli.say("no tokens; make one with `tidemill token create --role submit --name NAME`");
      return;
    }
    TextTable table = new TextTable("name", "kind", "roles", "expires");
    for (AccessEntry entry : entries) {
      table.row(entry.name(), kind(entry), entry.roleList(), entry.expiry());
    }
    cli.print(table.toString());
  }
}
