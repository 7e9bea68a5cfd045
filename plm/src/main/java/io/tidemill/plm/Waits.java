package io.tidemill.plm;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.tidemill.rpc.RpcErrors;
import io.tidemill.rpc.TaskIds;
import io.tidemill.v1.Task;
import java.util.Map;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Waits for the ends of single tasks, for a time. */
final class Waits implements AutoCloseable {
  /** Told once. */
  @FunctionalInterface
  interface Answer {
    /**
     * @param task as it is now, or null if it has left meanwhile
     */
    void onTask(Task task, boolean ended);
  }

  private final Ends ends;
  private final TaskViews views;
  private final ScheduledThreadPoolExecutor timer;

  Waits(Ends ends, TaskViews views) {
    this.ends = ends;
    this.views = views;
    this.timer =
        new ScheduledThreadPoolExecutor(
            1,
            work -> {
              Thread thread = new Thread(work, "timer");
              thread.setDaemon(true);
              return thread;
            });
    timer.setRemoveOnCancelPolicy(true);
  }

  /** A wait that is under way. */
  final class Wait {
    private final long taskId;
    private final Answer answer;
    private final AtomicBoolean answered = new AtomicBoolean();
    private volatile Ends.Waiter waiter;
    private volatile ScheduledFuture<?> timeout;

    private Wait(long taskId, Answer answer) {
      this.taskId = taskId;
      this.answer = answer;
    }

    private void ended() {
      ScheduledFuture<?> running = timeout;
      if (running != null) {
        running.cancel(false);
      }
      if (answered.compareAndSet(false, true)) {
        answer.onTask(views.view(taskId), true);
      }
    }

    private void timedOut() {
      ends.forget(waiter);
      if (answered.compareAndSet(false, true)) {
        Task task = views.view(taskId);
        answer.onTask(task, task != null && isEnd(task));
      }
    }

    /** Nobody wants the answer any more. */
    void cancel() {
      answered.set(true);
      ends.forget(waiter);
      ScheduledFuture<?> running = timeout;
      if (running != null) {
        running.cancel(false);
      }
    }
  }

  /**
   * Answers when a task has ended, or after a time.
   *
   * @param timeoutMillis 0: without limit
   * @return the wait, or null if the task is not in its slot (any more), or too many wait
   */
  Wait await(long taskId, long timeoutMillis, Answer answer) {
    Wait wait = new Wait(taskId, answer);
    Ends.Waiter waiter = ends.await(taskId, (id, outcome) -> wait.ended());
    if (waiter == null) {
      return null;
    }
    wait.waiter = waiter;
    if (timeoutMillis > 0) {
      wait.timeout = timer.schedule(wait::timedOut, timeoutMillis, TimeUnit.MILLISECONDS);
      if (wait.answered.get()) {
        wait.timeout.cancel(false);
      }
    }
    return wait;
  }

  static boolean isEnd(Task task) {
    return task.getStateValue() >= io.tidemill.v1.TaskState.TASK_STATE_SUCCEEDED_VALUE;
  }

  /** Why a task cannot be shown. */
  StatusRuntimeException notFound(long id) {
    boolean expired = ends.where(id) != Ends.Where.UNKNOWN;
    return RpcErrors.of(
        Status.Code.NOT_FOUND,
        expired ? "TASK_EXPIRED" : "TASK_UNKNOWN",
        expired
            ? "the task has ended and its result is no longer kept, or was discarded: task_id="
                + TaskIds.format(id)
                + "; see result.keep.seconds and result.keep.count"
            : "no such task: task_id=" + TaskIds.format(id) + "; check the id",
        Map.of("field", "task_id", "value", TaskIds.format(id)));
  }

  static Refused full() {
    return Refused.exhausted(
        "WAITERS_FULL",
        "too many calls wait for tasks: limit="
            + Ends.WAITERS_MAX
            + "; ask again later, or use a session",
        Map.of("limit", Integer.toString(Ends.WAITERS_MAX), "retry_after_ms", "1000"),
        1_000);
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
