package io.tidemill.cli;

import io.tidemill.client.TidemillClient;
import io.tidemill.v1.ListTasksRequest;
import io.tidemill.v1.Task;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tidemill task list}. */
@Command(
    name = "list",
    description = "Lists tasks: live ones first, then ended ones that are still kept.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  tidemill task list --state READY,RUNNING",
      "  tidemill task list --state DEAD --queue mail --error 'connection refused'",
      "  tidemill task list --state FAILED --ended-after 1h",
      "  tidemill task list --type echo --limit 1000 --json"
    })
final class TaskListCommand extends CliCommand {
  private static final int PAGE_MAX = 1000;

  @Mixin FilterOptions filter;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "100",
      description = "At most so many (${DEFAULT-VALUE}); 0: all.")
  int limit;

  TaskListCommand(Cli cli) {
    super(cli);
  }

  @Override
  public Integer call() {
    if (limit < 0) {
      throw CliException.usage("bad limit: limit=" + limit + "; give 0 for all or a number above");
    }
    ListTasksRequest request =
        ListTasksRequest.newBuilder()
            .setPageSize(limit == 0 ? PAGE_MAX : Math.min(PAGE_MAX, limit))
            .setFilter(filter.filter())
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
