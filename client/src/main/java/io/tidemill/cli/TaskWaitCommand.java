package io.tidemill.cli;

import io.tidemill.client.TidemillClient;
import io.tidemill.rpc.TaskIds;
import io.tidemill.v1.Task;
import io.tidemill.v1.TaskState;
import io.tidemill.v1.WaitTaskResponse;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tidemill task wait}. */
@Command(
    name = "wait",
    description = "Waits for the end of a task and shows it.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  tidemill task wait 0010000001000001",
      "  tidemill task wait 0010000001000001 --wait-timeout 30s --json",
      "",
      "Ends with 0 if the task succeeded, 5 if it ended otherwise, 6 if the time was over."
    })
final class TaskWaitCommand extends CliCommand {
  /** For those who name no time. */
  static final Duration FOR_EVER = Duration.ofDays(365);

  @Mixin TaskIdParameter task;

  @Option(
      names = {"--wait-timeout", "--timeout"},
      paramLabel = "TIME",
      description = "How long to wait, as 500ms, 10s, 5m; without it, as long as it takes.")
  Duration timeout = FOR_EVER;

  TaskWaitCommand(Cli cli) {
    super(cli);
  }

  @Override
  public Integer call() {
    try (TidemillClient client = cli.client()) {
      Task now = client.get(task.taskId); // tells quickly if the server or the task is not there
      return await(cli, client, now.getTaskId(), timeout);
    }
  }

  /** Waits, prints the task, says why if it did not succeed; returns the exit code. */
  static int await(Cli cli, TidemillClient client, long taskId, Duration timeout) {
    WaitTaskResponse answer = Waiting.await(cli, client, taskId, timeout);
    TaskGetCommand.print(cli, answer.getTask());
    if (!answer.getEnded()) {
      cli.say("time over before the task ended: id=" + TaskIds.format(taskId));
      return ExitCodes.TIME_OVER;
    }
    return answer.getTask().getState() == TaskState.TASK_STATE_SUCCEEDED
        ? ExitCodes.OK
        : ExitCodes.NO_SUCCESS;
  }
}
