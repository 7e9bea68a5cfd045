package io.tidemill.plm;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.tidemill.rpc.RpcErrors;
import io.tidemill.rpc.TaskIds;
import io.tidemill.shm.region.TaskState;
import io.tidemill.v1.CancelTaskRequest;
import io.tidemill.v1.CancelTaskResponse;
import io.tidemill.v1.CountTasksRequest;
import io.tidemill.v1.CountTasksResponse;
import io.tidemill.v1.ExplainTaskRequest;
import io.tidemill.v1.ExplainTaskResponse;
import io.tidemill.v1.FollowTaskRequest;
import io.tidemill.v1.FollowTaskResponse;
import io.tidemill.v1.GetDependenciesRequest;
import io.tidemill.v1.GetDependenciesResponse;
import io.tidemill.v1.GetHistoryRequest;
import io.tidemill.v1.GetHistoryResponse;
import io.tidemill.v1.GetStatsRequest;
import io.tidemill.v1.GetStatsResponse;
import io.tidemill.v1.GetTaskRequest;
import io.tidemill.v1.GetTaskResponse;
import io.tidemill.v1.ListTasksRequest;
import io.tidemill.v1.ListTasksResponse;
import io.tidemill.v1.SessionRequest;
import io.tidemill.v1.SessionResponse;
import io.tidemill.v1.SetPriorityRequest;
import io.tidemill.v1.SetPriorityResponse;
import io.tidemill.v1.SubmitTaskRequest;
import io.tidemill.v1.SubmitTaskResponse;
import io.tidemill.v1.SubmitTasksRequest;
import io.tidemill.v1.SubmitTasksResponse;
import io.tidemill.v1.Task;
import io.tidemill.v1.TaskServiceGrpc;
import io.tidemill.v1.TaskSpec;
import io.tidemill.v1.WaitTaskRequest;
import io.tidemill.v1.WaitTaskResponse;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The clients' calls. On the transport's threads, so nothing here waits. */
final class TaskApi extends TaskServiceGrpc.TaskServiceImplBase {
  static final int TASKS_PER_CALL_MAX = 10_000;
  private static final int REASON_CHARACTERS_MAX = 1_000;

  /**
   * What a cancelled task gets to end before the answer: a waiting one, which only we have to let
   * go ...
   */
  private static final int CANCEL_WAITING_MILLIS = 2_000;

  /** ... and one that a worker holds. */
  private static final int CANCEL_LEASED_MILLIS = 50;

  /** What the calls work with. */
  record Parts(
      Intake intake,
      SessionStream.Shared streams,
      TaskViews views,
      Waits waits,
      Cancels cancels,
      PriorityCalls priorities,
      DependencyViews dependencies,
      HistoryViews histories,
      ExplainViews explanations,
      TaskPages pages,
      Follows follows,
      Stats stats,
      SlowCalls slow) {}

  private final Parts parts;

  TaskApi(Parts parts) {
    this.parts = parts;
  }

  Parts parts() {
    return parts;
  }

  // Submissions.

  @Override
  public void submitTask(SubmitTaskRequest request, StreamObserver<SubmitTaskResponse> answer) {
    List<TaskSpec> one = List.of(request.getTask());
    submit(one, () -> Batch.of(one), answer, batch -> one(batch, answer));
  }

  private static void one(Batch batch, StreamObserver<SubmitTaskResponse> answer) {
    if (!batch.refused().isEmpty()) {
      answer.onError(batch.refused().get(0).toException());
      return;
    }
    SlowCalls.reply(
        answer,
        SubmitTaskResponse.newBuilder()
            .setTaskId(batch.id(0))
            .setDuplicate(batch.duplicates() > 0)
            .setDuplicateReason(batch.duplicateReason())
            .setDurability(batch.durability())
            .build());
  }

  @Override
  public void submitTasks(SubmitTasksRequest request, StreamObserver<SubmitTasksResponse> answer) {
    if (request.getTasksCount() > TASKS_PER_CALL_MAX) {
      answer.onError(
          RpcErrors.invalid(
              "TOO_MANY_TASKS",
              "tasks",
              request.getTasksCount(),
              "too many tasks in one call: tasks="
                  + request.getTasksCount()
                  + " limit="
                  + TASKS_PER_CALL_MAX
                  + "; send several calls, or use a session"));
      return;
    }
    if (request.getAtomic() && request.getTasksCount() > Acceptance.ATOMIC_TASKS_MAX) {
      answer.onError(
          RpcErrors.invalid(
              "TOO_MANY_TASKS",
              "tasks",
              request.getTasksCount(),
              "too many tasks in one atomic call: tasks="
                  + request.getTasksCount()
                  + " limit="
                  + Acceptance.ATOMIC_TASKS_MAX
                  + "; let a later call wait for tasks of an earlier one"));
      return;
    }
    List<TaskSpec> specs = request.getTasksList();
    Supplier<Batch> batch =
        request.getAtomic() ? () -> Batch.ofAtomic(specs) : () -> Batch.of(specs);
    submit(specs, batch, answer, done -> SlowCalls.reply(answer, many(done)));
  }

  private static SubmitTasksResponse many(Batch batch) {
    SubmitTasksResponse.Builder response =
        SubmitTasksResponse.newBuilder()
            .addAllRefusals(batch.refusals())
            .setDurability(batch.durability())
            .setDuplicates(batch.duplicates())
            .addAllDuplicateTasks(batch.duplicateTasks());
    for (long id : batch.ids()) {
      response.addTaskIds(id);
    }
    return response.build();
  }

  private void submit(
      List<TaskSpec> specs,
      Supplier<Batch> asBatch,
      StreamObserver<?> answer,
      java.util.function.Consumer<Batch> acknowledge) {
    Refused refused =
        parts
            .intake()
            .run(
                specs,
                () -> {
                  Batch batch = asBatch.get();
                  parts.intake().accept(batch);
                  parts.intake().afterPromise(batch, acknowledge);
                });
    if (refused != null) {
      parts.intake().countRefused(specs.size());
      answer.onError(refused.toException());
    }
  }

  @Override
  public StreamObserver<SessionRequest> session(StreamObserver<SessionResponse> answer) {
    return new SessionStream(parts.streams(), (ServerCallStreamObserver<SessionResponse>) answer);
  }

  // Looks.

  @Override
  public void getTask(GetTaskRequest request, StreamObserver<GetTaskResponse> answer) {
    Task task = parts.views().view(request.getTaskId());
    if (task == null) {
      answer.onError(parts.waits().notFound(request.getTaskId()));
    } else {
      SlowCalls.reply(answer, GetTaskResponse.newBuilder().setTask(task).build());
    }
  }

  @Override
  public void waitTask(WaitTaskRequest request, StreamObserver<WaitTaskResponse> answer) {
    long id = request.getTaskId();
    long timeoutMillis = Integer.toUnsignedLong(request.getTimeoutMs());
    Waits.Wait wait =
        await(answer, id, timeoutMillis, (task, ended) -> waited(answer, id, task, ended));
    if (wait == null) {
      answerNow(answer, id, task -> waited(answer, id, task, true));
    }
  }

  private void waited(StreamObserver<WaitTaskResponse> answer, long id, Task task, boolean ended) {
    if (task == null) {
      answer.onError(parts.waits().notFound(id));
    } else {
      SlowCalls.reply(answer, WaitTaskResponse.newBuilder().setTask(task).setEnded(ended).build());
    }
  }

  private Waits.Wait await(
      StreamObserver<?> answer, long id, long timeoutMillis, Waits.Answer then) {
    // A client that goes away meanwhile frees its place; set before the wait begins, as gRPC
    // demands of handlers.
    Cancelled cancelled = new Cancelled();
    ((ServerCallStreamObserver<?>) answer).setOnCancelHandler(cancelled);
    Waits.Wait wait = parts.waits().await(id, timeoutMillis, then);
    cancelled.wait(wait);
    return wait;
  }

  /** Ends a wait whose call was cancelled. */
  private static final class Cancelled implements Runnable {
    private Waits.Wait wait;
    private boolean cancelled;

    synchronized void wait(Waits.Wait started) {
      wait = started;
      if (cancelled && wait != null) {
        wait.cancel();
      }
    }

    @Override
    public synchronized void run() {
      cancelled = true;
      if (wait != null) {
        wait.cancel();
      }
    }
  }

  /** There is nothing to wait for: the task has ended, is not known, or too many wait. */
  private void answerNow(
      StreamObserver<?> answer, long id, java.util.function.Consumer<Task> then) {
    Task task = parts.views().view(id);
    if (task != null && !Waits.isEnd(task)) {
      answer.onError(Waits.full().toException());
    } else {
      then.accept(task);
    }
  }

  @Override
  public void followTask(FollowTaskRequest request, StreamObserver<FollowTaskResponse> answer) {
    StatusRuntimeException refused =
        parts
            .follows()
            .follow(request.getTaskId(), (ServerCallStreamObserver<FollowTaskResponse>) answer);
    if (refused != null) {
      answer.onError(refused);
    }
  }

  @Override
  public void getDependencies(
      GetDependenciesRequest request, StreamObserver<GetDependenciesResponse> answer) {
    parts
        .slow()
        .answer(
            answer, () -> found(request.getTaskId(), parts.dependencies().of(request.getTaskId())));
  }

  @Override
  public void getHistory(GetHistoryRequest request, StreamObserver<GetHistoryResponse> answer) {
    parts
        .slow()
        .answer(
            answer, () -> found(request.getTaskId(), parts.histories().of(request.getTaskId())));
  }

  @Override
  public void explainTask(ExplainTaskRequest request, StreamObserver<ExplainTaskResponse> answer) {
    parts
        .slow()
        .answer(
            answer, () -> found(request.getTaskId(), parts.explanations().of(request.getTaskId())));
  }

  private <T> T found(long id, T view) {
    if (view == null) {
      throw parts.waits().notFound(id);
    }
    return view;
  }

  @Override
  public void listTasks(ListTasksRequest request, StreamObserver<ListTasksResponse> answer) {
    parts.slow().answer(answer, () -> parts.pages().page(request));
  }

  @Override
  public void countTasks(CountTasksRequest request, StreamObserver<CountTasksResponse> answer) {
    parts.slow().answer(answer, () -> parts.pages().count(request));
  }

  @Override
  public void getStats(GetStatsRequest request, StreamObserver<GetStatsResponse> answer) {
    parts.slow().answer(answer, parts.stats()::get);
  }

  // Cancellations.

  @Override
  public void cancelTask(CancelTaskRequest request, StreamObserver<CancelTaskResponse> answer) {
    try {
      checkReason(request.getReason());
    } catch (StatusRuntimeException tooLong) {
      answer.onError(tooLong);
      return;
    }
    long id = request.getTaskId();
    TaskState state = parts.cancels().ask(id, request.getReason());
    if (state == null) {
      notLive(answer, id);
      return;
    }
    boolean leased = state.isLeased() || state == TaskState.RECORDING;
    Waits.Wait wait =
        await(
            answer,
            id,
            leased ? CANCEL_LEASED_MILLIS : CANCEL_WAITING_MILLIS,
            (task, ended) -> cancelled(answer, id, task));
    if (wait == null) {
      cancelled(answer, id, parts.views().view(id));
    }
  }

  /**
   * @throws StatusRuntimeException if the reason of a cancellation is too long
   */
  static void checkReason(String reason) {
    if (reason.length() > REASON_CHARACTERS_MAX) {
      throw RpcErrors.invalid(
          "REASON_TOO_LONG",
          "reason",
          reason.length() + " characters",
          "reason is too long: characters="
              + reason.length()
              + " limit="
              + REASON_CHARACTERS_MAX
              + "; shorten it");
    }
  }

  private void cancelled(StreamObserver<CancelTaskResponse> answer, long id, Task task) {
    if (task == null) {
      answer.onError(parts.waits().notFound(id));
    } else {
      SlowCalls.reply(
          answer,
          CancelTaskResponse.newBuilder().setTask(task).setRequested(!Waits.isEnd(task)).build());
    }
  }

  @Override
  public void setPriority(SetPriorityRequest request, StreamObserver<SetPriorityResponse> answer) {
    parts.priorities().set(request, answer);
  }

  private void notLive(StreamObserver<CancelTaskResponse> answer, long id) {
    Task task = parts.views().view(id);
    answer.onError(
        task == null
            ? parts.waits().notFound(id)
            : RpcErrors.of(
                Status.Code.FAILED_PRECONDITION,
                "TASK_ENDED",
                "the task has ended before: task_id="
                    + TaskIds.format(id)
                    + " state="
                    + task.getState().name().replace("TASK_STATE_", "")
                    + "; there is nothing to cancel",
                Map.of(
                    "field",
                    "task_id",
                    "value",
                    TaskIds.format(id),
                    "state",
                    task.getState().name())));
  }
}
