package io.tidemill.shm.region;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.shm.memory.HeapMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class RingTest {
  private final Ring ring = new Ring(new HeapMemory((int) Ring.bytes(8)), 0, 8);

  @Test
  void handsEntriesOverInOrder() {
    ring.offer(1, 10);
    ring.offer(2, 20);
    assertThat(drained(1)).containsExactly(1L);
    assertThat(drained(10)).containsExactly(2L);
    assertThat(ring.isEmpty()).isTrue();
  }

  @Test
  void showsARunOnceItIsPublished() {
    assertThat(ring.stage(1, 10)).isTrue();
    assertThat(ring.stage(2, 20)).isTrue();
    assertThat(ring.isEmpty()).isTrue();
    ring.publish();
    ring.publish();
    assertThat(drained(10)).containsExactly(1L, 2L);
  }

  @Test
  void publishesWhatARunHadRoomFor() {
    for (int i = 0; i < 8; i++) {
      assertThat(ring.stage(i, 0)).isTrue();
    }
    assertThat(ring.stage(8, 0)).isFalse();
    assertThat(ring.isOverflown()).isTrue();
    ring.publish();
    assertThat(drained(10)).hasSize(8);
  }

  @Test
  void raisesTheFlagWhenFullAndTakesMoreOnceDrained() {
    for (int i = 0; i < 8; i++) {
      assertThat(ring.offer(i, 0)).isTrue();
    }
    assertThat(ring.isOverflown()).isFalse();
    assertThat(ring.offer(8, 0)).isFalse();
    assertThat(ring.isOverflown()).isTrue();
    ring.clearOverflow();
    assertThat(drained(10)).hasSize(8);
    assertThat(ring.offer(9, 0)).isTrue();
    assertThat(ring.isOverflown()).isFalse();
  }

  @Test
  void givesEntriesAgainIfTheConsumerDiedBeforeItMovedTheHead() {
    ring.offer(1, 0);
    try {
      ring.drain(
          (a, b) -> {
            throw new IllegalStateException("dies");
          },
          10);
    } catch (IllegalStateException expected) {
      assertThat(expected).hasMessage("dies");
    }
    assertThat(drained(10)).containsExactly(1L);
  }

  @Test
  void losesNothingBetweenTwoThreads() {
    int count = 200_000;
    CompletableFuture<Void> producer =
        CompletableFuture.runAsync(
            () -> {
              for (long i = 1; i <= count; i++) {
                while (!ring.offer(i, -i)) {
                  Thread.onSpinWait();
                }
              }
            });
    long[] last = {0};
    while (last[0] < count) {
      ring.drain(
          (a, b) -> {
            assertThat(a).isEqualTo(last[0] + 1);
            assertThat(b).isEqualTo(-a);
            last[0] = a;
          },
          5);
    }
    producer.join();
  }

  private List<Long> drained(int limit) {
    List<Long> entries = new ArrayList<>();
    ring.drain((a, b) -> entries.add(a), limit);
    return entries;
  }
}
