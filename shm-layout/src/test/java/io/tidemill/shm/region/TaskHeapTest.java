package io.tidemill.shm.region;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.shm.region.TaskHeap.LaneHeap;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class TaskHeapTest {
  private record Entry(int priority, long sequence, int slot) {
    static final Comparator<Entry> ORDER =
        Comparator.comparingInt(Entry::priority).reversed().thenComparingLong(Entry::sequence);

    long first() {
      return TaskHeap.first(priority, sequence);
    }

    long second() {
      return TaskHeap.second(sequence, slot);
    }
  }

  @Test
  void keepsPrioritySequenceAndSlotOfAnEntry() {
    for (int priority : new int[] {Integer.MIN_VALUE, -1, 0, 1, Integer.MAX_VALUE}) {
      long sequence = 0x12_3456_789AL;
      long first = TaskHeap.first(priority, sequence);
      long second = TaskHeap.second(sequence, 0xABCDEF);
      assertThat(TaskHeap.priority(first)).isEqualTo(priority);
      assertThat(TaskHeap.sequence(second)).isEqualTo(sequence);
      assertThat(TaskHeap.slot(second)).isEqualTo(0xABCDEF);
    }
  }

  @RepeatedTest(8)
  void agreesWithAPriorityQueue(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    TaskHeap heap = TestRegions.taskHeap(20_000, 2);
    LaneHeap lane = heap.lane(1);
    PriorityQueue<Entry> reference = new PriorityQueue<>(Entry.ORDER);
    for (int i = 0; i < 60_000; i++) {
      if (reference.size() < 15_000 && (reference.isEmpty() || random.nextInt(5) < 3)) {
        int priority = random.nextBoolean() ? random.nextInt() : random.nextInt(3) - 1;
        Entry entry = new Entry(priority, i, random.nextInt(1 << 24));
        reference.add(entry);
        assertThat(lane.push(entry.first(), entry.second())).isTrue();
      } else {
        Entry expected = reference.remove();
        assertThat(lane.first()).isEqualTo(expected.first());
        assertThat(lane.second()).isEqualTo(expected.second());
        lane.pop();
      }
      assertThat(lane.size()).isEqualTo(reference.size());
      assertThat(heap.size(1)).isEqualTo(reference.size());
    }
  }

  @Test
  void saysWhenTheArenaIsFullAndTakesChunksBack() {
    TaskHeap heap = TestRegions.taskHeap(1_000, 1);
    LaneHeap lane = heap.lane(0);
    int pushed = 0;
    while (lane.push(TaskHeap.first(0, pushed), TaskHeap.second(pushed, 1))) {
      pushed++;
    }
    assertThat(pushed).isGreaterThanOrEqualTo(2_000);
    for (int i = 0; i < pushed; i++) {
      lane.pop();
    }
    int again = 0;
    while (lane.push(TaskHeap.first(0, again), TaskHeap.second(again, 1))) {
      again++;
    }
    assertThat(again).isEqualTo(pushed);
  }

  @Test
  void showsTheBestEntriesOfALaneInOrder() {
    TaskHeap heap = TestRegions.taskHeap(5_000, 3);
    List<Entry> entries = new ArrayList<>();
    Random random = new Random(7);
    for (int i = 0; i < 3_000; i++) {
      Entry entry = new Entry(random.nextInt(10), i, i);
      entries.add(entry);
      heap.lane(2).push(entry.first(), entry.second());
    }
    entries.sort(Entry.ORDER);
    assertThat(heap.peek(2, 10))
        .isEqualTo(entries.subList(0, 10).stream().map(Entry::slot).toList());
    assertThat(heap.peek(1, 10)).isEmpty();
  }
}
