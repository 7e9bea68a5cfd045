package io.tidemill.plm;

import io.tidemill.plm.schedule.CatchUp;
import io.tidemill.plm.schedule.CronTimes;
import io.tidemill.plm.schedule.Jitter;
import io.tidemill.v1.Schedule;
import io.tidemill.v1.ScheduleStatus;
import io.tidemill.v1.StoredSchedule;
import io.tidemill.v1.StoredScheduleState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A schedule, how far it has come, and when something is to be done about it. For one thread. */
final class ScheduleEntry {
  private static final Logger LOG = LoggerFactory.getLogger(ScheduleEntry.class);

  private final StoredSchedule stored;
  private final CronTimes times;
  private final CatchUp catchUp;
  private StoredScheduleState state;
  private long lastTaskId;
  private long next;
  private long due;
  private String error = "";

  /**
   * @param times null: its expression cannot be read; it is never due
   */
  ScheduleEntry(StoredSchedule stored, CronTimes times, StoredScheduleState state, long lastTask) {
    this.stored = stored;
    this.times = times;
    this.catchUp = ScheduleCheck.catchUp(stored.getSchedule());
    this.lastTaskId = lastTask;
    state(state);
  }

  StoredSchedule stored() {
    return stored;
  }

  Schedule schedule() {
    return stored.getSchedule();
  }

  String name() {
    return schedule().getName();
  }

  StoredScheduleState state() {
    return state;
  }

  /** It has come so far: aims at the next occurrence. */
  void state(StoredScheduleState now) {
    state = now;
    next = now.getPaused() || times == null ? CronTimes.NEVER : next(now.getSettledMs());
    due = next == CronTimes.NEVER ? next : next + jitter(next);
  }

  /** A library that fails stops this schedule, and nothing else. */
  private long next(long after) {
    try {
      return times.nextAfter(after);
    } catch (RuntimeException e) {
      LOG.error("a schedule is not followed any more: name={} after={}", name(), after, e);
      error = "its next occurrence cannot be told: " + e.getMessage();
      return CronTimes.NEVER;
    }
  }

  private long jitter(long occurrence) {
    return Jitter.millis(name(), occurrence, schedule().getJitterMs());
  }

  /** When something is to be done, by the wall clock. */
  long due() {
    return due;
  }

  /** The occurrence that is to come. */
  long next() {
    return next;
  }

  /** What was missed, or null. */
  CatchUp.Plan missed(long now) {
    long late = now - catchUp.graceMillis() - schedule().getJitterMs();
    return next >= late
        ? null
        : catchUp.missed(times, state.getSettledMs(), now, schedule().getJitterMs());
  }

  /** Tries again then. */
  void postpone(long until, String why) {
    due = until;
    error = why;
  }

  void error(String why) {
    error = why;
  }

  /** The last task that it has submitted, or 0. */
  long lastTaskId() {
    return lastTaskId;
  }

  void lastTaskId(long id) {
    lastTaskId = id;
    error = "";
  }

  ScheduleStatus view() {
    boolean aims = next != CronTimes.NEVER;
    return ScheduleStatus.newBuilder()
        .setSchedule(schedule())
        .setPaused(state.getPaused())
        .setCreatedMs(stored.getCreatedMs())
        .setNextMs(aims ? next : 0)
        .setNextDueMs(aims ? next + jitter(next) : 0)
        .setLastMs(state.getLastMs())
        .setLastTaskId(lastTaskId)
        .setSubmitted(state.getSubmitted())
        .setSkipped(state.getSkipped())
        .setError(error)
        .build();
  }
}
