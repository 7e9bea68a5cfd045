package io.tidemill.cli;

import io.tidemill.client.TidemillClient;
import io.tidemill.client.TidemillException;
import io.tidemill.replay.Job;
import io.tidemill.replay.Timeline;
import io.tidemill.replay.Workload;
import io.tidemill.v1.Dependency;
import io.tidemill.v1.Refusal;
import io.tidemill.v1.SubmitTasksResponse;
import io.tidemill.v1.Task;
import io.tidemill.v1.TaskResult;
import io.tidemill.v1.TaskSpec;
import io.tidemill.v1.TaskState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.IntFunction;

/**
 * A workflow as one graph that is accepted as a whole: the server lets each task go when those
 * before it have succeeded. Its tasks are due when the last end before them was known here.
 */
final class ReplayGraph {
  /** What the server accepts as one. */
  static final int TASKS_MAX = 1_000;

  private final Workload workload;
  private final IntFunction<TaskSpec> specs;
  private final Account account;
  private final Timeline timeline;
  private long startNanos;

  /** What became of a task, and when that was known. */
  private record End(Task task, boolean ended, long atMicros) {}

  ReplayGraph(Workload workload, IntFunction<TaskSpec> specs, Account account) {
    this.workload = workload;
    this.specs = specs;
    this.account = account;
    this.timeline = new Timeline(workload.jobs().size());
  }

  static boolean isGraph(Workload workload) {
    return workload.jobs().stream().anyMatch(job -> !job.parents().isEmpty());
  }

  Timeline timeline() {
    return timeline;
  }

  /** Submits the graph, and waits for all ends, or for so long. */
  void run(TidemillClient client, Duration patience) {
    startNanos = System.nanoTime();
    SubmitTasksResponse answer = client.submitAtomic(tasks());
    if (answer.getRefusalsCount() > 0) {
      throw CliException.usage(refusal(answer.getRefusalsList()));
    }
    List<CompletableFuture<End>> ends = new ArrayList<>();
    for (int i = 0; i < answer.getTaskIdsCount(); i++) {
      account.submitted();
      account.accepted(i + 1, answer.getTaskIds(i), System.nanoTime() - startNanos);
      ends.add(
          client
              .awaitAsync(answer.getTaskIds(i), patience)
              .thenApply(end -> new End(end.getTask(), end.getEnded(), nowMicros())));
    }
    // Parents stand before their children, and are known by then.
    for (int i = 0; i < ends.size(); i++) {
      note(i, join(ends.get(i)));
    }
  }

  private static End join(CompletableFuture<End> end) {
    try {
      return end.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof TidemillException refused ? refused : e;
    }
  }

  private long nowMicros() {
    return (System.nanoTime() - startNanos) / 1_000;
  }

  private List<TaskSpec> tasks() {
    List<TaskSpec> tasks = new ArrayList<>();
    for (int i = 0; i < workload.jobs().size(); i++) {
      TaskSpec.Builder task = specs.apply(i).toBuilder();
      for (int parent : job(i).parents()) {
        task.addDependsOn(Dependency.newBuilder().setIndex(parent));
      }
      tasks.add(task.build());
    }
    return tasks;
  }

  private Job job(int index) {
    return workload.jobs().get(index);
  }

  private static String refusal(List<Refusal> refusals) {
    Refusal first =
        refusals.stream()
            .filter(refusal -> !refusal.getReason().equals("ATOMIC_REFUSED"))
            .findFirst()
            .orElse(refusals.get(0));
    return first.getMessage() + " [" + first.getReason() + "]";
  }

  private void note(int job, End end) {
    long due = job(job).parents().stream().mapToLong(timeline::endedMicros).max().orElse(0);
    TaskState state = end.task.getState();
    timeline.sent(job, due, due);
    if (!end.ended) {
      timeline.gaveUp(job, Timeline.State.LOST);
    } else if (state == TaskState.TASK_STATE_CANCELLED && !haveSucceeded(job(job).parents())) {
      timeline.gaveUp(job, Timeline.State.DROPPED);
    } else {
      boolean succeeded = state == TaskState.TASK_STATE_SUCCEEDED;
      timeline.ended(job, succeeded, end.atMicros, end.task.getWorkerId());
      account.ended(job + 1, result(end.task), (end.atMicros - due) * 1_000);
    }
  }

  private boolean haveSucceeded(List<Integer> jobs) {
    return jobs.stream().allMatch(job -> timeline.state(job) == Timeline.State.SUCCEEDED);
  }

  private static TaskResult result(Task task) {
    return TaskResult.newBuilder().setState(task.getState()).setError(task.getError()).build();
  }
}
