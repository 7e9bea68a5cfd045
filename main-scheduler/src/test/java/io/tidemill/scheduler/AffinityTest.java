package io.tidemill.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.shm.region.KeyHash;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AffinityTest {
  private static final int KEYS = 10_000;

  private final Fleet fleet = new Fleet();
  private final Affinity affinity = new Affinity();

  private static int key(int number) {
    return KeyHash.affinity("key-" + number);
  }

  private int[] homes() {
    return IntStream.range(0, KEYS).map(i -> affinity.place(key(i), 0, fleet)).toArray();
  }

  /** The first so many of them are there. */
  private void workers(int count) {
    for (int row = 0; row < count; row++) {
      fleet.add(1, 4);
    }
  }

  @Test
  void everyWorkerGetsItsShareOfTheKeys() {
    workers(10);
    int[] counts = new int[10];
    Arrays.stream(homes()).forEach(row -> counts[row]++);
    assertThat(Arrays.stream(counts).boxed())
        .allMatch(count -> count > KEYS / 10 * 0.85 && count < KEYS / 10 * 1.15);
  }

  @Test
  void onlyTheKeysOfAWorkerThatGoesMove() {
    workers(10);
    int[] before = homes();
    fleet.gone(3, true);
    int[] after = homes();
    int[] moved = new int[10];
    for (int i = 0; i < KEYS; i++) {
      if (before[i] == 3) {
        moved[after[i]]++;
      } else {
        assertThat(after[i]).isEqualTo(before[i]);
      }
    }
    assertThat(moved[3]).isZero();
    // To all the others alike.
    assertThat(Arrays.stream(moved).filter(count -> count > 60 && count < 170)).hasSize(9);
    // It comes back under its name, and so do they.
    fleet.gone(3, false);
    assertThat(homes()).isEqualTo(before);
  }

  @Test
  void aWorkerThatComesTakesItsShareAndNothingElseMoves() {
    workers(10);
    int[] before = homes();
    int added = fleet.add(1, 4);
    int[] after = homes();
    int moved = 0;
    for (int i = 0; i < KEYS; i++) {
      if (after[i] != before[i]) {
        assertThat(after[i]).isEqualTo(added);
        moved++;
      }
    }
    assertThat(moved).isBetween(KEYS / 11 * 85 / 100, KEYS / 11 * 115 / 100);
  }

  /** The key's order of workers: who has a free hand, and comes first in it, gets the task. */
  private int[] order(int key, int workers) {
    return IntStream.range(0, workers)
        .boxed()
        .sorted(
            (a, b) ->
                Long.compare(
                    Affinity.score(key, fleet.identity(b)), Affinity.score(key, fleet.identity(a))))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  @Test
  void aTaskGoesToTheNextOfItsKeyThatHasAFreeHand() {
    workers(5);
    for (int i = 0; i < 100; i++) {
      int[] order = order(key(i), 5);
      for (int busy = 0; busy < 5; busy++) {
        assertThat(affinity.place(key(i), 0, fleet)).isEqualTo(order[busy]);
        assertThat(affinity.isHome(order[busy])).isEqualTo(busy == 0);
        fleet.holding(order[busy], 1);
      }
      // Nobody has one: it waits where it belongs, as long as there is no more than elsewhere.
      assertThat(affinity.place(key(i), 0, fleet)).isEqualTo(order[0]);
      assertThat(affinity.isHome(order[0])).isTrue();
      // Five hold seven of them, and the next makes eight: two is the bound.
      fleet.holding(order[0], 2).holding(order[1], 2);
      assertThat(affinity.place(key(i), 0, fleet)).isEqualTo(order[2]);
      for (int row = 0; row < 5; row++) {
        fleet.holding(row, 4);
      }
      assertThat(affinity.place(key(i), 0, fleet)).isEqualTo(PlacementPolicy.NOBODY);
      for (int row = 0; row < 5; row++) {
        fleet.holding(row, 0);
      }
    }
  }

  @Test
  void aWorkerThatMayNotRunItIsNoneOfItsKey() {
    assertThat(affinity.place(key(0), 0, fleet)).isEqualTo(PlacementPolicy.NOBODY);
    workers(3);
    assertThat(affinity.place(key(0), 1, fleet)).isEqualTo(PlacementPolicy.NOBODY);
    int[] order = order(key(0), 3);
    fleet.gone(order[0], true);
    assertThat(affinity.place(key(0), 0, fleet)).isEqualTo(order[1]);
    assertThat(affinity.isHome(order[1])).isTrue();
    // Its stream has no room just now: it is the first one all the same.
    fleet.away(order[1]);
    assertThat(affinity.place(key(0), 0, fleet)).isEqualTo(order[2]);
    assertThat(affinity.isHome(order[2])).isFalse();
  }
}
