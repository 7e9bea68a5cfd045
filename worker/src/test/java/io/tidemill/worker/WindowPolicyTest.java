package io.tidemill.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class WindowPolicyTest {
  private static final long PREFETCH = TimeUnit.MILLISECONDS.toNanos(5);
  private final WindowPolicy policy = new WindowPolicy(4, 4_096, PREFETCH);

  @Test
  void beginsWithOneTaskAheadForEachExecutor() {
    assertThat(policy.window(-1, 0)).isEqualTo(8);
  }

  @Test
  void fetchesFiveMillisecondsOfWorkAhead() {
    assertThat(policy.window(TimeUnit.MICROSECONDS.toNanos(100), 0)).isEqualTo(4 + 200);
    assertThat(policy.window(TimeUnit.MILLISECONDS.toNanos(5), 0)).isEqualTo(4 + 4);
  }

  @Test
  void fetchesNothingAheadOfLongTasks() {
    assertThat(policy.window(TimeUnit.SECONDS.toNanos(1), 0)).isEqualTo(4);
  }

  @Test
  void isBoundedForTheShortestTasks() {
    assertThat(policy.window(0, 1_000_000)).isEqualTo(4 + 4_096);
  }

  @Test
  void makesRoomForWhatWaitsForItsVerdict() {
    int window = 0;
    for (int i = 0; i < 100; i++) {
      window = policy.window(TimeUnit.SECONDS.toNanos(1), 300);
    }
    assertThat(window).isBetween(4 + 298, 4 + 300);
  }

  @Test
  void onlyAChangeOfAFifthIsWorthTelling() {
    assertThat(WindowPolicy.isMaterial(100, 119)).isFalse();
    assertThat(WindowPolicy.isMaterial(100, 120)).isTrue();
    assertThat(WindowPolicy.isMaterial(100, 80)).isTrue();
    assertThat(WindowPolicy.isMaterial(1, 1)).isFalse();
    assertThat(WindowPolicy.isMaterial(0, 1)).isTrue();
  }
}
