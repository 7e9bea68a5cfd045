package io.tidemill.plm.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StallWatchTest {
  private final StallWatch watch = new StallWatch(1_000);

  @Test
  void suspectsWhoDoesNotBeatForLongerThanTheLimitOfObservedTime() {
    assertThat(watch.isStalled(7, 100)).isFalse();
    assertThat(watch.isStalled(7, 600)).isFalse();
    assertThat(watch.isStalled(7, 400)).isFalse();
    assertThat(watch.isStalled(7, 1)).isTrue();
  }

  @Test
  void beginsAnewWithEachBeat() {
    assertThat(watch.isStalled(7, 0)).isFalse();
    assertThat(watch.isStalled(7, 1_000)).isFalse();
    assertThat(watch.isStalled(8, 1_000)).isFalse();
    assertThat(watch.isStalled(8, 1_000)).isFalse();
    assertThat(watch.isStalled(8, 1)).isTrue();
  }
}
