package io.tidemill.cli;

import io.tidemill.v1.RetryPolicy;
import io.tidemill.v1.TaskSpec;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import picocli.CommandLine.Option;

/** When a task is to run, and how often it is tried. */
final class TimesOptions {
  private static final int DEATHS_MAX = 255;

  @Option(
      names = "--delay",
      paramLabel = "TIME",
      description = "Not before so long from now: 2s, 500ms, 1h.")
  Duration delay;

  @Option(
      names = "--run-at",
      paramLabel = "WHEN",
      description =
          "Not before this moment of the wall clock: 2030-01-31T08:00:00Z, with a zone, or"
              + " milliseconds since 1970.")
  String runAt;

  @Option(
      names = "--start-within",
      paramLabel = "TIME",
      description = "EXPIRED if it has not started so long after it was due.")
  Duration startWithin;

  @Option(
      names = "--deadline",
      paramLabel = "TIME",
      description = "EXPIRED if it has not ended so long from now; stopped if it runs.")
  Duration deadline;

  @Option(
      names = "--retries",
      paramLabel = "N",
      description = "Try it again so often: as --max-attempts N+1.")
  Integer retries;

  @Option(
      names = "--backoff",
      paramLabel = "TIME",
      description = "Wait so long before the first retry, and longer before each further one.")
  Duration backoff;

  @Option(
      names = "--backoff-max",
      paramLabel = "TIME",
      description = "The longest wait between two attempts.")
  Duration backoffMax;

  @Option(
      names = "--backoff-multiplier",
      paramLabel = "X",
      description = "How much longer each wait is than the one before.")
  double backoffMultiplier;

  @Option(
      names = "--backoff-jitter",
      paramLabel = "X",
      description = "How much of a wait may be left away, at random: 0 to 1.")
  Double backoffJitter;

  @Option(
      names = "--max-worker-deaths",
      paramLabel = "N",
      description = "DEAD after so many workers were lost under it.")
  int maxWorkerDeaths;

  void check(int maxAttempts) {
    if (delay != null && runAt != null) {
      throw CliException.usage("--delay and --run-at exclude each other; give one of them");
    }
    if (retries != null && maxAttempts != 0) {
      throw CliException.usage("--retries and --max-attempts exclude each other; give one of them");
    }
    if (retries != null && (retries < 0 || retries > 999)) {
      throw CliException.usage("bad number: retries=" + retries + "; give 0 to 999");
    }
    if (maxWorkerDeaths < 0 || maxWorkerDeaths > DEATHS_MAX) {
      throw CliException.usage(
          "bad number: max-worker-deaths=" + maxWorkerDeaths + "; give 1 to " + DEATHS_MAX);
    }
  }

  void addTo(TaskSpec.Builder spec) {
    if (delay != null) {
      spec.setDelayMs(delay.toMillis());
    }
    if (runAt != null) {
      spec.setRunAtMs(moment("run-at", runAt, ""));
    }
    if (startWithin != null) {
      spec.setStartWithinMs(startWithin.toMillis());
    }
    if (deadline != null) {
      spec.setDeadlineMs(deadline.toMillis());
    }
    if (retries != null) {
      spec.setMaxAttempts(retries + 1);
    }
    spec.setMaxWorkerDeaths(maxWorkerDeaths);
    if (backoff != null || backoffMax != null || backoffMultiplier != 0 || backoffJitter != null) {
      spec.setRetry(policy());
    }
  }

  private RetryPolicy policy() {
    RetryPolicy.Builder policy = RetryPolicy.newBuilder().setMultiplier(backoffMultiplier);
    if (backoff != null) {
      policy.setInitialMs(millis("backoff", backoff));
    }
    if (backoffMax != null) {
      policy.setMaxMs(millis("backoff-max", backoffMax));
    }
    if (backoffJitter != null) {
      policy.setJitter(backoffJitter);
    }
    return policy.build();
  }

  private static int millis(String option, Duration time) {
    long millis = time.toMillis();
    if (millis < 1 || millis > Integer.MAX_VALUE) {
      throw CliException.usage("bad time: " + option + "=" + time + "; give 1ms to 24 days");
    }
    return (int) millis;
  }

  /**
   * Milliseconds since 1970 of a moment that names its zone, or is such a number.
   *
   * @param others what else may be given, as part of a sentence
   */
  static long moment(String option, String text, String others) {
    try {
      return text.matches("[0-9]{1,15}") ? Long.parseLong(text) : instant(text).toEpochMilli();
    } catch (DateTimeException | ArithmeticException e) {
      throw CliException.usage(
          "bad time: "
              + option
              + "='"
              + text
              + "'; give for example "
              + others
              + "2030-01-31T08:00:00Z, 2030-01-31T08:00+01:00,"
              + " 2030-01-31T08:00+01:00[Europe/Berlin], or milliseconds since 1970");
    }
  }

  private static Instant instant(String text) {
    return text.endsWith("]")
        ? ZonedDateTime.parse(text).toInstant()
        : OffsetDateTime.parse(text).toInstant();
  }
}
