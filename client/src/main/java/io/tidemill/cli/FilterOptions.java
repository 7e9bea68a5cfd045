package io.tidemill.cli;

import io.tidemill.cli.text.Units;
import io.tidemill.client.TaskStates;
import io.tidemill.v1.TaskFilter;
import io.tidemill.v1.TaskState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** Options that say which tasks are meant: those that match all of them. */
final class FilterOptions {
  /** A duration with its unit: a bare number is a moment. */
  private static final Pattern AGO = Pattern.compile("[0-9]{1,9}(ms|s|m|h|d)");

  @Option(
      names = "--state",
      paramLabel = "STATE",
      split = ",",
      converter = StateConverter.class,
      description = "Tasks in one of these states, as READY or SUCCEEDED,FAILED.")
  List<TaskState> states = new ArrayList<>();

  @Option(names = "--type", paramLabel = "T", description = "Tasks of this type.")
  String type = "";

  @Option(names = "--queue", paramLabel = "QUEUE", description = "Tasks of this queue.")
  String queue = "";

  @Option(
      names = "--task-key",
      paramLabel = "KEY",
      description = "Tasks with this key, such as user:17.")
  String key = "";

  @Option(names = "--tenant", paramLabel = "TENANT", description = "Tasks of this tenant.")
  String tenant = "";

  @Option(
      names = "--label",
      paramLabel = "NAME=VALUE",
      description = "Tasks that require this label, such as zone=a; may be repeated.")
  Map<String, String> labels = new LinkedHashMap<>();

  @Option(
      names = "--error",
      paramLabel = "TEXT",
      description = "Tasks with this somewhere in their error.")
  String error = "";

  @Option(
      names = "--submitted-after",
      paramLabel = "WHEN",
      description = {
        "Submitted at this moment or later: 1h (ago), 2030-01-31T08:00:00Z, or milliseconds",
        "since 1970."
      })
  String submittedAfter;

  @Option(
      names = "--submitted-before",
      paramLabel = "WHEN",
      description = "Submitted before this moment.")
  String submittedBefore;

  @Option(
      names = "--ended-after",
      paramLabel = "WHEN",
      description = "Ended at this moment or later.")
  String endedAfter;

  @Option(names = "--ended-before", paramLabel = "WHEN", description = "Ended before this moment.")
  String endedBefore;

  /** Reads a state's name. */
  static final class StateConverter implements CommandLine.ITypeConverter<TaskState> {
    @Override
    public TaskState convert(String text) {
      try {
        return TaskStates.parse(text);
      } catch (IllegalArgumentException e) {
        throw new CommandLine.TypeConversionException(e.getMessage());
      }
    }
  }

  /** What they say together; with none of them all tasks. */
  TaskFilter filter() {
    long now = System.currentTimeMillis();
    return TaskFilter.newBuilder()
        .addAllStates(states)
        .setType(type)
        .setQueue(queue)
        .setKey(key)
        .setTenant(tenant)
        .putAllLabels(labels)
        .setError(error)
        .setSubmittedAfterMs(moment("submitted-after", submittedAfter, now))
        .setSubmittedBeforeMs(moment("submitted-before", submittedBefore, now))
        .setEndedAfterMs(moment("ended-after", endedAfter, now))
        .setEndedBeforeMs(moment("ended-before", endedBefore, now))
        .build();
  }

  /** Milliseconds since 1970 of a moment, or of so long ago. */
  private static long moment(String option, String text, long now) {
    if (text == null) {
      return 0;
    }
    if (!AGO.matcher(text).matches()) {
      return TimesOptions.moment(option, text, "1h (ago), ");
    }
    try {
      return Math.max(1, now - Units.duration(text).toMillis());
    } catch (IllegalArgumentException e) {
      throw CliException.usage(option + ": " + e.getMessage());
    }
  }
}
