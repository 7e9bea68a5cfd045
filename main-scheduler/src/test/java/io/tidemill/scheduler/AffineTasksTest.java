package io.tidemill.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemill.shm.region.Counter;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskState;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tasks with affinity keys, with workers that die and join. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class AffineTasksTest {
  private static final int WORKERS = 4;

  @TempDir Path temp;
  private Plant plant;

  @BeforeEach
  void start() throws Exception {
    plant = new Plant(temp.resolve("data"));
  }

  @AfterEach
  void stop() throws Exception {
    plant.close();
  }

  private FakeWorker connect(int row, int window) {
    FakeWorker worker = plant.worker(row, window);
    await().until(() -> plant.regions().workerHeap().window(row) == window);
    return worker;
  }

  private int assigned(int slot) {
    await().until(() -> plant.state(slot) == TaskState.ASSIGNED);
    return StateWord.worker(plant.tasks().word(slot));
  }

  /** Where a task of a key goes if all are free. */
  private int home(String key) {
    int slot = plant.submitAffine(key, "echo", 0, key);
    int worker = assigned(slot);
    plant.succeed(slot);
    await().until(() -> plant.regions().workerHeap().inFlight(worker) == 0);
    return worker;
  }

  private long count(Counter counter) {
    return plant.regions().control().count(counter);
  }

  @Test
  void aKeyStaysWithItsWorkerWhileThatLives() {
    for (int row = 0; row < WORKERS; row++) {
      connect(row, 2);
    }
    int[] before = new int[20];
    for (int i = 0; i < before.length; i++) {
      before[i] = home("k" + i);
      assertThat(home("k" + i)).isEqualTo(before[i]);
    }
    assertThat(before).contains(0, 1, 2, 3);
    plant.die(1);
    await().until(() -> plant.regions().workerHeap().window(1) == 0);
    for (int i = 0; i < before.length; i++) {
      int now = home("k" + i);
      if (before[i] == 1) {
        assertThat(now).isNotEqualTo(1);
      } else {
        assertThat(now).isEqualTo(before[i]);
      }
    }
    // Another process of the same name has its keys again.
    connect(1, 2);
    for (int i = 0; i < before.length; i++) {
      assertThat(home("k" + i)).isEqualTo(before[i]);
    }
    assertThat(count(Counter.AFFINITY_HITS)).isEqualTo(4 * 20);
    assertThat(count(Counter.AFFINITY_FALLBACKS)).isZero();
  }

  /** Also after a start that has forgotten everything. */
  @Test
  void aKeyStaysWithItsWorkerThoughTheSchedulerDies() throws Exception {
    for (int row = 0; row < WORKERS; row++) {
      connect(row, 2);
    }
    int[] before = new int[10];
    for (int i = 0; i < before.length; i++) {
      before[i] = home("k" + i);
    }
    plant.close();
    plant = plant.again();
    for (int row = 0; row < WORKERS; row++) {
      connect(row, 2);
    }
    for (int i = 0; i < before.length; i++) {
      assertThat(home("k" + i)).isEqualTo(before[i]);
    }
  }

  @Test
  void noTaskWaitsForItsWorkerWhileAnotherIsFree() {
    for (int row = 0; row < 2; row++) {
      connect(row, 1);
    }
    int home = home("k");
    int first = plant.submitAffine("k", "echo", 0, "a");
    assertThat(assigned(first)).isEqualTo(home);
    int second = plant.submitAffine("k", "echo", 0, "b");
    assertThat(assigned(second)).isEqualTo(1 - home);
    assertThat(count(Counter.AFFINITY_FALLBACKS)).isEqualTo(1);
    assertThat(count(Counter.AFFINITY_HITS)).isEqualTo(2);
    // Both are full: the order is kept whoever has a place first, and whoever belongs there.
    int third = plant.submitAffine("k", "echo", 0, "c");
    int plain = plant.submit("echo", 0, "d");
    plant.succeed(second);
    assertThat(assigned(third)).isEqualTo(1 - home);
    assertThat(plant.state(plain)).isEqualTo(TaskState.READY);
    plant.succeed(first);
    assertThat(assigned(plain)).isEqualTo(home);
    assertThat(count(Counter.INVERSIONS)).isZero();
  }
}
