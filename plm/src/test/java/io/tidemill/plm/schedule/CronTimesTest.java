package io.tidemill.plm.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CronTimesTest {
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

  private static long millis(String instant) {
    return Instant.parse(instant).toEpochMilli();
  }

  /** Local times with their offsets, of Berlin. */
  private static List<String> next(String expression, String from, int count) {
    CronTimes times = CronTimes.parse(expression, "Europe/Berlin");
    List<String> found = new ArrayList<>();
    long at = millis(from);
    for (int i = 0; i < count; i++) {
      at = times.nextAfter(at);
      ZonedDateTime local = Instant.ofEpochMilli(at).atZone(BERLIN);
      found.add(local.toLocalDateTime() + local.getOffset().getId());
    }
    return found;
  }

  @Test
  void knowsFiveFieldsSixFieldsAndWords() {
    assertThat(next("0 9 * * MON-FRI", "2026-11-27T12:00:00Z", 2))
        .containsExactly("2026-11-30T09:00+01:00", "2026-12-01T09:00+01:00");
    assertThat(next("*/15 30 9 * * MON-FRI", "2026-11-27T08:30:20Z", 3))
        .containsExactly(
            "2026-11-27T09:30:30+01:00", "2026-11-27T09:30:45+01:00", "2026-11-30T09:30+01:00");
    assertThat(next("@daily", "2026-11-27T08:30:20Z", 1)).containsExactly("2026-11-28T00:00+01:00");
    assertThat(next("0 0 29 2 *", "2026-11-27T08:30:20Z", 1))
        .containsExactly("2028-02-29T00:00+01:00");
    // A day of the month or a day of the week, if both are named, as cron has it.
    assertThat(next("0 0 13 * FRI", "2026-11-09T08:00:00Z", 3))
        .containsExactly(
            "2026-11-13T00:00+01:00", "2026-11-20T00:00+01:00", "2026-11-27T00:00+01:00");
  }

  /** On 2026-03-29 Berlin goes from 02:00 to 03:00. */
  @Test
  void leavesOutATimeThatADayLacks() {
    assertThat(next("30 2 * * *", "2026-03-28T00:00:00Z", 3))
        .containsExactly(
            "2026-03-28T02:30+01:00", "2026-03-30T02:30+02:00", "2026-03-31T02:30+02:00");
    assertThat(next("0 * * * *", "2026-03-28T23:30:00Z", 3))
        .containsExactly(
            "2026-03-29T01:00+01:00", "2026-03-29T03:00+02:00", "2026-03-29T04:00+02:00");
  }

  /** On 2026-10-25 Berlin goes from 03:00 to 02:00. */
  @Test
  void hasATimeThatComesTwiceOnceIfItRunsLessThanHourly() {
    assertThat(next("30 2 * * *", "2026-10-24T22:00:00Z", 2))
        .containsExactly("2026-10-25T02:30+02:00", "2026-10-26T02:30+01:00");
    assertThat(next("0 * * * *", "2026-10-24T23:30:00Z", 4))
        .containsExactly(
            "2026-10-25T02:00+02:00",
            "2026-10-25T02:00+01:00",
            "2026-10-25T03:00+01:00",
            "2026-10-25T04:00+01:00");
    assertThat(next("*/30 * * * *", "2026-10-24T23:30:00Z", 5))
        .containsExactly(
            "2026-10-25T02:00+02:00",
            "2026-10-25T02:30+02:00",
            "2026-10-25T02:00+01:00",
            "2026-10-25T02:30+01:00",
            "2026-10-25T03:00+01:00");
  }

  /** Wherever one asks from, it is one sequence: nothing comes twice, and nothing is left out. */
  @ParameterizedTest
  @ValueSource(
      strings = {"30 2 * * *", "0,45 2 * * *", "*/20 * * * *", "0 */2 * * *", "17 2-3 25 10 *"})
  void isOneSequenceFromWhereverItIsAsked(String expression) {
    CronTimes times = CronTimes.parse(expression, "Europe/Berlin");
    long begin = millis("2026-10-24T23:00:00Z");
    long end = millis("2026-10-25T04:00:00Z");
    List<Long> sequence = new ArrayList<>();
    for (long at = times.nextAfter(begin); at < end; at = times.nextAfter(at)) {
      sequence.add(at);
    }
    for (long from = begin; from < end; from += 7 * 60_000) {
      long asked = from;
      long expected = sequence.stream().filter(at -> at > asked).findFirst().orElse(end);
      assertThat(Math.min(end, times.nextAfter(asked)))
          .as("from %s", Instant.ofEpochMilli(asked))
          .isEqualTo(expected);
    }
  }

  @Test
  void hasAnEnd() {
    assertThat(CronTimes.parse("0 0 31 2 *", "").nextAfter(0)).isEqualTo(CronTimes.NEVER);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0 9 * *", "61 * * * *", "0 9 * * XYZ", "@sometimes", "a b c d e"})
  void refusesWhatIsNone(String expression) {
    assertThatThrownBy(() -> CronTimes.parse(expression, "UTC"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cron='" + expression + "'");
  }

  @Test
  void refusesZonesThatThereAreNot() {
    assertThatThrownBy(() -> CronTimes.parse("0 9 * * *", "Europe/Atlantis"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("zone='Europe/Atlantis'");
  }
}
