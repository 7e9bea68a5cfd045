package io.tidemill.plm;

import io.tidemill.v1.StoredExtra;
import java.util.HashMap;
import java.util.Map;

/**
 * What a start has found of each schedule among the submissions: its last task, and its last
 * occurrence. A submission is the truth about its occurrence; a schedule's state, written behind
 * it, may lack it.
 */
final class ScheduleRuns {
  /**
   * The last ones of a schedule.
   *
   * @param occurrence the highest; 0: none
   * @param taskId of the submission with the highest sequence
   */
  record Last(long occurrence, long taskId, long sequence) {
    static final Last NONE = new Last(0, 0, 0);
  }

  private final Map<Long, Last> runs = new HashMap<>();

  /** A submission of a schedule's. */
  void found(StoredExtra extra, long taskId, long sequence) {
    Last before = runs.getOrDefault(extra.getScheduleId(), Last.NONE);
    boolean later = sequence >= before.sequence();
    runs.put(
        extra.getScheduleId(),
        new Last(
            Math.max(before.occurrence(), extra.getOccurrenceMs()),
            later ? taskId : before.taskId(),
            later ? sequence : before.sequence()));
  }

  Last of(long scheduleId) {
    return runs.getOrDefault(scheduleId, Last.NONE);
  }
}
