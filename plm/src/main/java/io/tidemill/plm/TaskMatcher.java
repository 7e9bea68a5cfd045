package io.tidemill.plm;

import io.tidemill.shm.region.KeyHash;
import io.tidemill.shm.region.Lane;
import io.tidemill.shm.region.TaskState;
import io.tidemill.v1.Task;
import io.tidemill.v1.TaskFilter;
import java.util.BitSet;
import java.util.TreeMap;

/**
 * Whether a task matches a filter that was checked. In two steps: what can be told of a slot or of
 * an entry of the index of ended tasks is told there, at the cost of some comparisons; the rest
 * needs the task's records.
 */
final class TaskMatcher {
  /** What the first step says. */
  static final int NO = 0;

  static final int MAYBE = 1;
  static final int YES = 2;

  /** Kept tasks' times are of their taking, in seconds, which is after their ends. */
  private static final long SECOND = 1_000;

  private final TaskFilter filter;

  /** A bit for each number of a state; 0: all. */
  private final int states;

  /** Null: all. */
  private final BitSet lanes;

  private final long keyHash;
  private final boolean needsEnd;
  private final boolean needsRecords;
  private final long keptAfterSeconds;

  /**
   * @param lanes their texts, by their numbers
   * @param wallOffset what is added to the instance's clock to get the wall clock, in ms
   */
  TaskMatcher(TaskFilter filter, LaneTexts lanes, long wallOffset) {
    this.filter = filter;
    this.states = states(filter);
    this.lanes = lanes(filter, lanes);
    this.keyHash = filter.getKey().isEmpty() ? 0 : KeyHash.of(filter.getKey());
    this.needsEnd =
        !filter.getError().isEmpty()
            || filter.getEndedAfterMs() != 0
            || filter.getEndedBeforeMs() != 0;
    this.needsRecords =
        needsEnd
            || keyHash != 0
            || !filter.getTenant().isEmpty()
            || filter.getSubmittedAfterMs() != 0
            || filter.getSubmittedBeforeMs() != 0;
    long after = filter.getEndedAfterMs();
    this.keptAfterSeconds =
        after == 0 ? Long.MIN_VALUE : Math.floorDiv(after - wallOffset, SECOND) - 1;
  }

  /** What there is of lanes. */
  interface LaneTexts {
    int count();

    String text(int number);
  }

  private static int states(TaskFilter filter) {
    int bits = 0;
    for (int state : filter.getStatesValueList()) {
      bits |= 1 << state;
    }
    return bits;
  }

  private static BitSet lanes(TaskFilter filter, LaneTexts texts) {
    if (filter.getType().isEmpty() && filter.getQueue().isEmpty() && filter.getLabelsCount() == 0) {
      return null;
    }
    BitSet lanes = new BitSet();
    for (int number = texts.count() - 1; number >= 0; number--) {
      lanes.set(number, matches(filter, Lane.parse(texts.text(number))));
    }
    return lanes;
  }

  private static boolean matches(TaskFilter filter, Lane lane) {
    return (filter.getType().isEmpty() || filter.getType().equals(lane.type()))
        && (filter.getQueue().isEmpty() || filter.getQueue().equals(lane.queue()))
        && lane.labels().entrySet().containsAll(filter.getLabelsMap().entrySet());
  }

  /**
   * The first step, of a task in its slot.
   *
   * @param state its number, as it is shown
   * @param key hash of its key; 0: none
   */
  int slot(int state, int lane, long key) {
    boolean isEnd = state >= TaskState.SUCCEEDED.number();
    if (!wantsState(state) || (lanes != null && !lanes.get(lane)) || (needsEnd && !isEnd)) {
      return NO;
    }
    if (keyHash != 0 && keyHash != key) {
      return NO;
    }
    return needsRecords ? MAYBE : YES;
  }

  /** The first step, of a kept one. */
  int kept(int state, int lane, long takenSeconds) {
    if (!wantsState(state) || takenSeconds < keptAfterSeconds) {
      return NO;
    }
    if (lanes == null) {
      return needsRecords ? MAYBE : YES;
    }
    if (lane == EndedTasks.LANE_UNKNOWN) {
      return MAYBE;
    }
    return lanes.get(lane) ? (needsRecords ? MAYBE : YES) : NO;
  }

  private boolean wantsState(int state) {
    return states == 0 || (states & (1 << state)) != 0;
  }

  /** The second step. */
  boolean matches(Task task) {
    return wantsState(task.getStateValue())
        && (filter.getType().isEmpty() || filter.getType().equals(task.getType()))
        && (filter.getQueue().isEmpty() || filter.getQueue().equals(task.getQueue()))
        && (filter.getKey().isEmpty() || filter.getKey().equals(task.getKey()))
        && (filter.getTenant().isEmpty() || filter.getTenant().equals(task.getTenant()))
        && (filter.getError().isEmpty() || task.getError().contains(filter.getError()))
        && task.getLabelsMap().entrySet().containsAll(filter.getLabelsMap().entrySet())
        && isWithin(
            task.getSubmittedMs(), filter.getSubmittedAfterMs(), filter.getSubmittedBeforeMs())
        && isWithin(task.getEndedMs(), filter.getEndedAfterMs(), filter.getEndedBeforeMs());
  }

  private static boolean isWithin(long millis, long after, long before) {
    return (after == 0 && before == 0)
        || (millis != 0 && millis >= after && (before == 0 || millis < before));
  }

  /** The same for the same filter, on every start of the server. */
  static int hash(TaskFilter filter, String more) {
    TaskFilter plain = filter.toBuilder().clearLabels().build();
    return 31
            * (31 * plain.toByteString().hashCode()
                + new TreeMap<>(filter.getLabelsMap()).hashCode())
        + more.hashCode();
  }
}
