package io.tidemill.plm;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.tidemill.rpc.RpcErrors;
import io.tidemill.rpc.TaskIds;
import io.tidemill.v1.Durability;
import io.tidemill.v1.SetPriorityRequest;
import io.tidemill.v1.SetPriorityResponse;
import io.tidemill.v1.Task;
import java.util.Map;

/** The call that changes a priority. On the transport's threads, so nothing here waits. */
final class PriorityCalls {
  private final PriorityChanges changes;
  private final Intake intake;
  private final TaskViews views;
  private final Waits waits;

  PriorityCalls(PriorityChanges changes, Intake intake, TaskViews views, Waits waits) {
    this.changes = changes;
    this.intake = intake;
    this.views = views;
    this.waits = waits;
  }

  PriorityChanges changes() {
    return changes;
  }

  /** Answers when what the task's acknowledgement promised holds for the change, too. */
  void set(SetPriorityRequest request, StreamObserver<SetPriorityResponse> answer) {
    long id = request.getTaskId();
    PriorityChanges.Change change = changes.set(id, request.getPriority());
    switch (change.result()) {
      case DONE -> acknowledge(id, change.disk(), answer);
      case NOT_WAITING -> answer.onError(notWaiting(id));
      default -> answer.onError(change.refused().toException());
    }
  }

  private void acknowledge(long id, boolean disk, StreamObserver<SetPriorityResponse> answer) {
    if (disk) {
      intake.afterForce(() -> reply(id, Durability.DURABILITY_DISK, answer));
    } else {
      reply(id, Durability.DURABILITY_PROCESS, answer);
    }
  }

  private void reply(long id, Durability promised, StreamObserver<SetPriorityResponse> answer) {
    Task task = views.view(id);
    if (task == null) {
      answer.onError(waits.notFound(id)); // It ended in this moment, and is not kept.
      return;
    }
    SlowCalls.reply(
        answer, SetPriorityResponse.newBuilder().setTask(task).setDurability(promised).build());
  }

  private StatusRuntimeException notWaiting(long id) {
    Task task = views.view(id);
    if (task == null) {
      return waits.notFound(id);
    }
    String state = task.getState().name().replace("TASK_STATE_", "");
    return RpcErrors.of(
        Status.Code.FAILED_PRECONDITION,
        "TASK_NOT_WAITING",
        "the task's priority cannot be changed any more: task_id="
            + TaskIds.format(id)
            + " state="
            + state
            + " priority="
            + task.getPriority()
            + "; only WAITING and READY tasks have a place in the order",
        Map.of("field", "task_id", "value", TaskIds.format(id), "state", task.getState().name()));
  }
}
