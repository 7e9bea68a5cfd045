package io.tidemill.cli.text;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Quantities as people read and write them. */
public final class Units {
  private static final long MILLI = 1_000;
  private static final long SECOND = 1_000_000;
  private static final long MINUTE_MS = 60_000;
  private static final long HOUR_MS = 60 * MINUTE_MS;

  /** A century: nanoseconds of it, added to a clock's, stay within a long. */
  private static final Duration LONGEST = Duration.ofDays(36_500);

  private static final Pattern DURATION = Pattern.compile("([0-9]{1,12})(us|ms|s|m|h|d)?");

  private Units() {}

  /** Microseconds, as {@code 850 us}, {@code 1.25 ms}, {@code 3.40 s}. */
  public static String micros(long micros) {
    if (micros < MILLI) {
      return micros + " us";
    }
    return micros < SECOND
        ? String.format(Locale.ROOT, "%.2f ms", micros / (double) MILLI)
        : String.format(Locale.ROOT, "%.2f s", micros / (double) SECOND);
  }

  /** An age in milliseconds, as {@code 0.1 s}, {@code 42 s}, {@code 3 min}, {@code 5 h}. */
  public static String age(long millis) {
    if (millis < 10_000) {
      return String.format(Locale.ROOT, "%.1f s", millis / 1000.0);
    }
    if (millis < 2 * MINUTE_MS) {
      return millis / 1000 + " s";
    }
    return millis < 2 * HOUR_MS ? millis / MINUTE_MS + " min" : millis / HOUR_MS + " h";
  }

  /** A count with thousands apart, as {@code 1,234,567}. */
  public static String count(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }

  /** A rate, with a decimal only where it says something. */
  public static String rate(double perSecond) {
    return perSecond < 100
        ? String.format(Locale.ROOT, "%.1f", perSecond)
        : String.format(Locale.ROOT, "%,.0f", perSecond);
  }

  /**
   * Reads {@code 250ms}, {@code 10s}, {@code 5m}, {@code 1h}, {@code 7d}; a bare number counts
   * seconds.
   *
   * @throws IllegalArgumentException with a sentence for the user, if it is none of these
   */
  public static Duration duration(String text) {
    Matcher matcher = DURATION.matcher(text.strip().toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "not a duration: '" + text + "'; write it as 250ms, 10s, 5m, 1h or 7d");
    }
    long amount = Long.parseLong(matcher.group(1));
    String unit = matcher.group(2) == null ? "s" : matcher.group(2);
    Duration duration =
        switch (unit) {
          case "us" -> Duration.ofNanos(amount * 1000);
          case "ms" -> Duration.ofMillis(amount);
          case "m" -> Duration.ofMinutes(amount);
          case "h" -> Duration.ofHours(amount);
          case "d" -> Duration.ofDays(amount);
          default -> Duration.ofSeconds(amount);
        };
    if (duration.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "the duration is too long: '" + text + "'; at most " + LONGEST.toHours() + "h");
    }
    return duration;
  }
}
