package io.tidemill.shm.instance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BackoffsTest {
  @Test
  void waitsLongerEachTimeUpToTheLongest() {
    long[] waits = new long[6];
    for (int attempt = 1; attempt <= waits.length; attempt++) {
      waits[attempt - 1] = Backoffs.waitMillis(100, 1_000, 200, 0, attempt, 7);
    }
    assertThat(waits).containsExactly(100, 200, 400, 800, 1_000, 1_000);
  }

  @Test
  void staysWithinBoundsHoweverOftenItIsTried() {
    assertThat(Backoffs.waitMillis(1, 0, 10_000, 0, 1_000, 7)).isEqualTo(Integer.MAX_VALUE);
    assertThat(Backoffs.waitMillis(5, 0, 100, 0, 1_000, 7)).isEqualTo(5);
    assertThat(Backoffs.waitMillis(500, 20, 200, 0, 1, 7)).as("the longest is less").isEqualTo(20);
  }

  @Test
  void leavesAwayAtMostTheJitterTheSameForTheSameAttempt() {
    Set<Long> seen = new HashSet<>();
    for (long task = 0; task < 1_000; task++) {
      long wait = Backoffs.waitMillis(10_000, 60_000, 200, 25, 1, task);
      assertThat(wait).isBetween(7_500L, 10_000L);
      assertThat(Backoffs.waitMillis(10_000, 60_000, 200, 25, 1, task)).isEqualTo(wait);
      seen.add(wait);
    }
    assertThat(seen).as("they spread").hasSizeGreaterThan(500);
  }
}
