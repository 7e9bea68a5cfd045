package io.tidemill.cli;

import io.tidemill.v1.TaskFilter;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which tasks something is done with: by their ids, or all that match. */
final class TasksMeant {
  @Parameters(
      arity = "0..*",
      paramLabel = "TASK",
      converter = TaskIdParameter.Converter.class,
      description = "Ids: 16 hexadecimal digits, as `task submit` prints them.")
  List<Long> ids = new ArrayList<>();

  @Mixin FilterOptions filter;

  @Option(names = "--all", description = "All tasks that it can be done with.")
  boolean all;

  @Option(
      names = "--dry-run",
      description = "Do nothing; print how many tasks match, and the first few.")
  boolean dryRun;

  @Option(names = "--yes", description = "Do not ask before something is done with many tasks.")
  boolean yes;

  /** Whether they are named one by one. */
  boolean byIds() {
    boolean filtered = !filter.filter().equals(TaskFilter.getDefaultInstance());
    if (ids.isEmpty() && !filtered && !all) {
      throw CliException.usage(
          "no task is named; give ids, or say which with --state, --queue, --error and the like, or"
              + " --all");
    }
    if (!ids.isEmpty() && (filtered || all || dryRun)) {
      throw CliException.usage(
          "ids and a filter exclude each other; give ids, or say which with options");
    }
    return !ids.isEmpty();
  }
}
