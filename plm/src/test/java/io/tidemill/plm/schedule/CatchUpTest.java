package io.tidemill.plm.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CatchUpTest {
  private static final long MINUTE = 60_000;
  private static final long DAY = 24 * 60 * MINUTE;
  private static final CronTimes EACH_MINUTE = CronTimes.parse("* * * * *", "UTC");
  private static final CronTimes DAILY = CronTimes.parse("@daily", "UTC");

  @Test
  void nothingIsMissedThatIsWithinTheGrace() {
    CatchUp some = new CatchUp(10 * MINUTE, 5);
    assertThat(some.missed(EACH_MINUTE, 100 * MINUTE, 110 * MINUTE, 0)).isNull();
    assertThat(some.missed(EACH_MINUTE, 100 * MINUTE, 111 * MINUTE, 0)).isNull();
    assertThat(some.missed(EACH_MINUTE, 100 * MINUTE, 112 * MINUTE, 0).made())
        .containsExactly(101 * MINUTE);
    assertThat(some.missed(EACH_MINUTE, 100 * MINUTE, 112 * MINUTE, MINUTE))
        .as("late on purpose")
        .isNull();
  }

  @Test
  void makesUpForTheLastOnes() {
    long now = 100 * DAY + 30 * MINUTE;
    CatchUp.Plan plan = new CatchUp(MINUTE, 3).missed(EACH_MINUTE, 10 * DAY, now, 0);
    assertThat(plan.made()).containsExactly(now - 4 * MINUTE, now - 3 * MINUTE, now - 2 * MINUTE);
    assertThat(plan.through()).isEqualTo(now - MINUTE - 1);
    assertThat(new CatchUp(MINUTE, 1_000).missed(DAILY, 95 * DAY, now, 0).made())
        .containsExactly(96 * DAY, 97 * DAY, 98 * DAY, 99 * DAY, 100 * DAY);
  }

  @Test
  void leavesThemOutIfAskedTo() {
    CatchUp.Plan plan = new CatchUp(MINUTE, 0).missed(DAILY, 95 * DAY, 100 * DAY + 1, 0);
    assertThat(plan.made()).isEmpty();
    assertThat(plan.through()).isEqualTo(100 * DAY - MINUTE);
  }

  @Test
  void nothingIsMissedWhileTheClockIsBack() {
    assertThat(new CatchUp(0, 1).missed(EACH_MINUTE, 100 * MINUTE, 50 * MINUTE, 0)).isNull();
  }

  @Test
  void jitterIsTheSameEachTimeAndSpread() {
    long[] counts = new long[11];
    for (int i = 0; i < 11_000; i++) {
      long jitter = Jitter.millis("s" + i % 7, i * MINUTE, 10);
      assertThat(jitter).isEqualTo(Jitter.millis("s" + i % 7, i * MINUTE, 10));
      counts[(int) jitter]++;
    }
    for (long count : counts) {
      assertThat(count).isBetween(800L, 1_200L);
    }
    assertThat(Jitter.millis("a", 5, 0)).isZero();
  }
}
