package io.tidemill.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BackoffTest {
  private long now = 1_000_000;

  private Backoff backoff(long part) {
    return new Backoff(50, 5_000, () -> now, bound -> (bound - 1) * part / 100);
  }

  /** What passes between the return of a server and the next attempt, at most, at any time. */
  @Test
  void theWaitIsAnEighthOfTheTimeSinceTheFirstFailureAtMost() {
    Backoff longest = backoff(100);
    assertThat(longest.nextMillis()).isEqualTo(50);
    now += 400;
    assertThat(longest.nextMillis()).isEqualTo(50);
    now += 400;
    assertThat(longest.nextMillis()).isEqualTo(100);
    now += 3_200;
    assertThat(longest.nextMillis()).isEqualTo(500);
    now += 3_600_000;
    assertThat(longest.nextMillis()).isEqualTo(5_000);
    longest.reset();
    assertThat(longest.nextMillis()).isEqualTo(50);
  }

  @Test
  void itIsJitteredDownToNothing() {
    assertThat(backoff(0).nextMillis()).isZero();
    assertThat(backoff(50).nextMillis()).isEqualTo(25);
  }

  /** However short the waits are, an outage of a minute is no flood. */
  @Test
  void attemptsAreBounded() {
    Backoff average = backoff(50);
    int attempts = 0;
    for (long end = now + 60_000; now < end; now += average.nextMillis()) {
      attempts++;
    }
    assertThat(attempts).isBetween(50, 120);
  }
}
