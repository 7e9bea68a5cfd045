package io.tidemill.shm.region;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.shm.region.RegionHeader.Kind;
import io.tidemill.shm.region.TimerHeap.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TimerHeapTest {
  private static final int TASKS = 5_000;

  private final TimerHeap timers =
      new TimerHeap(TestRegions.memory(Kind.TIMERS, TimerHeap.bytes(TASKS), TASKS), TASKS);

  TimerHeapTest() {
    timers.clear();
  }

  @Test
  void givesEntriesBackInTheOrderOfTheirTimes() {
    Random random = new Random(7);
    List<Long> times = new ArrayList<>();
    for (int slot = 0; slot < TASKS; slot++) {
      long time = 1 + (random.nextLong() >>> 1) % Long.MAX_VALUE;
      times.add(time);
      assertThat(timers.push(Clock.MONOTONIC, time, slot, slot)).isTrue();
    }
    List<Long> sorted = new ArrayList<>(times);
    Collections.sort(sorted);
    for (long expected : sorted) {
      assertThat(timers.first(Clock.MONOTONIC)).isEqualTo(expected);
      long entry = timers.pop(Clock.MONOTONIC);
      assertThat(times.get(TimerHeap.slot(entry))).isEqualTo(expected);
      assertThat(TimerHeap.generation(entry)).isEqualTo(TimerHeap.slot(entry));
    }
    assertThat(timers.first(Clock.MONOTONIC)).isEqualTo(TimerHeap.NEVER);
  }

  @Test
  void keepsTheClocksApartAndTheLargestNumbers() {
    int slot = (1 << TaskId.SLOT_BITS) - 1;
    timers.push(Clock.WALL, 5, slot, StateWord.GENERATION_MAX);
    timers.push(Clock.MONOTONIC, 9, 1, 2);
    assertThat(timers.first(Clock.WALL)).isEqualTo(5);
    assertThat(timers.size(Clock.MONOTONIC)).isEqualTo(1);
    long entry = timers.pop(Clock.WALL);
    assertThat(TimerHeap.slot(entry)).isEqualTo(slot);
    assertThat(TimerHeap.generation(entry)).isEqualTo(StateWord.GENERATION_MAX);
    assertThat(timers.first(Clock.WALL)).isEqualTo(TimerHeap.NEVER);
    assertThat(timers.first(Clock.MONOTONIC)).isEqualTo(9);
  }

  @Test
  void saysWhenItIsFullAndIsEmptyOnceItWasCleared() {
    int pushed = 0;
    while (timers.push(Clock.MONOTONIC, 1 + pushed, pushed % TASKS, 1)) {
      pushed++;
    }
    assertThat(pushed).as("one for each task, and as many that are over").isGreaterThan(2 * TASKS);
    timers.clear();
    assertThat(timers.first(Clock.MONOTONIC)).isEqualTo(TimerHeap.NEVER);
    assertThat(timers.push(Clock.WALL, 3, 1, 1)).isTrue();
  }
}
