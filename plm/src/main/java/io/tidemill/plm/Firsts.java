package io.tidemill.plm;

import io.tidemill.v1.TaskSpec;
import java.util.HashMap;
import java.util.Map;

/** Which of a batch has a request id or a unique key first, of those that are to become tasks. */
final class Firsts {
  private final Map<String, Integer> requestIds = new HashMap<>();
  private final Map<String, Integer> uniqueKeys = new HashMap<>();

  void add(TaskSpec spec, int index) {
    if (!spec.getRequestId().isEmpty()) {
      requestIds.put(spec.getRequestId(), index);
    }
    if (!spec.getUniqueKey().isEmpty()) {
      uniqueKeys.put(spec.getUniqueKey(), index);
    }
  }

  /**
   * Whether another one with its id or key is yet to be accepted.
   *
   * @param accepted those before this index have been
   */
  boolean isPending(TaskSpec spec, int accepted) {
    return isRequestPending(spec, accepted) || ofUniqueKey(spec) >= accepted;
  }

  private boolean isRequestPending(TaskSpec spec, int accepted) {
    return !spec.getRequestId().isEmpty()
        && requestIds.getOrDefault(spec.getRequestId(), -1) >= accepted;
  }

  /** Who has its unique key first; -1: nobody before it. */
  int ofUniqueKey(TaskSpec spec) {
    return spec.getUniqueKey().isEmpty() ? -1 : uniqueKeys.getOrDefault(spec.getUniqueKey(), -1);
  }

  /** Why one that is pending is refused where all are accepted together. */
  Refused twice(TaskSpec spec) {
    return isRequestPending(spec, 0)
        ? twice("REQUEST_ID_TWICE", "request_id", spec.getRequestId())
        : twice("UNIQUE_KEY_TWICE", "unique_key", spec.getUniqueKey());
  }

  private static Refused twice(String reason, String field, String value) {
    return Refused.invalid(
        reason,
        field,
        SpecCheck.shown(value),
        "two tasks of one atomic call have the same "
            + field.replace('_', ' ')
            + ": "
            + field
            + "="
            + SpecCheck.shown(value)
            + "; give each its own, or none");
  }
}
