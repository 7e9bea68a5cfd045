package io.tidemill.cli;

import com.google.protobuf.ByteString;
import io.tidemill.cli.text.TextTable;
import io.tidemill.client.Priorities;
import io.tidemill.client.TaskStates;
import io.tidemill.rpc.TaskIds;
import io.tidemill.v1.RetryPolicy;
import io.tidemill.v1.Task;
import io.tidemill.v1.UniqueUntil;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;

/** Tasks as people read them. */
final class TaskText {
  private static final int CELL_MAX = 40;

  private TaskText() {}

  /** One task, a line for each thing that is known of it. */
  static List<String> details(Task task) {
    List<String> lines = new ArrayList<>();
    line(lines, "id", TaskIds.format(task.getTaskId()));
    line(lines, "type", task.getType());
    line(lines, "queue", task.getQueue());
    line(lines, "key", task.getKey());
    line(lines, "unique", unique(task));
    line(lines, "affinity", task.getAffinityKey());
    line(lines, "tenant", task.getTenant());
    line(lines, "requires", requires(task));
    line(lines, "state", TaskStates.name(task.getState()));
    line(lines, "priority", priority(task));
    line(lines, "attempt", String.valueOf(task.getAttempt()));
    line(lines, "worker", task.getWorkerId());
    line(lines, "due", time(task.getDueMs()));
    line(lines, "start by", time(task.getStartByMs()));
    line(lines, "deadline", time(task.getDeadlineMs()));
    line(lines, "retry", retry(task));
    line(lines, "submitted", time(task.getSubmittedMs()));
    line(lines, "assigned", time(task.getAssignedMs()));
    line(lines, "started", time(task.getStartedMs()));
    line(lines, "ended", time(task.getEndedMs()));
    line(lines, "runs again", task.getRequeuedFrom() == 0 ? "" : id(task.getRequeuedFrom()));
    line(lines, "requeued", task.getRequeuedAs() == 0 ? "" : "as " + id(task.getRequeuedAs()));
    line(lines, "progress", progress(task));
    line(lines, "note", task.getNote());
    line(lines, "error", task.getError());
    line(lines, "result", result(task.getResult()));
    return lines;
  }

  private static String id(long id) {
    return TaskIds.format(id);
  }

  private static void line(List<String> lines, String name, String value) {
    if (!value.isEmpty()) {
      lines.add(String.format("%-10s %s", name, TextTable.printableLines(value)));
    }
  }

  private static String priority(Task task) {
    String priority = Priorities.format(task.getPriority());
    return task.hasAgedPriority()
        ? priority + String.format(Locale.ROOT, ", aged to %.3f", task.getAgedPriority())
        : priority;
  }

  private static String time(long millis) {
    return millis == 0 ? "" : Instant.ofEpochMilli(millis).toString();
  }

  private static String retry(Task task) {
    RetryPolicy policy = task.getRetry();
    return task.hasRetry()
        ? "after "
            + policy.getInitialMs()
            + " ms, times "
            + policy.getMultiplier()
            + ", at most "
            + policy.getMaxMs()
            + " ms, less up to "
            + Math.round(policy.getJitter() * 100)
            + " %"
        : "";
  }

  private static String unique(Task task) {
    if (task.getUniqueKey().isEmpty()) {
      return "";
    }
    boolean start = task.getUniqueUntil() == UniqueUntil.UNIQUE_UNTIL_START;
    String after = task.getUniqueForMs() == 0 ? "" : " and " + task.getUniqueForMs() + " ms more";
    return task.getUniqueKey() + " until its " + (start ? "start" : "end") + after;
  }

  static String progress(Task task) {
    return task.getProgress() == 0
        ? task.getProgressMessage()
        : Math.round(task.getProgress() * 100) + " % " + task.getProgressMessage();
  }

  /** A result as text, or how many bytes it has if it is none. */
  static String result(ByteString result) {
    return result.isValidUtf8()
        ? result.toStringUtf8()
        : result.size() + " bytes that are no text; --json shows them";
  }

  static TextTable table(List<Task> tasks) {
    TextTable table =
        new TextTable("id", "type", "state", "priority", "attempt", "worker", "result or error");
    for (Task task : tasks) {
      table.row(
          TaskIds.format(task.getTaskId()),
          task.getType(),
          TaskStates.name(task.getState()),
          Priorities.format(task.getPriority()),
          task.getAttempt(),
          task.getWorkerId(),
          lastColumn(task));
    }
    return table;
  }

  private static String lastColumn(Task task) {
    String text = task.getError().isEmpty() ? result(task.getResult()) : task.getError();
    String said = text.isEmpty() ? task.getNote() : text;
    return said.length() <= CELL_MAX ? said : said.substring(0, CELL_MAX - 3) + "...";
  }

  private static String requires(Task task) {
    List<String> parts = new ArrayList<>();
    new TreeMap<>(task.getLabelsMap()).forEach((name, value) -> parts.add(name + "=" + value));
    new TreeMap<>(task.getAmountsMap()).forEach((name, need) -> parts.add(name + ">=" + need));
    return String.join(" ", parts);
  }
}
