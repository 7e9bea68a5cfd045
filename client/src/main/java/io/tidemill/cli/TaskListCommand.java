package io.tidemill.cli;

import io.tidemill.client.TaskStates;
import io.tidemill.client.TidemillClient;
import io.tidemill.v1.ListTasksRequest;
import io.tidemill.v1.Task;
import io.tidemill.v1.TaskState;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tidemill task list}. */
@Command(
    name = "list",
    description = "Lists tasks: live ones first, then ended ones that are still kept.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  tidemill task list --state READY,RUNNING",
      "  tidemill task list --type echo --limit 1000 --json"
    })
final class TaskListCommand extends CliCommand {
  private static final int PAGE_MAX = 1000;

  @Option(
      names = "--state",
      paramLabel = "STATE",
      split = ",",
      converter = StateConverter.class,
      description = "Only tasks in these states, as READY or SUCCEEDED.")
  List<TaskState> states = new ArrayList<>();

  @Option(names = "--type", paramLabel = "T", description = "Only tasks of this type.")
  String type = "";

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "100",
      description = "At most so many (${DEFAULT-VALUE}); 0: all.")
  int limit;

  TaskListCommand(Cli cli) {
    super(cli);
  }

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

  @Override
  public Integer call() {
    if (limit < 0) {
      throw CliException.usage("bad limit: limit=" + limit + "; give 0 for all or a number above");
    }
    ListTasksRequest request =
        ListTasksRequest.newBuilder()
            .setPageSize(limit == 0 ? PAGE_MAX : Math.min(PAGE_MAX, limit))
            .addAllStates(states)
            .setType(type)
            .build();
    try (TidemillClient client = cli.client()) {
      print(limit == 0 ? client.list(request) : client.list(request).limit(limit));
    }
    return ExitCodes.OK;
  }

  private void print(Stream<Task> tasks) {
    if (cli.json()) {
      tasks.forEach(task -> cli.print(Json.task(task)));
      return;
    }
    Iterator<Task> iterator = tasks.iterator();
    if (!iterator.hasNext()) {
      cli.say("no tasks match");
    }
    List<Task> page = new ArrayList<>();
    while (iterator.hasNext()) {
      page.add(iterator.next());
      if (page.size() == PAGE_MAX || !iterator.hasNext()) {
        cli.print(TaskText.table(page).toString());
        page.clear();
      }
    }
  }
}
