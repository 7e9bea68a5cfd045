package io.tidemill.plm;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.shm.journal.Position;
import io.tidemill.shm.region.TaskState;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EndedTasksTest {
  private final CycleUse cycles = new CycleUse();

  @Test
  void holdsWhatAMapAndAQueueWouldHold() {
    EndedTasks kept = new EndedTasks(5_000, 1_000, cycles);
    Map<Long, Long> model = new HashMap<>();
    Deque<Long> order = new ArrayDeque<>();
    Random random = new Random(7);
    for (int i = 0; i < 100_000; i++) {
      long id = random.nextInt(20_000);
      if (!model.containsKey(id)) {
        if (order.size() == 5_000) {
          model.remove(order.removeFirst());
        }
        order.addLast(id);
        model.put(id, (long) i);
      }
      kept.add(id, i, 0, 1, 3, TaskState.FAILED);
      long asked = random.nextInt(20_000);
      int at = kept.find(asked);
      assertThat(at >= 0).isEqualTo(model.containsKey(asked));
      if (at >= 0) {
        assertThat(kept.outcome(at)).isEqualTo(model.get(asked));
      }
    }
    assertThat(kept.size()).isEqualTo(order.size());
    for (long number = kept.oldestNumber(); number < kept.nextNumber(); number++) {
      assertThat(kept.id(kept.index(number))).isEqualTo(order.removeFirst());
    }
  }

  @Test
  void keepsNumbersWhileItGrows() {
    EndedTasks kept = new EndedTasks(10_000, 1_000, cycles);
    for (int i = 0; i < 10_000; i++) {
      kept.add(1_000 + i, i + 1, 0, 1, 5, TaskState.SUCCEEDED);
    }
    assertThat(kept.oldestNumber()).isZero();
    assertThat(kept.id(kept.index(4_321))).isEqualTo(5_321);
    assertThat(kept.type(kept.index(4_321))).isEqualTo(5);
    assertThat(kept.state(kept.index(4_321))).isEqualTo(TaskState.SUCCEEDED);
  }

  @Test
  void letsGoOfWhatIsTooOldAndOfItsCycle() {
    EndedTasks kept = new EndedTasks(1_000, 60, cycles);
    cycles.record(Position.of(1, 64), 100, 99);
    cycles.record(Position.of(2, 64), 200, 199);
    kept.add(1, 1, Position.of(1, 64), 1_000, 0, TaskState.DEAD);
    kept.add(2, 2, Position.of(2, 64), 1_030, 0, TaskState.DEAD);
    assertThat(cycles.oldestNeeded()).isEqualTo(1);
    assertThat(kept.expire(1_059, 10)).isZero();
    assertThat(kept.expire(1_060, 10)).isEqualTo(1);
    assertThat(kept.contains(1)).isFalse();
    assertThat(kept.contains(2)).isTrue();
    assertThat(cycles.oldestNeeded()).isEqualTo(2);
    cycles.forgetBefore(2);
    assertThat(cycles.outcomesNeededAfter()).isEqualTo(200);
  }
}
