package io.tidemill.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.tidemill.cli.text.TextTable;
import io.tidemill.client.Priorities;
import io.tidemill.client.TaskStates;
import io.tidemill.client.TidemillClient;
import io.tidemill.rpc.TaskIds;
import io.tidemill.v1.GetHistoryResponse;
import io.tidemill.v1.HistoryEvent;
import io.tidemill.v1.HistoryKind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code tidemill task history}. */
@Command(
    name = "history",
    description = {
      "Shows what became of a task so far: each lease, attempt and wait, with its time and worker.",
      "Kept as long as the task and its result."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  tidemill task history 0010000001000001", "  tidemill task history ID --json"})
final class TaskHistoryCommand extends CliCommand {
  private static final String KIND_PREFIX = "HISTORY_KIND_";

  @Mixin TaskIdParameter task;

  TaskHistoryCommand(Cli cli) {
    super(cli);
  }

  @Override
  public Integer call() {
    try (TidemillClient client = cli.client()) {
      GetHistoryResponse answer = client.history(task.taskId);
      if (cli.json()) {
        cli.print(json(answer));
      } else {
        print(answer);
      }
    }
    return ExitCodes.OK;
  }

  private void print(GetHistoryResponse answer) {
    TextTable table = new TextTable("time", "event", "worker", "lease", "attempt", "what");
    for (HistoryEvent event : answer.getEventsList()) {
      table.row(
          event.getAtMs() == 0 ? "" : Instant.ofEpochMilli(event.getAtMs()),
          kind(event),
          event.getWorkerId(),
          event.getLease() == 0 ? "" : TaskIds.format(event.getLease()),
          event.getAttempt() == 0 ? "" : event.getAttempt(),
          what(event));
    }
    table.lines().forEach(cli::print);
    if (answer.getLeasesGone() > 0) {
      cli.print(answer.getLeasesGone() + " leases before these are not known any more");
    }
    if (answer.getPriorityChangesGone() > 0) {
      cli.print(
          answer.getPriorityChangesGone()
              + " changes of priority before these are not known any more");
    }
    if (answer.getFromBeforeReboot()) {
      cli.print("the host was started anew meanwhile: leases taken back before are not known");
    }
  }

  private static String what(HistoryEvent event) {
    List<String> parts = new ArrayList<>();
    if (event.getUntilMs() != 0) {
      parts.add("until " + Instant.ofEpochMilli(event.getUntilMs()));
    }
    if (event.getTasks() != 0) {
      parts.add("for " + event.getTasks() + " tasks");
    }
    if (event.getStateValue() != 0) {
      parts.add(TaskStates.name(event.getState()));
    }
    if (isPriorityChange(event)) {
      parts.add(
          "from "
              + Priorities.format(event.getPriorityBefore())
              + " to "
              + Priorities.format(event.getPriority()));
    }
    if (!event.getError().isEmpty()) {
      parts.add(event.getError());
    }
    return String.join(" ", parts);
  }

  private static boolean isPriorityChange(HistoryEvent event) {
    return event.getKind() == HistoryKind.HISTORY_KIND_PRIORITY_CHANGED;
  }

  private static String kind(HistoryEvent event) {
    String name = event.getKind().name();
    return name.startsWith(KIND_PREFIX) ? name.substring(KIND_PREFIX.length()) : "UNKNOWN";
  }

  private static JsonObject json(GetHistoryResponse answer) {
    JsonObject json = new JsonObject();
    json.addProperty("id", TaskIds.format(answer.getTaskId()));
    json.addProperty("state", TaskStates.name(answer.getState()));
    JsonArray events = new JsonArray();
    answer.getEventsList().forEach(event -> events.add(json(event)));
    json.add("events", events);
    json.addProperty("leases_gone", answer.getLeasesGone());
    json.addProperty("from_before_reboot", answer.getFromBeforeReboot());
    json.addProperty("priority_changes_gone", answer.getPriorityChangesGone());
    return json;
  }

  private static JsonObject json(HistoryEvent event) {
    JsonObject json = new JsonObject();
    json.addProperty("event", kind(event));
    json.addProperty("at_ms", event.getAtMs());
    json.addProperty("worker", event.getWorkerId());
    json.addProperty("lease", TaskIds.format(event.getLease()));
    json.addProperty("attempt", event.getAttempt());
    json.addProperty("until_ms", event.getUntilMs());
    json.addProperty("tasks", event.getTasks());
    json.addProperty("state", event.getStateValue() == 0 ? "" : TaskStates.name(event.getState()));
    json.addProperty("error", event.getError());
    if (isPriorityChange(event)) {
      json.addProperty("priority_before", event.getPriorityBefore());
      json.addProperty("priority", event.getPriority());
    }
    return json;
  }
}
