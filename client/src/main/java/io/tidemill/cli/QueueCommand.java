package io.tidemill.cli;

import com.google.gson.JsonObject;
import io.tidemill.cli.text.TextTable;
import io.tidemill.client.TidemillClient;
import io.tidemill.v1.QueueInfo;
import io.tidemill.v1.UpdateQueueRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code tidemill queue}: lists, pauses, resumes and limits queues. */
@Command(
    name = "queue",
    description = "Lists, pauses, resumes and limits queues.",
    synopsisSubcommandLabel = "COMMAND",
    footerHeading = "%nExamples:%n",
    footer = {
      "  tidemill queue list",
      "  tidemill queue pause mail",
      "  tidemill queue resume mail",
      "  tidemill queue limit mail 10000"
    })
final class QueueCommand extends CliCommand {
  QueueCommand(Cli cli) {
    super(cli);
  }

  @Command(name = "list", description = "Lists the queues that have had tasks or are set.")
  int list() {
    try (TidemillClient client = cli.client()) {
      TextTable table =
          new TextTable(
              "queue", "paused", "limit", "waiting", "running", "ended", "without worker");
      for (QueueInfo queue : client.queues()) {
        if (cli.json()) {
          cli.print(json(queue));
        }
        table.row(
            queue.getQueue(),
            queue.getPaused() ? "yes" : "no",
            queue.getLengthMax() == 0 ? "none" : String.valueOf(queue.getLengthMax()),
            queue.getWaiting(),
            queue.getRunning(),
            queue.getEnded(),
            queue.getWithoutWorker());
      }
      if (!cli.json()) {
        table.lines().forEach(cli::print);
      }
    }
    return ExitCodes.OK;
  }

  @Command(name = "pause", description = "Nothing of it is assigned until it is resumed.")
  int pause(@Parameters(paramLabel = "QUEUE", description = "Its name.") String queue) {
    return update(UpdateQueueRequest.newBuilder().setQueue(queue).setPaused(true));
  }

  @Command(name = "resume", description = "Ends its pause.")
  int resume(@Parameters(paramLabel = "QUEUE", description = "Its name.") String queue) {
    return update(UpdateQueueRequest.newBuilder().setQueue(queue).setPaused(false));
  }

  private static long number(String limit) {
    try {
      long most = Long.parseLong(limit);
      if (most >= 0) {
        return most;
      }
    } catch (NumberFormatException e) {
      // The same is wrong with it.
    }
    throw CliException.usage("bad number: limit='" + limit + "'; give 1 or more, or none");
  }

  @Command(name = "limit", description = "Refuses submissions while it has so many live tasks.")
  int limit(
      @Parameters(paramLabel = "QUEUE", description = "Its name.") String queue,
      @Parameters(paramLabel = "N", description = "So many, or none.") String limit) {
    long most = limit.equals("none") ? 0 : number(limit);
    return update(UpdateQueueRequest.newBuilder().setQueue(queue).setLengthMax(most));
  }

  private int update(UpdateQueueRequest.Builder request) {
    try (TidemillClient client = cli.client()) {
      QueueInfo queue = client.updateQueue(request.build());
      if (cli.json()) {
        JsonObject json = new JsonObject();
        rule(json, queue);
        cli.print(json);
      } else {
        cli.print(
            queue.getQueue()
                + (queue.getPaused() ? ": paused" : ": open")
                + (queue.getLengthMax() == 0
                    ? ""
                    : ", at most " + queue.getLengthMax() + " tasks"));
      }
    }
    return ExitCodes.OK;
  }

  private static void rule(JsonObject json, QueueInfo queue) {
    json.addProperty("queue", queue.getQueue());
    json.addProperty("paused", queue.getPaused());
    json.addProperty("length_max", queue.getLengthMax());
  }

  private static JsonObject json(QueueInfo queue) {
    JsonObject json = new JsonObject();
    rule(json, queue);
    json.addProperty("waiting", queue.getWaiting());
    json.addProperty("running", queue.getRunning());
    json.addProperty("ended", queue.getEnded());
    json.addProperty("without_worker", queue.getWithoutWorker());
    return json;
  }
}
