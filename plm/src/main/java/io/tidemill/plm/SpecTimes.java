package io.tidemill.plm;

import io.tidemill.shm.config.Settings;
import io.tidemill.shm.journal.Terms;
import io.tidemill.shm.journal.Terms.Backoff;
import io.tidemill.shm.region.Control;
import io.tidemill.v1.RetryPolicy;
import io.tidemill.v1.TaskSpec;

/**
 * When a submission asks to be run, and how often to be tried: looked at, and brought into the form
 * in which it is kept. A plain task costs the tests of its fields.
 */
final class SpecTimes {
  /** Ten years: what is longer is a mistake. */
  static final long TIME_MILLIS_MAX = 3_650L * 24 * 3_600_000;

  static final int WORKER_DEATHS_MAX = 255;
  static final double MULTIPLIER_MAX = 100;

  private final Control control;
  private final RetryDefaults retries;

  SpecTimes(Settings settings, Control control) {
    this.control = control;
    this.retries = new RetryDefaults(settings);
  }

  /** Null if there is nothing wrong with it. */
  static Refused check(TaskSpec spec, int attempts) {
    Refused wrong = checkTime("delay_ms", spec.getDelayMs());
    wrong = wrong == null ? checkTime("start_within_ms", spec.getStartWithinMs()) : wrong;
    wrong = wrong == null ? checkTime("deadline_ms", spec.getDeadlineMs()) : wrong;
    if (wrong != null) {
      return wrong;
    }
    if (spec.getRunAtMs() != 0) {
      wrong = checkRunAt(spec);
    }
    if (wrong == null && spec.hasRetry()) {
      wrong = checkRetry(spec.getRetry(), attempts);
    }
    int deaths = spec.getMaxWorkerDeaths();
    if (wrong == null && (deaths < 0 || deaths > WORKER_DEATHS_MAX)) {
      return Refused.invalid(
          "MAX_WORKER_DEATHS_OUT_OF_RANGE",
          "max_worker_deaths",
          Integer.toUnsignedString(deaths),
          "too many worker deaths: max_worker_deaths="
              + Integer.toUnsignedString(deaths)
              + "; say 1 to 255, or 0 for the server's");
    }
    return wrong;
  }

  private static Refused checkTime(String field, long millis) {
    return millis >= 0 && millis <= TIME_MILLIS_MAX
        ? null
        : Refused.invalid(
            "TIME_OUT_OF_RANGE",
            field,
            Long.toUnsignedString(millis),
            "time is too long: "
                + field
                + "="
                + Long.toUnsignedString(millis)
                + "; say at most "
                + TIME_MILLIS_MAX
                + " (10 years)");
  }

  private static Refused checkRunAt(TaskSpec spec) {
    long runAt = spec.getRunAtMs();
    if (spec.getDelayMs() != 0) {
      return Refused.invalid(
          "DELAY_AND_RUN_AT",
          "run_at_ms",
          Long.toUnsignedString(runAt),
          "a delay and a time: delay_ms="
              + spec.getDelayMs()
              + " run_at_ms="
              + Long.toUnsignedString(runAt)
              + "; say one of them");
    }
    return runAt >= 0 && runAt - System.currentTimeMillis() <= TIME_MILLIS_MAX
        ? null
        : Refused.invalid(
            "TIME_OUT_OF_RANGE",
            "run_at_ms",
            Long.toUnsignedString(runAt),
            "time is too far away: run_at_ms="
                + Long.toUnsignedString(runAt)
                + "; say milliseconds since 1970, at most 10 years from now");
  }

  private static Refused checkRetry(RetryPolicy retry, int attempts) {
    if (retry.getInitialMs() < 0 || retry.getMaxMs() < 0) {
      return outOfRange(
          retry.getInitialMs() < 0 ? "retry.initial_ms" : "retry.max_ms",
          Integer.toUnsignedString(
              retry.getInitialMs() < 0 ? retry.getInitialMs() : retry.getMaxMs()),
          "say 1 to 2147483647, or 0 for the server's");
    }
    double multiplier = retry.getMultiplier();
    if (multiplier != 0 && !(multiplier >= 1 && multiplier <= MULTIPLIER_MAX)) {
      return outOfRange("retry.multiplier", multiplier, "say 1 to 100, or 0 for the server's");
    }
    if (!(retry.getJitter() >= 0 && retry.getJitter() <= 1)) {
      return outOfRange("retry.jitter", retry.getJitter(), "say 0 to 1");
    }
    return attempts > 1
        ? null
        : Refused.invalid(
            "RETRY_WITHOUT_ATTEMPTS",
            "max_attempts",
            attempts,
            "a way to try again, and a single attempt: max_attempts="
                + attempts
                + "; say how many there are, from 2 on");
  }

  private static Refused outOfRange(String field, Object value, String what) {
    return Refused.invalid(
        "RETRY_OUT_OF_RANGE", field, value, "out of range: " + field + "=" + value + "; " + what);
  }

  /** Whether a submission, which was checked, asks for anything of the kind. */
  boolean isAskedBy(TaskSpec spec, int attempts) {
    return isTimed(spec)
        || spec.getMaxWorkerDeaths() != 0
        || (attempts > 1 && backoff(spec).initialMillis() != 0);
  }

  private static boolean isTimed(TaskSpec spec) {
    return spec.getDelayMs() != 0
        || spec.getRunAtMs() != 0
        || spec.getStartWithinMs() != 0
        || spec.getDeadlineMs() != 0;
  }

  /** Terms with what the submission asks for of this. */
  Terms addTo(Terms terms, TaskSpec spec, int attempts) {
    Backoff backoff = attempts > 1 ? backoff(spec) : Backoff.NONE;
    return terms
        .with(isTimed(spec) ? times(spec) : Terms.Times.NONE)
        .with(backoff.initialMillis() == 0 ? Backoff.NONE : backoff)
        .withWorkerDeathsMax(spec.getMaxWorkerDeaths());
  }

  private Backoff backoff(TaskSpec spec) {
    return spec.hasRetry()
        ? retries.of(spec.getType(), spec.getRetry())
        : retries.of(spec.getType());
  }

  /** Rounded up, so that nothing is early. */
  private Terms.Times times(TaskSpec spec) {
    long now = control.nowMillis() + 1;
    long due = spec.getDelayMs() == 0 ? 0 : now + spec.getDelayMs();
    long startFrom = Math.max(now, due);
    if (spec.getRunAtMs() != 0) {
      startFrom = Math.max(now, now + spec.getRunAtMs() - System.currentTimeMillis());
    }
    return new Terms.Times(
        due,
        spec.getRunAtMs(),
        spec.getStartWithinMs() == 0 ? 0 : startFrom + spec.getStartWithinMs(),
        spec.getDeadlineMs() == 0 ? 0 : now + spec.getDeadlineMs());
  }
}
