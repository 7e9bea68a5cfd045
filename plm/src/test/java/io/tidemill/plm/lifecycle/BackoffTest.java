package io.tidemill.plm.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BackoffTest {
  private static final Duration MOST = Duration.ofSeconds(10);

  private final Backoff backoff = new Backoff(MOST);
  private long now = 1_000_000_000_000L;

  @Test
  void startsAtOnceAfterALongLife() {
    assertThat(backoff.isDue(now)).isTrue();

    liveFor(Duration.ofSeconds(40));

    assertThat(backoff.isDue(now)).isTrue();
  }

  @Test
  void doublesItsDelayUpToALimitWhileLivesAreShort() {
    liveFor(Duration.ofMillis(10));
    assertThat(backoff.delay()).isEqualTo(Duration.ofMillis(100));
    assertThat(backoff.isDue(now)).isFalse();
    assertThat(backoff.isDue(now + Duration.ofMillis(100).toNanos())).isTrue();

    liveFor(Duration.ofSeconds(4));
    assertThat(backoff.delay()).isEqualTo(Duration.ofMillis(200));

    for (int i = 0; i < 20; i++) {
      liveFor(Duration.ZERO);
    }
    assertThat(backoff.delay()).isEqualTo(MOST);
  }

  @Test
  void keepsItsDelayAfterALifeOfMiddleLengthAndForgetsItAfterALongOne() {
    liveFor(Duration.ZERO);
    liveFor(Duration.ZERO);

    liveFor(Duration.ofSeconds(10));
    assertThat(backoff.delay()).isEqualTo(Duration.ofMillis(200));

    liveFor(Duration.ofSeconds(30));
    assertThat(backoff.delay()).isZero();
  }

  @Test
  void waitsLongWhenToldThatItIsHopeless() {
    liveFor(Duration.ZERO);

    backoff.hopeless();

    assertThat(backoff.delay()).isEqualTo(MOST);
  }

  private void liveFor(Duration life) {
    long started = now;
    now += life.toNanos();
    backoff.ended(started, now);
  }
}
