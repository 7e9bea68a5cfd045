package io.tidemill.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.tidemill.cli.text.TextTable;
import io.tidemill.cli.workflow.WorkflowFile;
import io.tidemill.client.TaskStates;
import io.tidemill.client.TidemillClient;
import io.tidemill.rpc.TaskIds;
import io.tidemill.v1.SubmitTasksResponse;
import io.tidemill.v1.Task;
import io.tidemill.v1.TaskState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tidemill workflow submit}. */
@Command(
    name = "submit",
    description = {
      "Submits the tasks of a file, all of them or none.",
      "The file is JSON: {\"tasks\": [{\"name\", \"type\", \"payload\", \"priority\", \"after\": [names],"
          + " \"rule\"}, ...], \"then\": {...}}, where what stands under then comes after all others have"
          + " ended. A rule is all_succeeded (unless said), all_ended or any_succeeded; a priority is a"
          + " number, or \"low\", \"normal\", \"high\" or \"urgent\"."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  tidemill workflow submit nightly.json",
      "  tidemill workflow submit nightly.json --wait --json"
    })
final class WorkflowSubmitCommand extends CliCommand {
  @Parameters(paramLabel = "FILE", description = "The workflow.")
  Path file;

  @Option(names = "--wait", description = "Wait until all of them have ended.")
  boolean wait;

  @Option(
      names = "--wait-timeout",
      paramLabel = "TIME",
      description = "Give up waiting after so long; otherwise never.")
  Duration waitTimeout = TaskWaitCommand.FOR_EVER;

  WorkflowSubmitCommand(Cli cli) {
    super(cli);
  }

  @Override
  public Integer call() {
    WorkflowFile workflow;
    try {
      workflow = WorkflowFile.read(file);
    } catch (WorkflowFile.BadWorkflowException e) {
      throw CliException.usage(e.getMessage());
    }
    try (TidemillClient client = cli.client()) {
      SubmitTasksResponse answer = client.submitAtomic(workflow.specs());
      if (answer.getRefusalsCount() > 0) {
        return refused(workflow, answer);
      }
      List<Task> tasks = new ArrayList<>();
      for (long id : answer.getTaskIdsList()) {
        tasks.add(wait ? Waiting.await(cli, client, id, waitTimeout).getTask() : client.get(id));
      }
      print(workflow, tasks);
      return wait ? exitCode(tasks) : ExitCodes.OK;
    }
  }

  /** The first one that is at fault by itself; the others were refused with it. */
  private int refused(WorkflowFile workflow, SubmitTasksResponse answer) {
    answer.getRefusalsList().stream()
        .filter(refusal -> !refusal.getReason().equals("ATOMIC_REFUSED"))
        .forEach(
            refusal ->
                cli.say(
                    "refused: task="
                        + workflow.names().get((int) refusal.getNumber())
                        + " reason="
                        + refusal.getReason()
                        + ": "
                        + refusal.getMessage()));
    answer
        .getDuplicateTasksList()
        .forEach(
            known ->
                cli.say(
                    "nothing was submitted: task="
                        + workflow.names().get((int) known.getNumber())
                        + " is known already as id="
                        + TaskIds.format(known.getDuplicateOf())
                        + " by its "
                        + UniqueOptions.name(known.getReason()).toLowerCase(Locale.ROOT)));
    return answer.getDuplicateTasksCount() > 0 ? ExitCodes.FAILURE : ExitCodes.USAGE;
  }

  private static int exitCode(List<Task> tasks) {
    boolean ended = tasks.stream().allMatch(t -> TaskStates.isEnd(t.getState()));
    boolean succeeded =
        tasks.stream().allMatch(t -> t.getState() == TaskState.TASK_STATE_SUCCEEDED);
    return succeeded ? ExitCodes.OK : ended ? ExitCodes.NO_SUCCESS : ExitCodes.TIME_OVER;
  }

  private void print(WorkflowFile workflow, List<Task> tasks) {
    if (cli.json()) {
      JsonArray all = new JsonArray();
      for (int i = 0; i < tasks.size(); i++) {
        JsonObject one = Json.task(tasks.get(i));
        one.addProperty("name", workflow.names().get(i));
        all.add(one);
      }
      JsonObject json = new JsonObject();
      json.add("tasks", all);
      cli.print(json);
      return;
    }
    TextTable table = new TextTable("name", "id", "state");
    for (int i = 0; i < tasks.size(); i++) {
      Task task = tasks.get(i);
      table.row(
          workflow.names().get(i),
          TaskIds.format(task.getTaskId()),
          TaskStates.name(task.getState()));
    }
    table.lines().forEach(cli::print);
  }
}
