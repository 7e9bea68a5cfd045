package io.tidemill.plm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FreeSlotsTest {
  @Test
  void givesOutSlotsInTheOrderOfTheirRelease() {
    FreeSlots free = new FreeSlots(100, 0, used -> {});
    int[] slots = new int[100];
    assertThat(free.take(slots, 60)).isEqualTo(60);
    free.give(new int[] {7, 3}, 2);
    assertThat(free.take(slots, 100)).isEqualTo(42);
    assertThat(slots[0]).isEqualTo(60);
    assertThat(slots[40]).isEqualTo(7);
    assertThat(slots[41]).isEqualTo(3);
    assertThat(free.take(slots, 1)).isZero();
  }

  @Test
  void takesUnusedSlotsOnlyAsFewAreFree() {
    FreeSlots free = new FreeSlots(1_000_000, 10, used -> {});
    assertThat(free.frontier()).isEqualTo(10);
    int[] slots = new int[1_000];
    for (int i = 0; i < 1_000; i++) {
      int taken = free.take(slots, 1_000);
      free.give(slots, taken);
    }
    assertThat(free.frontier()).isEqualTo(10 + FreeSlots.CIRCULATING);
  }
}
