package io.tidemill.plm;

import io.tidemill.rpc.Names;
import io.tidemill.rpc.RpcErrors;
import io.tidemill.v1.TaskFilter;
import io.tidemill.v1.TaskState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Looks at which tasks a client asks for, field by field. */
final class FilterCheck {
  private static final int ERROR_CHARACTERS_MAX = 1_000;
  private static final int STATES_MAX = 100;
  private static final String PREFIX = "TASK_STATE_";

  private FilterCheck() {}

  /**
   * @throws io.grpc.StatusRuntimeException that names the field that is wrong
   */
  static void check(TaskFilter filter) {
    checkStates(filter.getStatesValueList());
    if (!filter.getType().isEmpty() && !SpecCheck.isType(filter.getType())) {
      throw bad(
          "TYPE_INVALID",
          "type",
          filter.getType(),
          "a type has 1 to 128 characters out of A-Z a-z 0-9 . _ : / -");
    }
    if (!filter.getQueue().isEmpty() && !Names.isQueue(filter.getQueue())) {
      throw bad("QUEUE_INVALID", "queue", filter.getQueue(), "a queue " + Names.QUEUE_RULE);
    }
    if (!filter.getKey().isEmpty() && !Names.isKey(filter.getKey())) {
      throw bad("KEY_INVALID", "key", filter.getKey(), "a key " + Names.KEY_RULE);
    }
    if (!filter.getTenant().isEmpty() && !Names.isTenant(filter.getTenant())) {
      throw bad("TENANT_INVALID", "tenant", filter.getTenant(), "a tenant " + Names.QUEUE_RULE);
    }
    if (filter.getLabelsCount() > SpecLane.REQUIREMENTS_MAX) {
      throw bad(
          "LABEL_INVALID",
          "labels",
          filter.getLabelsCount() + " of them",
          "no task has more than " + SpecLane.REQUIREMENTS_MAX);
    }
    for (Map.Entry<String, String> label : filter.getLabelsMap().entrySet()) {
      if (!Names.isLabel(label.getKey(), label.getValue())) {
        String shown = label.getKey() + "=" + label.getValue();
        throw bad("LABEL_INVALID", "labels", shown, "a label " + Names.LABEL_RULE);
      }
    }
    if (filter.getError().length() > ERROR_CHARACTERS_MAX) {
      throw bad(
          "ERROR_TOO_LONG",
          "error",
          filter.getError(),
          "a text to look for has at most " + ERROR_CHARACTERS_MAX + " characters");
    }
    checkTimes("submitted", filter.getSubmittedAfterMs(), filter.getSubmittedBeforeMs());
    checkTimes("ended", filter.getEndedAfterMs(), filter.getEndedBeforeMs());
  }

  private static void checkStates(List<Integer> states) {
    for (int state : states) {
      if (state <= 0 || TaskState.forNumber(state) == null || states.size() > STATES_MAX) {
        throw RpcErrors.invalid(
            "STATE_UNKNOWN",
            "states",
            state,
            "unknown task state: states="
                + state
                + "; leave the list empty for all, or say "
                + names());
      }
    }
  }

  private static String names() {
    List<String> names = new ArrayList<>();
    for (TaskState state : TaskState.values()) {
      if (state != TaskState.UNRECOGNIZED && state.getNumber() > 0) {
        names.add(state.getNumber() + " for " + name(state));
      }
    }
    return String.join(", ", names);
  }

  /** A state as people say it. */
  static String name(TaskState state) {
    return state.name().replace(PREFIX, "");
  }

  private static void checkTimes(String what, long after, long before) {
    if (after < 0 || before < 0) {
      boolean first = after < 0;
      throw bad(
          "TIME_OUT_OF_RANGE",
          what + (first ? "_after_ms" : "_before_ms"),
          Long.toUnsignedString(first ? after : before),
          "say milliseconds since 1970-01-01T00:00Z");
    }
    if (before != 0 && before <= after) {
      throw bad(
          "TIMES_EXCLUDE_EACH_OTHER",
          what + "_before_ms",
          Long.toString(before),
          "nothing is before that and at or after " + what + "_after_ms=" + after);
    }
  }

  private static RuntimeException bad(String reason, String field, String value, String advice) {
    String shown = SpecCheck.shown(value);
    return RpcErrors.invalid(
        reason, field, shown, "bad filter: " + field + "='" + shown + "'; " + advice);
  }
}
