package io.tidemill.shm.region;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.shm.memory.Memory;
import io.tidemill.shm.region.RegionHeader.Kind;
import io.tidemill.shm.region.TaskHeap.Entry;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HeapViewTest {
  private static final int TASKS = 10_000;
  private static final int LANES = 3;

  private final Memory memory =
      TestRegions.memory(Kind.TASK_HEAP, TaskHeap.bytes(TASKS, LANES), TASKS);
  private final TaskHeap writer = new TaskHeap(memory, TASKS, LANES);
  private final TaskHeap reader = new TaskHeap(memory, TASKS, LANES);

  @BeforeEach
  void clear() {
    writer.clear();
  }

  private static Entry entry(int number) {
    return new Entry(TaskHeap.first(0, number), TaskHeap.second(number, number));
  }

  /** In any order, by turns into two lanes. */
  private void fill(int count) {
    List<Integer> numbers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      numbers.add(i);
    }
    Collections.shuffle(numbers, new Random(7));
    for (int number : numbers) {
      writer.lane(number % 2).push(entry(number).first(), entry(number).second());
    }
  }

  @Test
  void countsWhatGoesBefore() {
    fill(TASKS);
    for (int number : new int[] {0, 1, 2, 77, 5_000, TASKS - 1, TASKS}) {
      HeapView view = new HeapView(reader, TASKS);
      int before =
          view.countBefore(0, entry(number), any -> true)
              + view.countBefore(1, entry(number), any -> true);
      assertThat(before).isEqualTo(number);
      assertThat(view.isCut()).isFalse();
      assertThat(view.countBefore(2, entry(number), any -> true)).isZero();
    }
  }

  @Test
  void countsOnlyWhatCounts() {
    fill(TASKS);
    HeapView view = new HeapView(reader, TASKS);
    assertThat(view.countBefore(0, entry(100), each -> each.slot() % 4 == 0)).isEqualTo(25);
  }

  @Test
  void stopsWhereItWouldBeTooMuch() {
    fill(TASKS);
    HeapView view = new HeapView(reader, 30);
    assertThat(view.countBefore(0, entry(1_000), any -> true)).isEqualTo(30);
    assertThat(view.isCut()).isTrue();
  }

  @Test
  void looksOnlyAtWhatIsBetter() {
    fill(TASKS);
    HeapView view = new HeapView(reader, 10);
    assertThat(view.countBefore(0, entry(20), any -> true)).isEqualTo(10);
    assertThat(view.isCut()).isFalse();
  }

  @Test
  void knowsWhatALaneLacks() {
    fill(1_000);
    assertThat(new HeapView(reader, TASKS).lacks(0, entry(500))).isFalse();
    assertThat(new HeapView(reader, TASKS).lacks(1, entry(500))).isTrue();
    assertThat(new HeapView(reader, TASKS).lacks(0, entry(2_000))).isTrue();
    assertThat(new HeapView(reader, 10).lacks(0, entry(2_000))).isFalse();
  }

  @Test
  void seesNothingInAnEmptyHeap() {
    assertThat(new HeapView(reader, TASKS).countBefore(0, entry(5), any -> true)).isZero();
  }
}
