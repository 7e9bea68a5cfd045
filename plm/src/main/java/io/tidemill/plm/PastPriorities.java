package io.tidemill.plm;

import io.tidemill.v1.StoredExtra;
import io.tidemill.v1.StoredPriority;
import java.util.ArrayList;
import java.util.List;

/** A task's changes of priority, as its submission record has them. */
final class PastPriorities {
  /** As many as there are leases in a record; the oldest ones go. */
  static final int KEPT_MAX = 16;

  private PastPriorities() {}

  /** With one more: so far it had this one. */
  static StoredExtra with(StoredExtra extra, int before, long nowMillis) {
    StoredExtra.Builder changed = extra.toBuilder();
    if (changed.getPrioritiesCount() == KEPT_MAX) {
      changed.removePriorities(0);
    }
    return changed
        .addPriorities(StoredPriority.newBuilder().setPriority(before).setUntilMs(nowMillis))
        .setPriorityChanges(extra.getPriorityChanges() + 1)
        .build();
  }

  /**
   * Oldest first.
   *
   * @param now the last one's outcome
   */
  static List<TaskLife.Priority> of(StoredExtra extra, int now) {
    int count = extra.getPrioritiesCount();
    List<TaskLife.Priority> changes = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      StoredPriority before = extra.getPriorities(i);
      int after = i + 1 < count ? extra.getPriorities(i + 1).getPriority() : now;
      changes.add(new TaskLife.Priority(before.getPriority(), after, before.getUntilMs()));
    }
    return changes;
  }

  /** How many are not kept. */
  static int gone(StoredExtra extra) {
    return extra.getPriorityChanges() - extra.getPrioritiesCount();
  }
}
