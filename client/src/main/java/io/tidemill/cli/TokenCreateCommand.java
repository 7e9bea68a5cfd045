package io.tidemill.cli;

import com.google.gson.JsonObject;
import io.tidemill.cli.text.Units;
import io.tidemill.rpc.security.AccessFile;
import io.tidemill.rpc.security.AccessRole;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tidemill token create}. */
@Command(
    name = "create",
    description = {
      "Makes a token, prints it once, and keeps its hash alone in the access file.",
      "With --subject: gives the roles to a client certificate instead."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  tidemill token create --role submit --name ci > ci.token",
      "  tidemill token create --role submit,work --name batch --expires 2027-06-30"
    })
final class TokenCreateCommand extends AccessFileCommand {
  @Option(
      names = "--role",
      paramLabel = "ROLES",
      required = true,
      description = "submit, work, admin, or several with commas between.")
  String roles;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      required = true,
      description = "For the list and the audit log.")
  String name;

  @Option(
      names = "--expires",
      paramLabel = "WHEN",
      defaultValue = "365d",
      description = "A date, a time, a while as 90d or 12h, or never (${DEFAULT-VALUE}).")
  String expires = "365d";

  @Option(
      names = "--subject",
      paramLabel = "DN",
      description = "A client certificate's subject, as CN=worker-1,O=Example.")
  String subject;

  TokenCreateCommand(Cli cli) {
    super(cli);
  }

  @Override
  int run(Path path, AccessFile access) throws IOException {
    Set<AccessRole> wanted = AccessRole.parse(roles);
    Instant until = until(expires, Instant.now().truncatedTo(ChronoUnit.SECONDS));
    String token = "";
    if (subject == null) {
      token = access.create(name, wanted, until);
    } else {
      access.admit(name, wanted, until, subject);
    }
    print(token);
    sayIfUnused(path);
    return ExitCodes.OK;
  }

  private void print(String token) {
    if (cli.json()) {
      JsonObject json = new JsonObject();
      json.addProperty("name", name);
      json.addProperty("roles", roles);
      json.addProperty("token", token);
      cli.print(json);
    } else if (!token.isEmpty()) {
      cli.print(token);
    }
  }

  /** When it is over, as the option says it. */
  static Instant until(String text, Instant now) {
    if (text.equals("never")) {
      return Instant.MAX;
    }
    try {
      if (text.matches("\\d{4}-\\d{2}-\\d{2}")) {
        return LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
      }
      if (text.matches("\\d{4}-.*")) {
        return Instant.parse(text);
      }
      if (text.matches("\\d{1,5}d")) {
        return now.plus(Long.parseLong(text.substring(0, text.length() - 1)), ChronoUnit.DAYS);
      }
      return now.plus(Units.duration(text));
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException(
          "not a time: '" + text + "'; write it as 2027-06-30, 2027-06-30T12:00:00Z, 90d or never",
          e);
    }
  }
}
