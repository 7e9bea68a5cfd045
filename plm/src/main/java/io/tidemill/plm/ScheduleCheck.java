package io.tidemill.plm;

import io.tidemill.plm.schedule.CatchUp;
import io.tidemill.plm.schedule.CronTimes;
import io.tidemill.v1.CatchUpPolicy;
import io.tidemill.v1.OverlapPolicy;
import io.tidemill.v1.Schedule;
import java.util.concurrent.TimeUnit;

/** Looks at what a client asks for when it makes a schedule, field by field. */
final class ScheduleCheck {
  static final int CATCH_UP_MAX = 1_000;
  private static final int CATCH_UP_DEFAULT = 100;
  private static final long GRACE_DEFAULT = TimeUnit.MINUTES.toMillis(1);
  private static final long GRACE_MAX = TimeUnit.HOURS.toMillis(1);
  private static final long JITTER_MAX = TimeUnit.DAYS.toMillis(1);
  private static final int TEXT_MAX = 256;

  private final SpecCheck specs;

  ScheduleCheck(SpecCheck specs) {
    this.specs = specs;
  }

  /** Null if there is nothing wrong with it. */
  Refused check(Schedule schedule) {
    Refused refused = checkName(schedule.getName());
    if (refused == null) {
      refused = checkTimes(schedule);
    }
    if (refused == null) {
      refused = checkNumbers(schedule);
    }
    return refused == null ? checkTask(schedule) : refused;
  }

  static Refused checkName(String name) {
    return SpecCheck.isType(name)
        ? null
        : Refused.invalid(
            "SCHEDULE_NAME_INVALID",
            "name",
            SpecCheck.shown(name),
            "not a name of a schedule: name='"
                + SpecCheck.shown(name)
                + "'; use 1 to 128 characters out of A-Z a-z 0-9 . _ : / -");
  }

  static Refused checkTimes(Schedule schedule) {
    if (schedule.getCron().length() > TEXT_MAX || schedule.getZone().length() > TEXT_MAX) {
      return Refused.invalid(
          "CRON_INVALID",
          "cron",
          SpecCheck.shown(schedule.getCron()),
          "cron or zone is too long: limit=" + TEXT_MAX + " characters each; shorten it");
    }
    try {
      CronTimes.parse(schedule.getCron(), schedule.getZone());
      return checkJitter(schedule);
    } catch (IllegalArgumentException e) {
      return Refused.invalid("CRON_INVALID", "cron", schedule.getCron(), e.getMessage());
    }
  }

  private static Refused checkJitter(Schedule schedule) {
    return Long.compareUnsigned(schedule.getJitterMs(), JITTER_MAX) <= 0
        ? null
        : range("JITTER_OUT_OF_RANGE", "jitter_ms", schedule.getJitterMs(), JITTER_MAX);
  }

  private static Refused checkNumbers(Schedule schedule) {
    if (Integer.compareUnsigned(schedule.getCatchUpMax(), CATCH_UP_MAX) > 0) {
      return range(
          "CATCH_UP_OUT_OF_RANGE",
          "catch_up_max",
          Integer.toUnsignedLong(schedule.getCatchUpMax()),
          CATCH_UP_MAX);
    }
    if (Long.compareUnsigned(schedule.getGraceMs(), GRACE_MAX) > 0) {
      return range("GRACE_OUT_OF_RANGE", "grace_ms", schedule.getGraceMs(), GRACE_MAX);
    }
    if (schedule.getCatchUp() == CatchUpPolicy.UNRECOGNIZED) {
      return unknown("catch_up", schedule.getCatchUpValue());
    }
    if (schedule.getOverlap() == OverlapPolicy.UNRECOGNIZED) {
      return unknown("overlap", schedule.getOverlapValue());
    }
    return null;
  }

  private static Refused range(String reason, String field, long value, long limit) {
    return Refused.invalid(
        reason,
        field,
        Long.toUnsignedString(value),
        "too much: "
            + field
            + "="
            + Long.toUnsignedString(value)
            + "; say at most "
            + limit
            + ", or 0");
  }

  private static Refused unknown(String field, int value) {
    return Refused.invalid(
        "POLICY_UNKNOWN",
        field,
        value,
        "no such policy: " + field + "=" + value + "; look at schedule_service.proto");
  }

  private Refused checkTask(Schedule schedule) {
    if (!schedule.getTask().getRequestId().isEmpty()) {
      return Refused.invalid(
          "REQUEST_ID_IN_SCHEDULE",
          "task.request_id",
          SpecCheck.shown(schedule.getTask().getRequestId()),
          "each occurrence is a task of its own, so the schedule's task has no request id;"
              + " leave it empty");
    }
    return specs.check(schedule.getTask());
  }

  static CatchUp catchUp(Schedule schedule) {
    long grace = schedule.getGraceMs() == 0 ? GRACE_DEFAULT : schedule.getGraceMs();
    int most =
        switch (schedule.getCatchUp()) {
          case CATCH_UP_POLICY_SKIP -> 0;
          case CATCH_UP_POLICY_ALL ->
              schedule.getCatchUpMax() == 0 ? CATCH_UP_DEFAULT : schedule.getCatchUpMax();
          default -> 1;
        };
    return new CatchUp(grace, most);
  }
}
