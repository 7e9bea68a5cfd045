package io.tidemill.cli;

import com.google.gson.JsonObject;
import io.tidemill.client.Priorities;
import io.tidemill.client.TaskStates;
import io.tidemill.client.TidemillClient;
import io.tidemill.rpc.TaskIds;
import io.tidemill.v1.SetPriorityResponse;
import io.tidemill.v1.Task;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tidemill task priority}. */
@Command(
    name = "priority",
    description = {
      "Gives tasks that wait another priority. Among those of the same priority their places stay",
      "those of their submission. A task that a worker has, or that has ended, is refused."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  tidemill task priority 0010000001000001 --to urgent",
      "  tidemill task priority 0010000001000001 0010000001000002 --to -5 --json"
    })
final class TaskPriorityCommand extends CliCommand {
  @Parameters(
      arity = "1..*",
      paramLabel = "TASK",
      converter = TaskIdParameter.Converter.class,
      description = "The tasks' ids: 16 hexadecimal digits, as `task submit` prints them.")
  List<Long> taskIds;

  @Option(
      names = "--to",
      required = true,
      paramLabel = "P",
      converter = PriorityConverter.class,
      description = "The priority: a number, or low, normal, high, urgent.")
  int priority;

  TaskPriorityCommand(Cli cli) {
    super(cli);
  }

  @Override
  public Integer call() {
    try (TidemillClient client = cli.client()) {
      return EachTask.run(cli, taskIds, id -> print(client.setPriority(id, priority)));
    }
  }

  private void print(SetPriorityResponse answer) {
    Task task = answer.getTask();
    if (cli.json()) {
      JsonObject json = Json.task(task);
      json.addProperty(
          "durability", answer.getDurability().name().substring("DURABILITY_".length()));
      cli.print(json);
    } else {
      cli.print(
          TaskIds.format(task.getTaskId())
              + " "
              + TaskStates.name(task.getState())
              + " priority "
              + Priorities.format(task.getPriority()));
    }
  }
}
