package io.tidemill.cli;

import io.tidemill.cli.text.TextTable;
import io.tidemill.client.TidemillClient;
import io.tidemill.client.TidemillException;
import io.tidemill.v1.ExplainTaskResponse;
import io.tidemill.v1.Reason;
import io.tidemill.v1.ReasonKind;
import io.tidemill.v1.WaitTaskResponse;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * Waits for the end of a task. Where that takes long and nothing works on the task, it says on
 * stderr why, and again when the reason is another one: who waits for a type that nobody handles
 * would otherwise learn nothing.
 */
final class Waiting {
  private static final Duration FIRST = Duration.ofSeconds(2);
  private static final Duration LATER = Duration.ofSeconds(10);

  /** Of a task that takes its course. */
  private static final Set<ReasonKind> NOTHING_TO_SAY =
      EnumSet.of(
          ReasonKind.REASON_KIND_UNSPECIFIED,
          ReasonKind.UNRECOGNIZED,
          ReasonKind.REASON_KIND_ABOUT_TO_BE_ASSIGNED,
          ReasonKind.REASON_KIND_RUNNING,
          ReasonKind.REASON_KIND_BEING_RECORDED,
          ReasonKind.REASON_KIND_START_DEADLINE,
          ReasonKind.REASON_KIND_DEADLINE,
          ReasonKind.REASON_KIND_ENDED);

  private final Cli cli;
  private final TidemillClient client;
  private final long taskId;
  private String lastSaid = "";
  private volatile boolean isOver;

  private Waiting(Cli cli, TidemillClient client, long taskId) {
    this.cli = cli;
    this.client = client;
    this.taskId = taskId;
  }

  /** As {@link TidemillClient#await}. */
  static WaitTaskResponse await(Cli cli, TidemillClient client, long taskId, Duration timeout) {
    Waiting waiting = new Waiting(cli, client, taskId);
    waiting.lookAfter(FIRST);
    try {
      return client.await(taskId, timeout);
    } finally {
      waiting.isOver = true;
    }
  }

  private void lookAfter(Duration pause) {
    Executor later = CompletableFuture.delayedExecutor(pause.toMillis(), TimeUnit.MILLISECONDS);
    later.execute(this::look);
  }

  private void look() {
    if (isOver) {
      return;
    }
    try {
      ExplainTaskResponse answer = client.explain(taskId);
      if (!isOver && answer.getReasonsCount() > 0) {
        say(answer.getReasons(0));
      }
    } catch (TidemillException silent) {
      // What is wrong is told by the wait itself.
    }
    lookAfter(LATER);
  }

  private void say(Reason reason) {
    String remedy = reason.getRemedy().isEmpty() ? "" : "; changed by: " + reason.getRemedy();
    String said = TextTable.printable(reason.getText() + remedy);
    if (!NOTHING_TO_SAY.contains(reason.getKind()) && !said.equals(lastSaid)) {
      lastSaid = said;
      cli.say("still waiting: " + said);
    }
  }
}
