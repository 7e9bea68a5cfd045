package io.tidemill.shm.region;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WorkerHeapTest {
  private final WorkerHeap heap = TestRegions.workerHeap(64);

  @Test
  void putsTheLeastLoadedRelativeToItsWindowFirst() {
    heap.update(1, 5, 10);
    heap.update(2, 3, 4);
    heap.update(3, 10, 100);
    assertThat(heap.rowAt(0)).isEqualTo(3);
    heap.update(3, 90, 100);
    assertThat(heap.rowAt(0)).isEqualTo(1);
  }

  @Test
  void leavesOutWhoHasNoWindow() {
    heap.update(1, 0, 5);
    heap.update(2, 0, 5);
    heap.update(1, 0, 0);
    assertThat(heap.size()).isEqualTo(1);
    assertThat(heap.rowAt(0)).isEqualTo(2);
    assertThat(heap.contains(1)).isFalse();
  }

  @Test
  void choosesAtRandomAmongEquals() {
    Set<Integer> seen = new HashSet<>();
    for (int i = 0; i < 200; i++) {
      for (int row = 0; row < 4; row++) {
        heap.update(row, 1, 2);
      }
      seen.add(heap.rowAt(0));
    }
    assertThat(seen).containsExactlyInAnyOrder(0, 1, 2, 3);
  }

  @Test
  void staysAHeapUnderRandomUpdates() {
    Random random = new Random(11);
    int[] inFlight = new int[64];
    int[] window = new int[64];
    for (int i = 0; i < 20_000; i++) {
      int row = random.nextInt(64);
      window[row] = random.nextInt(8) == 0 ? 0 : 1 + random.nextInt(50);
      inFlight[row] = random.nextInt(50);
      heap.update(row, inFlight[row], window[row]);
      int members = 0;
      int least = Integer.MAX_VALUE;
      for (int w = 0; w < 64; w++) {
        if (window[w] > 0) {
          members++;
          least = Math.min(least, (inFlight[w] << 16) / window[w]);
        }
      }
      assertThat(heap.size()).isEqualTo(members);
      if (members > 0) {
        int top = heap.rowAt(0);
        assertThat((inFlight[top] << 16) / window[top]).isEqualTo(least);
      }
    }
  }
}
