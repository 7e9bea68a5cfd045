package io.tidemill.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.tidemill.cli.text.Units;
import io.tidemill.client.TidemillClient;
import io.tidemill.v1.BulkAction;
import io.tidemill.v1.BulkRefusals;
import io.tidemill.v1.BulkTasksRequest;
import io.tidemill.v1.BulkTasksResponse;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Does something with all tasks that match: after a look, or without asking. */
final class BulkRun {
  private final Cli cli;
  private final TasksMeant meant;
  private final BulkAction action;
  private final String done;
  private final BulkTasksRequest request;

  /**
   * @param done what has been done with a task then, as in "cancelled"
   * @param reason of a cancellation
   */
  BulkRun(Cli cli, TasksMeant meant, BulkAction action, String done, String reason) {
    this.cli = cli;
    this.meant = meant;
    this.action = action;
    this.done = done;
    this.request =
        BulkTasksRequest.newBuilder()
            .setAction(action)
            .setFilter(meant.filter.filter())
            .setAll(meant.all)
            .setReason(reason)
            .build();
  }

  int run(TidemillClient client) throws IOException {
    if (meant.dryRun) {
      show(look(client));
      return ExitCodes.OK;
    }
    if (!meant.yes && !confirmed(client)) {
      cli.say("nothing was done");
      return ExitCodes.FAILURE;
    }
    BulkTasksResponse sums = client.admin().bulk(request);
    if (cli.json()) {
      cli.print(json(sums));
    } else {
      report(sums);
    }
    return sums.getRefusalsCount() == 0 ? ExitCodes.OK : ExitCodes.FAILURE;
  }

  private BulkTasksResponse look(TidemillClient client) {
    return client.admin().bulk(request.toBuilder().setDryRun(true).build());
  }

  private boolean confirmed(TidemillClient client) throws IOException {
    if (!cli.canAsk()) {
      throw CliException.usage(
          "nobody can be asked whether to go on, since this is no terminal; say --yes to do it, or"
              + " --dry-run to see with which tasks it would be done");
    }
    BulkTasksResponse seen = look(client);
    show(seen);
    if (seen.getMatched() == 0) {
      return false;
    }
    cli.ask(verb() + " " + Units.count(seen.getMatched()) + " tasks? [y/N] ");
    BufferedReader answers =
        new BufferedReader(new InputStreamReader(cli.in(), StandardCharsets.UTF_8));
    String answer = answers.readLine();
    return answer != null && answer.trim().toLowerCase(Locale.ROOT).matches("y|yes");
  }

  private String verb() {
    return action.name().replace("BULK_ACTION_", "").toLowerCase(Locale.ROOT);
  }

  private void show(BulkTasksResponse seen) {
    if (cli.json()) {
      JsonObject json = new JsonObject();
      json.addProperty("matched", seen.getMatched());
      json.addProperty("dry_run", true);
      JsonArray samples = new JsonArray();
      seen.getSamplesList().forEach(task -> samples.add(Json.task(task)));
      json.add("samples", samples);
      cli.print(json);
      return;
    }
    cli.print(Units.count(seen.getMatched()) + " tasks match");
    if (seen.getSamplesCount() > 0) {
      cli.print(TaskText.table(seen.getSamplesList()).toString());
    }
    if (seen.getMatched() > seen.getSamplesCount()) {
      cli.print("and " + Units.count(seen.getMatched() - seen.getSamplesCount()) + " more");
    }
  }

  private void report(BulkTasksResponse sums) {
    cli.print(
        Units.count(sums.getMatched())
            + " tasks matched, "
            + Units.count(sums.getDone())
            + " "
            + done
            + (sums.getAlready() == 0
                ? ""
                : " (" + Units.count(sums.getAlready()) + " of them had been before)"));
    for (BulkRefusals refused : sums.getRefusalsList()) {
      cli.say(
          Units.count(refused.getCount())
              + " refused ["
              + refused.getReason()
              + "]: "
              + refused.getMessage());
    }
  }

  private static JsonObject json(BulkTasksResponse sums) {
    JsonObject json = new JsonObject();
    json.addProperty("matched", sums.getMatched());
    json.addProperty("done", sums.getDone());
    json.addProperty("already", sums.getAlready());
    JsonObject refused = new JsonObject();
    sums.getRefusalsList().forEach(each -> refused.addProperty(each.getReason(), each.getCount()));
    json.add("refused", refused);
    return json;
  }
}
