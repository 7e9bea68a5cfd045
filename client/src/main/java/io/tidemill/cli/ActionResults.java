package io.tidemill.cli;

import com.google.gson.JsonObject;
import io.grpc.Status;
import io.tidemill.rpc.TaskIds;
import io.tidemill.v1.TaskActionResult;

/** Results of tasks that were named, one a line. */
final class ActionResults {
  private final Cli cli;
  private int exitCode = ExitCodes.OK;

  ActionResults(Cli cli) {
    this.cli = cli;
  }

  void print(TaskActionResult result, String text) {
    String id = TaskIds.format(result.getTaskId());
    if (cli.json()) {
      cli.print(json(result));
    } else if (!result.hasRefusal()) {
      cli.print(id + " " + text);
    }
    if (result.hasRefusal()) {
      cli.say(result.getRefusal().getMessage() + " [" + result.getRefusal().getReason() + "]");
      exitCode =
          Math.max(
              exitCode,
              ExitCodes.of(Status.fromCodeValue(result.getRefusal().getCode()).getCode()));
    }
  }

  private static JsonObject json(TaskActionResult result) {
    JsonObject json = new JsonObject();
    json.addProperty("id", TaskIds.format(result.getTaskId()));
    if (result.getNewTaskId() != 0) {
      json.addProperty("new_id", TaskIds.format(result.getNewTaskId()));
      json.addProperty("already", result.getAlready());
    }
    json.addProperty("refused", result.getRefusal().getReason());
    json.addProperty("message", result.getRefusal().getMessage());
    return json;
  }

  int exitCode() {
    return exitCode;
  }
}
