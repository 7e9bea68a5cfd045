package io.tidemill.cli;

import com.google.gson.JsonObject;
import com.google.protobuf.ByteString;
import io.tidemill.cli.text.TextTable;
import io.tidemill.cli.text.Utf8Stream;
import io.tidemill.client.Follow;
import io.tidemill.client.FollowListener;
import io.tidemill.client.TaskStates;
import io.tidemill.client.TidemillClient;
import io.tidemill.client.TidemillException;
import io.tidemill.rpc.TaskIds;
import io.tidemill.v1.EmittedPart;
import io.tidemill.v1.Task;
import io.tidemill.v1.TaskState;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Prints what becomes of a task while it runs, until its end. */
final class Following implements FollowListener {
  private final Cli cli;
  private final CompletableFuture<Task> end = new CompletableFuture<>();
  private final Utf8Stream text = new Utf8Stream();
  private String lastSaid = "";
  private long lastLease;

  private Following(Cli cli) {
    this.cli = cli;
  }

  /** Returns the exit code: 0 if the task succeeded, 5 if it ended otherwise. */
  static int follow(Cli cli, TidemillClient client, long taskId) {
    Following following = new Following(cli);
    Follow follow = client.follow(taskId, following);
    try {
      return following.conclude(following.end.join());
    } catch (CompletionException e) {
      if (e.getCause() instanceof TidemillException error) {
        throw error;
      }
      throw e;
    } finally {
      follow.close();
    }
  }

  @Override
  public void changed(Task task) {
    if (cli.json()) {
      JsonObject json = new JsonObject();
      json.addProperty("event", "changed");
      json.addProperty("state", TaskStates.name(task.getState()));
      json.addProperty("attempt", task.getAttempt());
      json.addProperty("worker", task.getWorkerId());
      json.addProperty("progress", task.getProgress());
      json.addProperty("progress_message", task.getProgressMessage());
      cli.print(json);
      return;
    }
    String said = said(task);
    if (!said.equals(lastSaid)) {
      lastSaid = said;
      cli.say(said);
    }
  }

  private static String said(Task task) {
    String text = TaskStates.name(task.getState());
    text += task.getWorkerId().isEmpty() ? "" : " on " + task.getWorkerId();
    text += task.getAttempt() > 1 ? ", attempt " + task.getAttempt() : "";
    String progress = TaskText.progress(task);
    return progress.isEmpty() ? text : text + ": " + TextTable.printable(progress);
  }

  @Override
  public void part(EmittedPart part) {
    if (cli.json()) {
      JsonObject json = new JsonObject();
      json.addProperty("event", "part");
      json.addProperty("attempt", part.getAttempt());
      json.addProperty("lease", TaskIds.format(part.getLease()));
      json.addProperty("position", part.getPosition());
      json.addProperty("lost_bytes", part.getLostBytes());
      addData(json, part.getData());
      cli.print(json);
      return;
    }
    if (lastLease != 0 && lastLease != part.getLease()) {
      cli.say("begun anew: attempt " + part.getAttempt());
      text.restart();
    }
    lastLease = part.getLease();
    if (part.getLostBytes() > 0) {
      cli.say("lost: " + part.getLostBytes() + " bytes");
      text.restart();
    }
    cli.write(text.next(part.getData().toByteArray()));
  }

  private static void addData(JsonObject json, ByteString data) {
    if (data.isValidUtf8()) {
      json.addProperty("data", data.toStringUtf8());
    } else {
      json.addProperty("data_base64", Base64.getEncoder().encodeToString(data.toByteArray()));
    }
  }

  @Override
  public void ended(Task task) {
    end.complete(task);
  }

  @Override
  public void failed(TidemillException error) {
    end.completeExceptionally(error);
  }

  private int conclude(Task task) {
    boolean succeeded = task.getState() == TaskState.TASK_STATE_SUCCEEDED;
    if (cli.json()) {
      JsonObject json = new JsonObject();
      json.addProperty("event", "ended");
      json.add("task", Json.task(task));
      cli.print(json);
    } else {
      cli.say(
          TaskStates.name(task.getState())
              + (task.getError().isEmpty() ? "" : ": " + task.getError()));
    }
    return succeeded ? ExitCodes.OK : ExitCodes.NO_SUCCESS;
  }
}
