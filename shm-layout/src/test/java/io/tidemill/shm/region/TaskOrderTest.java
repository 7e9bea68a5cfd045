package io.tidemill.shm.region;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.shm.region.RegionHeader.Kind;
import io.tidemill.shm.region.TaskHeap.Entry;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TaskOrderTest {
  private static final int SLOTS = 500;
  private static final long HOUR = TimeUnit.HOURS.toNanos(1);

  private long clock = TimeUnit.DAYS.toNanos(3);
  private final TaskTable tasks =
      new TaskTable(TestRegions.memory(Kind.TASKS, TaskTable.bytes(SLOTS), SLOTS));
  private final Control control =
      new Control(TestRegions.memory(Kind.CONTROL, Control.bytes(), 0), () -> clock);

  @BeforeEach
  void create() {
    control.create(1, 1_790_000_000_000L, clock);
  }

  private TaskOrder order(long pointsPerHour) {
    control.ageing(pointsPerHour);
    return new TaskOrder(tasks, control);
  }

  private void ready(int slot, int priority, long sequence, long submittedNanos) {
    long word = tasks.fill(slot, tasks.word(slot));
    tasks.priority(slot, priority);
    tasks.sequence(slot, sequence);
    tasks.submittedNanos(slot, submittedNanos);
    tasks.publish(slot, word, TaskState.READY);
  }

  private static Entry entry(TaskOrder order, int slot) {
    return new Entry(order.first(slot), order.second(slot));
  }

  private static List<Integer> sorted(TaskOrder order, int count) {
    List<Entry> entries = new ArrayList<>();
    for (int slot = 0; slot < count; slot++) {
      entries.add(entry(order, slot));
    }
    Collections.shuffle(entries, new Random(5));
    Collections.sort(entries);
    return entries.stream().map(Entry::slot).toList();
  }

  @Test
  void ordersByPriorityThenBySubmissionWithoutAgeing() {
    ready(0, -1, 1, clock);
    ready(1, 5, 3, clock - 100 * HOUR);
    ready(2, 5, 2, clock);
    ready(3, Integer.MAX_VALUE, (1L << 41) + 1, clock);
    ready(4, Integer.MIN_VALUE, 4, clock - 1_000 * HOUR);
    ready(5, Integer.MAX_VALUE, 1L << 41, clock);
    assertThat(sorted(order(0), 6)).containsExactly(5, 3, 2, 1, 0, 4);
    assertThat(order(0).isAgeing()).isFalse();
  }

  @Test
  void letsWhatWaitedLongGoBeforeBetterTasks() {
    ready(0, 0, 1, clock);
    ready(1, 10, 2, clock + HOUR - 1_000_000);
    ready(2, 10, 3, clock + HOUR);
    ready(3, 10, 4, clock + HOUR + 1_000_000);
    assertThat(sorted(order(10), 4)).containsExactly(1, 0, 2, 3);
    assertThat(sorted(order(1_000_000), 4)).containsExactly(0, 1, 2, 3);
    assertThat(sorted(order(0), 4)).containsExactly(1, 2, 3, 0);
  }

  /** What the key computed once says is what all tasks' priorities say at any later moment. */
  @Test
  void agreesWithAgedPrioritiesAtAnyMoment() {
    Random random = new Random(11);
    for (int slot = 0; slot < SLOTS; slot++) {
      ready(
          slot,
          random.nextInt(5) * 7,
          slot + 1,
          clock + TimeUnit.SECONDS.toNanos(60L * slot + random.nextInt(60)));
    }
    TaskOrder order = order(60);
    clock += 24 * HOUR;
    List<Integer> byKey = sorted(order, SLOTS);
    for (int look = 0; look < 3; look++) {
      for (int i = 1; i < SLOTS; i++) {
        assertThat(order.agedPriority(byKey.get(i - 1)))
            .isGreaterThanOrEqualTo(order.agedPriority(byKey.get(i)) - 1e-6);
      }
      clock += 100 * HOUR;
    }
  }

  @Test
  void holdsForTheExtremesOfAllNumbers() {
    ready(0, Integer.MAX_VALUE, 1, clock + 200_000 * HOUR);
    ready(1, Integer.MIN_VALUE, 2, clock);
    ready(2, 0, 3, clock);
    TaskOrder order = order(TaskOrder.AGEING_MAX);
    assertThat(order.rank(0) - order.rank(2))
        .isEqualTo(Integer.MAX_VALUE * 3_600_000L - TaskOrder.AGEING_MAX * 200_000 * 3_600_000L);
    assertThat(sorted(order, 3)).containsExactly(2, 1, 0);
  }

  @Test
  void knowsAnEntryWhosePriorityHasChanged() {
    for (long ageing : new long[] {0, 60}) {
      TaskOrder order = order(ageing);
      if (ageing == 0) {
        ready(7, 5, 9, clock);
      }
      Entry entry = entry(order, 7);
      assertThat(order.isCurrent(entry.first(), entry.second())).isTrue();
      tasks.priorityChanged(7, 6);
      assertThat(order.isCurrent(entry.first(), entry.second())).isFalse();
      tasks.priorityChanged(7, 5);
      assertThat(order.isCurrent(entry.first(), entry.second())).isTrue();
    }
    Entry entry = entry(order(0), 7);
    tasks.record(7, tasks.word(7));
    assertThat(order(0).isCurrent(entry.first(), entry.second())).isFalse();
    assertThat(order(0).isCurrent(entry.first(), TaskHeap.second(9, SLOTS))).isFalse();
  }
}
