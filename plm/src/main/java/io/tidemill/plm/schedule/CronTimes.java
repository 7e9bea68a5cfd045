package io.tidemill.plm.schedule;

import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Optional;

/**
 * The occurrences of a cron expression in a time zone, in milliseconds of the wall clock. The only
 * place that knows the library.
 *
 * <p>Clock changes, by the library's rule: a local time that a day lacks is left out that day. Of
 * local times that a day has twice an expression that runs less than hourly has the first, any
 * other one both. The library applies it to the time that it is asked from; here it holds whatever
 * is asked, so that the occurrences are one sequence, which is what makes progress along it exact.
 */
public final class CronTimes {
  /** There is none. */
  public static final long NEVER = Long.MAX_VALUE;

  private static final int FIELDS = 5;

  /** Guards against an answer that does not lead on. */
  private static final int STEPS_MAX = 10_000;

  private final ExecutionTime times;
  private final ZoneId zone;
  private ZonedDateTime judged;
  private boolean judgement;

  private CronTimes(ExecutionTime times, ZoneId zone) {
    this.times = times;
    this.zone = zone;
  }

  /**
   * Reads an expression.
   *
   * @param expression five fields as in crontab(5); or six, seconds first; or a word such as @daily
   * @param zone as in the time zone database, or an offset; empty: UTC
   * @throws IllegalArgumentException with a sentence
   */
  public static CronTimes parse(String expression, String zone) {
    return new CronTimes(ExecutionTime.forCron(cron(expression)), zone(zone));
  }

  private static com.cronutils.model.Cron cron(String expression) {
    String trimmed = expression.strip();
    boolean plain = !trimmed.startsWith("@") && trimmed.split("\\s+").length == FIELDS;
    CronType type = plain ? CronType.UNIX : CronType.SPRING53;
    try {
      return new CronParser(CronDefinitionBuilder.instanceDefinitionFor(type))
          .parse(trimmed)
          .validate();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "not a cron expression: cron='"
              + expression
              + "' ("
              + e.getMessage()
              + "); give minute, hour, day of month, month and day of week, like '0 9 * * MON-FRI'",
          e);
    }
  }

  private static ZoneId zone(String name) {
    try {
      return ZoneId.of(name.isEmpty() ? "UTC" : name);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "not a time zone: zone='" + name + "'; give one like Europe/Berlin or UTC", e);
    }
  }

  /** The first occurrence after a moment, or {@link #NEVER}. */
  public long nextAfter(long millis) {
    ZonedDateTime from = Instant.ofEpochMilli(millis).atZone(zone);
    for (int step = 0; step < STEPS_MAX; step++) {
      ZonedDateTime found = following(from);
      if (found == null) {
        return NEVER;
      }
      long at = found.toInstant().toEpochMilli();
      if (at > millis && counts(found)) {
        return at;
      }
      from = found;
    }
    throw new IllegalStateException(
        "no occurrence found in so many steps: steps=" + STEPS_MAX + " from=" + millis);
  }

  /** What the library says comes next; null: nothing. Always later. */
  private ZonedDateTime following(ZonedDateTime from) {
    Optional<ZonedDateTime> found = times.nextExecution(from);
    if (found.isPresent() && !found.get().toInstant().isAfter(from.toInstant())) {
      throw new IllegalStateException(
          "the library leads back: from=" + from + " to=" + found.get());
    }
    return found.orElse(null);
  }

  /**
   * Whether one in the second pass of a local time is an occurrence: whether the library comes to
   * it from its twin in the first pass. Twins of one change are judged alike.
   */
  private boolean counts(ZonedDateTime found) {
    ZonedDateTime twin = found.withEarlierOffsetAtOverlap();
    if (twin.toInstant().equals(found.toInstant())) {
      return true;
    }
    if (judged == null || !judged.toLocalDate().equals(found.toLocalDate())) {
      judgement = leadsTo(twin, found);
      judged = found;
    }
    return judgement;
  }

  private boolean leadsTo(ZonedDateTime from, ZonedDateTime to) {
    ZonedDateTime at = from;
    while (at != null && at.toInstant().isBefore(to.toInstant())) {
      at = following(at);
    }
    return at != null && at.toInstant().equals(to.toInstant());
  }

  /** The zone that it was read with. */
  public ZoneId zone() {
    return zone;
  }
}
