package io.tidemill.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.tidemill.cli.text.TextTable;
import io.tidemill.client.TaskStates;
import io.tidemill.client.TidemillClient;
import io.tidemill.rpc.TaskIds;
import io.tidemill.v1.ExplainTaskResponse;
import io.tidemill.v1.LeaseTime;
import io.tidemill.v1.Place;
import io.tidemill.v1.Reason;
import io.tidemill.v1.TimeSpent;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code tidemill task explain}. */
@Command(
    name = "explain",
    description = {
      "Says why a task is not running now, and what would change that.",
      "Of one that has ended it says where its time went."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  tidemill task explain 0010000001000001", "  tidemill task explain ID --json"})
final class TaskExplainCommand extends CliCommand {
  private static final String KIND_PREFIX = "REASON_KIND_";

  @Mixin TaskIdParameter task;

  TaskExplainCommand(Cli cli) {
    super(cli);
  }

  @Override
  public Integer call() {
    try (TidemillClient client = cli.client()) {
      ExplainTaskResponse answer = client.explain(task.taskId);
      if (cli.json()) {
        cli.print(json(answer));
      } else {
        print(answer);
      }
    }
    return ExitCodes.OK;
  }

  private void print(ExplainTaskResponse answer) {
    cli.print(TaskStates.name(answer.getState()));
    for (Reason reason : answer.getReasonsList()) {
      cli.print("- " + TextTable.printable(reason.getText()));
      if (!reason.getRemedy().isEmpty()) {
        cli.print("    changed by: " + TextTable.printable(reason.getRemedy()));
      }
      if (reason.getProgress() != 0 || !reason.getProgressMessage().isEmpty()) {
        cli.print(
            "    progress: "
                + Math.round(reason.getProgress() * 100)
                + " % "
                + TextTable.printable(reason.getProgressMessage()));
      }
      reason.getTaskIdsList().forEach(id -> cli.print("    " + TaskIds.format(id)));
    }
    for (Place.Lane lane : answer.getPlace().getLanesList()) {
      cli.print("    " + lane.getAhead() + " of " + lane.getLane());
    }
    cli.print("");
    print(answer.getTime());
  }

  private void print(TimeSpent time) {
    TextTable table =
        new TextTable(
            "waiting", "ready", "at a worker", "running", "backoff", "recording", "total");
    table.row(
        ms(time.getWaitingMs()),
        ms(time.getQueuedMs()),
        ms(time.getWorkerQueueMs()),
        ms(time.getRunningMs()),
        ms(time.getBackoffMs()),
        ms(time.getRecordingMs()),
        ms(time.getTotalMs()));
    table.lines().forEach(cli::print);
    if (time.getLeasesCount() > 1) {
      TextTable leases = new TextTable("lease", "worker", "attempt", "at a worker", "running");
      for (LeaseTime lease : time.getLeasesList()) {
        leases.row(
            TaskIds.format(lease.getLease()),
            lease.getWorkerId(),
            lease.getAttempt() == 0 ? "" : lease.getAttempt(),
            ms(lease.getWorkerQueueMs()),
            ms(lease.getRunningMs()));
      }
      leases.lines().forEach(cli::print);
    }
  }

  private static String ms(long millis) {
    return millis + " ms";
  }

  private static JsonObject json(ExplainTaskResponse answer) {
    JsonObject json = new JsonObject();
    json.addProperty("id", TaskIds.format(answer.getTaskId()));
    json.addProperty("state", TaskStates.name(answer.getState()));
    JsonArray reasons = new JsonArray();
    answer.getReasonsList().forEach(reason -> reasons.add(json(reason)));
    json.add("reasons", reasons);
    if (answer.hasPlace()) {
      json.add("place", json(answer.getPlace()));
    }
    json.add("time", json(answer.getTime()));
    return json;
  }

  private static JsonObject json(Reason reason) {
    JsonObject json = new JsonObject();
    String kind = reason.getKind().name();
    json.addProperty(
        "kind", kind.startsWith(KIND_PREFIX) ? kind.substring(KIND_PREFIX.length()) : "UNKNOWN");
    json.addProperty("text", reason.getText());
    json.addProperty("remedy", reason.getRemedy());
    json.addProperty("name", reason.getName());
    json.addProperty("wanted", reason.getWanted());
    json.addProperty("offered", reason.getOffered());
    json.addProperty("worker", reason.getWorkerId());
    json.addProperty("count", reason.getCount());
    json.addProperty("limit", reason.getLimit());
    json.addProperty("since_ms", reason.getSinceMs());
    json.addProperty("until_ms", reason.getUntilMs());
    json.addProperty("period_ms", reason.getPeriodMs());
    json.addProperty("attempt", reason.getAttempt());
    json.addProperty("error", reason.getError());
    JsonArray tasks = new JsonArray();
    reason.getTaskIdsList().forEach(id -> tasks.add(TaskIds.format(id)));
    json.add("tasks", tasks);
    json.addProperty("progress", reason.getProgress());
    json.addProperty("progress_message", reason.getProgressMessage());
    return json;
  }

  private static JsonObject json(Place place) {
    JsonObject json = new JsonObject();
    json.addProperty("ahead", place.getAhead());
    json.addProperty("at_least", place.getAtLeast());
    JsonArray lanes = new JsonArray();
    for (Place.Lane lane : place.getLanesList()) {
      JsonObject one = new JsonObject();
      one.addProperty("lane", lane.getLane());
      one.addProperty("ahead", lane.getAhead());
      lanes.add(one);
    }
    json.add("lanes", lanes);
    return json;
  }

  private static JsonObject json(TimeSpent time) {
    JsonObject json = new JsonObject();
    json.addProperty("waiting_ms", time.getWaitingMs());
    json.addProperty("queued_ms", time.getQueuedMs());
    json.addProperty("worker_queue_ms", time.getWorkerQueueMs());
    json.addProperty("running_ms", time.getRunningMs());
    json.addProperty("backoff_ms", time.getBackoffMs());
    json.addProperty("recording_ms", time.getRecordingMs());
    json.addProperty("total_ms", time.getTotalMs());
    JsonArray leases = new JsonArray();
    for (LeaseTime lease : time.getLeasesList()) {
      JsonObject one = new JsonObject();
      one.addProperty("lease", TaskIds.format(lease.getLease()));
      one.addProperty("worker", lease.getWorkerId());
      one.addProperty("attempt", lease.getAttempt());
      one.addProperty("worker_queue_ms", lease.getWorkerQueueMs());
      one.addProperty("running_ms", lease.getRunningMs());
      leases.add(one);
    }
    json.add("leases", leases);
    json.addProperty("leases_gone", time.getLeasesGone());
    return json;
  }
}
