package io.tidemill.plm;

import io.tidemill.rpc.RpcErrors;
import io.tidemill.v1.BulkAction;
import io.tidemill.v1.BulkTasksRequest;
import io.tidemill.v1.TaskFilter;
import io.tidemill.v1.TaskState;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;

/** Looks at what is to be done with many tasks, and with which. */
final class BulkCheck {
  private static final Set<TaskState> LIVE =
      EnumSet.range(TaskState.TASK_STATE_WAITING, TaskState.TASK_STATE_RUNNING);
  private static final Set<TaskState> ENDED =
      EnumSet.range(TaskState.TASK_STATE_SUCCEEDED, TaskState.TASK_STATE_DEAD);

  private BulkCheck() {}

  /**
   * Which tasks are meant, with the states that the action is for.
   *
   * @throws io.grpc.StatusRuntimeException that names the field that is wrong
   */
  static TaskFilter filter(BulkTasksRequest request) {
    BulkAction action = request.getAction();
    if (action == BulkAction.UNRECOGNIZED || action == BulkAction.BULK_ACTION_UNSPECIFIED) {
      throw RpcErrors.invalid(
          "ACTION_UNKNOWN",
          "action",
          request.getActionValue(),
          "unknown action: action="
              + request.getActionValue()
              + "; say BULK_ACTION_CANCEL, BULK_ACTION_REQUEUE or BULK_ACTION_DISCARD");
    }
    TaskApi.checkReason(request.getReason());
    TaskFilter filter = request.getFilter();
    FilterCheck.check(filter);
    if (!request.getAll() && filter.equals(TaskFilter.getDefaultInstance())) {
      throw RpcErrors.invalid(
          "FILTER_EMPTY",
          "filter",
          "",
          "the filter says nothing, so it would be all tasks; say which, or set all");
    }
    return withStates(filter, action);
  }

  private static TaskFilter withStates(TaskFilter filter, BulkAction action) {
    Set<TaskState> possible = action == BulkAction.BULK_ACTION_CANCEL ? LIVE : ENDED;
    for (TaskState state : filter.getStatesList()) {
      if (!possible.contains(state)) {
        throw RpcErrors.invalid(
            "STATE_NOT_POSSIBLE",
            "filter.states",
            FilterCheck.name(state),
            "nothing of the kind can be done with a task in this state: action="
                + action.name().replace("BULK_ACTION_", "")
                + " states="
                + FilterCheck.name(state)
                + "; say some of "
                + possible.stream().map(FilterCheck::name).collect(Collectors.joining(", ")));
      }
    }
    if (filter.getStatesCount() > 0) {
      return filter;
    }
    TaskFilter.Builder all = filter.toBuilder();
    possible.stream()
        .filter(
            state ->
                action != BulkAction.BULK_ACTION_REQUEUE || state != TaskState.TASK_STATE_SUCCEEDED)
        .forEach(all::addStates);
    return all.build();
  }
}
