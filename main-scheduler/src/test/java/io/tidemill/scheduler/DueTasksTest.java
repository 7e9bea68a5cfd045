package io.tidemill.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.shm.config.Settings;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.region.Role;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.shm.region.TermsTable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of delays and of moments of the wall clock when that is set. */
class DueTasksTest {
  private static final long NOON = 1_800_000_000_000L;
  private static final long HOUR = TimeUnit.HOURS.toMillis(1);
  private static final long DAY = TimeUnit.DAYS.toMillis(1);

  @TempDir Path temp;
  private final AtomicLong wall = new AtomicLong(NOON);
  private final List<Integer> ready = new ArrayList<>();
  private Instance instance;
  private TaskTable tasks;
  private TermsTable terms;
  private DueTasks due;

  @BeforeEach
  void start() throws Exception {
    Path data = temp.resolve("data");
    Settings settings = Settings.load(Map.of("tasks.max", "1000"), Map.of(), data);
    instance = Instance.enter(data, settings, Role.SCHEDULER);
    tasks = instance.regions().tasks();
    terms = instance.regions().terms();
    due = new DueTasks(instance, ready::add, wall::get);
    due.clear();
  }

  @AfterEach
  void stop() {
    instance.close();
  }

  /** A task that waits, and is looked at as the ring's entry has it. */
  private void waiting(int slot, long dueNanos, long runAtMillis) {
    long word = tasks.fill(slot, tasks.word(slot));
    tasks.clearLife(slot);
    tasks.id(slot, TaskId.of(instance.control().epoch(), StateWord.generation(word), slot));
    tasks.flags(slot, TaskTable.FLAG_TERMS);
    terms.clear(slot);
    terms.due(slot, dueNanos, runAtMillis);
    tasks.publish(slot, word, TaskState.WAITING);
    instance.control().slotsUsed(Math.max(slot + 1, instance.control().slotsUsed()));
    due.look(slot);
  }

  private TaskState state(int slot) {
    return StateWord.state(tasks.word(slot));
  }

  private void turnAt(long wallMillis) {
    wall.set(wallMillis);
    due.turn(System.nanoTime());
  }

  @Test
  void makesAMomentReadyOnceWhenTheClockJumpsPastIt() {
    waiting(0, 0, NOON + HOUR);
    waiting(1, 0, NOON + 2 * DAY);
    turnAt(NOON + HOUR - 1);
    assertThat(ready).isEmpty();
    assertThat(due.sleepNanos()).isEqualTo(TimeUnit.MILLISECONDS.toNanos(1));

    wall.set(NOON + DAY);
    assertThat(due.sleepNanos()).as("it is due").isZero();
    turnAt(NOON + DAY);
    turnAt(NOON + DAY);

    assertThat(ready).containsExactly(0);
    assertThat(state(0)).isEqualTo(TaskState.READY);
    assertThat(state(1)).isEqualTo(TaskState.WAITING);
  }

  @Test
  void losesAndDoublesNothingWhenTheClockJumpsBack() {
    waiting(0, 0, NOON + HOUR);
    waiting(1, 0, NOON + 2 * HOUR);
    turnAt(NOON + HOUR);
    assertThat(ready).containsExactly(0);

    turnAt(NOON - DAY);
    assertThat(state(0)).as("what was due stays so").isEqualTo(TaskState.READY);
    turnAt(NOON + HOUR);
    assertThat(ready).as("comes by once more").containsExactly(0);
    turnAt(NOON + 2 * HOUR - 1);
    assertThat(state(1)).isEqualTo(TaskState.WAITING);
    turnAt(NOON + 2 * HOUR);

    assertThat(ready).containsExactly(0, 1);
  }

  /** Between the look at the timers and the one at the slot. */
  @Test
  void waitsOnWhenTheClockIsSetBackUnderItsLook() {
    waiting(0, 0, NOON + HOUR);
    DueTasks jumping = new DueTasks(instance, ready::add, () -> wall.getAndSet(NOON));
    wall.set(NOON + HOUR);
    jumping.turn(System.nanoTime());
    assertThat(ready).isEmpty();
    assertThat(state(0)).isEqualTo(TaskState.WAITING);
    turnAt(NOON + HOUR);
    assertThat(ready).containsExactly(0);
  }

  @Test
  void leavesDelaysAloneWhereverTheClockIsSet() {
    long now = System.nanoTime();
    long later = now + TimeUnit.HOURS.toNanos(1);
    waiting(0, later, 0);
    for (long jump : new long[] {DAY, -DAY, 3_650 * DAY}) {
      turnAt(NOON + jump);
    }
    assertThat(ready).isEmpty();
    assertThat(due.sleepNanos()).isBetween(1L, TimeUnit.HOURS.toNanos(1));

    due.turn(later);
    assertThat(ready).as("its slot says that it is not yet").isEmpty();
    terms.due(0, now, 0);
    due.look(0);

    assertThat(ready).containsExactly(0);
  }

  /** As a Main Scheduler does that starts: from the slots, by the clock as it is now. */
  @Test
  void findsAllAgainFromTheSlotsAfterAJump() {
    waiting(0, 0, NOON + HOUR);
    waiting(1, 0, NOON + 3 * DAY);
    waiting(2, System.nanoTime() + TimeUnit.HOURS.toNanos(1), 0);
    turnAt(NOON + 2 * HOUR);
    assertThat(ready).containsExactly(0);
    wall.set(NOON + 4 * DAY);
    DueTasks next = new DueTasks(instance, ready::add, wall::get);
    next.clear();
    for (int slot = 0; slot < 3; slot++) {
      next.look(slot);
    }
    next.turn(System.nanoTime());
    assertThat(ready).containsExactly(0, 1);
    assertThat(state(2)).isEqualTo(TaskState.WAITING);
  }

  /** A host without a battery begins long ago. */
  @Test
  void waitsOnAClockThatStandsBefore1970() {
    wall.set(-DAY);
    waiting(0, 0, 1);
    assertThat(ready).isEmpty();
    assertThat(due.sleepNanos()).isPositive();
    turnAt(1);
    assertThat(ready).containsExactly(0);
  }
}
