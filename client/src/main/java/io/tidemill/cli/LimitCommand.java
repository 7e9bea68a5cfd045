package io.tidemill.cli;

import com.google.gson.JsonObject;
import io.tidemill.cli.text.TextTable;
import io.tidemill.client.TidemillClient;
import io.tidemill.v1.KeyLimit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tidemill limit}: what holds for the tasks of a key. */
@Command(
    name = "limit",
    description = "Lists, sets and deletes limits of keys.",
    synopsisSubcommandLabel = "COMMAND",
    footerHeading = "%nExamples:%n",
    footer = {
      "  tidemill limit set user:17 --running 2",
      "  tidemill limit set 'user:*' --running 1 --rate 10/s --burst 5",
      "  tidemill limit list",
      "  tidemill limit delete user:17"
    })
final class LimitCommand extends CliCommand {
  private static final Pattern RATE = Pattern.compile("([1-9][0-9]{0,8})/(s|m|h|d)");

  LimitCommand(Cli cli) {
    super(cli);
  }

  @Command(name = "list", description = "Lists the limits that are set.")
  int list() {
    try (TidemillClient client = cli.client()) {
      TextTable table = new TextTable("key", "running", "rate", "burst");
      for (KeyLimit limit : client.limits()) {
        if (cli.json()) {
          cli.print(json(limit));
        }
        table.row(
            limit.getKey(),
            limit.getRunningMax() == 0 ? "any" : Integer.toUnsignedString(limit.getRunningMax()),
            limit.getRate() == 0
                ? "any"
                : limit.getRate() + " in " + limit.getRatePeriodMs() + " ms",
            limit.getBurst());
      }
      if (!cli.json()) {
        table.lines().forEach(cli::print);
      }
    }
    return ExitCodes.OK;
  }

  @Command(name = "set", description = "Sets the limit of a key, or of each key of a pattern.")
  int set(
      @Parameters(paramLabel = "KEY", description = "A key, or what keys begin with and then *.")
          String key,
      @Option(names = "--running", paramLabel = "N", description = "At most so many run at a time.")
          Integer running,
      @Option(
              names = "--rate",
              paramLabel = "N/s",
              description = "At most so many a second (m, h, d).")
          String rate,
      @Option(
              names = "--burst",
              paramLabel = "N",
              description = "So many at once after a rest (1).")
          Integer burst) {
    KeyLimit.Builder limit = KeyLimit.newBuilder().setKey(key);
    if (running != null) {
      limit.setRunningMax(atLeastOne("running", running));
    }
    if (burst != null) {
      limit.setBurst(atLeastOne("burst", burst));
    }
    if (rate != null) {
      rate(limit, rate);
    }
    try (TidemillClient client = cli.client()) {
      KeyLimit now = client.setLimit(limit.build());
      if (cli.json()) {
        cli.print(json(now));
      } else {
        cli.print("limit set: key=" + now.getKey());
      }
    }
    return ExitCodes.OK;
  }

  private static int atLeastOne(String option, int number) {
    if (number < 1) {
      throw CliException.usage("bad number: " + option + "=" + number + "; give 1 or more");
    }
    return number;
  }

  private static void rate(KeyLimit.Builder limit, String rate) {
    Matcher matcher = RATE.matcher(rate);
    if (!matcher.matches()) {
      throw CliException.usage("bad rate: rate=" + rate + "; give a number and /s, /m, /h or /d");
    }
    limit
        .setRate(Integer.parseInt(matcher.group(1)))
        .setRatePeriodMs(
            switch (matcher.group(2)) {
              case "s" -> 1_000;
              case "m" -> 60_000;
              case "h" -> 3_600_000;
              default -> 86_400_000;
            });
  }

  @Command(name = "delete", description = "Deletes the limit of a key.")
  int delete(
      @Parameters(paramLabel = "KEY", description = "As `limit list` shows it.") String key) {
    try (TidemillClient client = cli.client()) {
      client.deleteLimit(key);
      if (cli.json()) {
        JsonObject json = new JsonObject();
        json.addProperty("key", key);
        json.addProperty("deleted", true);
        cli.print(json);
      } else {
        cli.print("limit deleted: key=" + key);
      }
    }
    return ExitCodes.OK;
  }

  private static JsonObject json(KeyLimit limit) {
    JsonObject json = new JsonObject();
    json.addProperty("key", limit.getKey());
    json.addProperty("running_max", Integer.toUnsignedLong(limit.getRunningMax()));
    json.addProperty("rate", Integer.toUnsignedLong(limit.getRate()));
    json.addProperty("rate_period_ms", Integer.toUnsignedLong(limit.getRatePeriodMs()));
    json.addProperty("burst", Integer.toUnsignedLong(limit.getBurst()));
    return json;
  }
}
