package io.tidemill.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.shm.config.Settings;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.region.Counter;
import io.tidemill.shm.region.Role;
import io.tidemill.shm.region.TaskOrder;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadyTasksTest {
  private static final long NEWS = 1;

  @TempDir Path temp;
  private Instance instance;
  private ReadyTasks ready;
  private TaskTable tasks;

  @BeforeEach
  void open() throws Exception {
    open("off");
  }

  private void open(String fairness) throws Exception {
    Path data = temp.resolve("data");
    Settings settings =
        Settings.load(
            Map.of("tasks.max", "1000", "types.max", "4", "order.fairness", fairness),
            Map.of(),
            data);
    instance = Instance.enter(data, settings, Role.SCHEDULER);
    for (String type : new String[] {"a", "b", "c", "d"}) {
      instance.regions().types().intern(type);
    }
    Rules rules = new Rules(instance);
    TaskOrder order = new TaskOrder(instance.regions().tasks(), instance.control());
    ready =
        new ReadyTasks(
            instance,
            order,
            new Lanes(instance),
            rules,
            new KeyLimits(instance, order, rules, slot -> null));
    ready.clear();
    tasks = instance.regions().tasks();
  }

  @AfterEach
  void close() {
    instance.close();
  }

  @Test
  void takesTheBestOfAllOpenLanes() {
    task(1, 0, 5, 10);
    task(2, 1, 6, 11);
    task(3, 1, 6, 9);
    assertThat(pop()).isEqualTo(3);
    assertThat(pop()).isEqualTo(2);
    assertThat(pop()).isEqualTo(1);
    assertThat(ready.best(NEWS)).isNull();
    assertThat(ready.hasOpen(NEWS)).isFalse();
  }

  @Test
  void passesOverABlockedLaneUntilThereIsNews() {
    task(1, 0, 5, 1);
    task(2, 1, 1, 2);
    ready.best(NEWS).block(NEWS);
    assertThat(ready.best(NEWS).slot()).isEqualTo(2);
    assertThat(ready.best(NEWS + 1).slot()).isEqualTo(1);
  }

  @Test
  void dropsStaleAndDoubledEntries() {
    task(1, 0, 5, 1);
    ready.push(1);
    task(2, 0, 4, 2);
    tasks.record(2, tasks.word(2));
    assertThat(pop()).isEqualTo(1);
    tasks.assign(1, tasks.word(1), 0);
    assertThat(ready.best(NEWS)).isNull();
  }

  @Test
  void dropsTheEntryOfAPriorityThatWasChanged() {
    task(1, 0, 9, 1);
    task(2, 0, 5, 2);
    tasks.priorityChanged(1, 0);
    ready.push(1);
    assertThat(pop()).isEqualTo(2);
    assertThat(pop()).isEqualTo(1);
    tasks.record(1, tasks.word(1));
    assertThat(ready.best(NEWS)).isNull();
    assertThat(instance.control().count(Counter.INVERSIONS)).isZero();
  }

  @Test
  void countsNoTaskThatWasRaisedLater() {
    task(1, 0, 5, 1);
    task(2, 0, 1, 2);
    assertThat(pop()).isEqualTo(1);
    tasks.priorityChanged(2, 9);
    ready.push(2);
    assertThat(pop()).isEqualTo(2);
    assertThat(instance.control().count(Counter.INVERSIONS)).isZero();
  }

  @Test
  void countsATaskThatShouldHaveGoneEarlier() {
    task(1, 0, 1, 1);
    assertThat(pop()).isEqualTo(1);
    task(2, 0, 9, 2);
    // As if it had been in the order when the other one was taken.
    tasks.readyTick(2, 1);
    assertThat(pop()).isEqualTo(2);
    assertThat(instance.control().count(Counter.INVERSIONS)).isEqualTo(1);
  }

  @Test
  void countsNoTaskThatCameLater() {
    task(1, 0, 1, 1);
    assertThat(pop()).isEqualTo(1);
    task(2, 0, 9, 2);
    assertThat(pop()).isEqualTo(2);
    assertThat(instance.control().count(Counter.INVERSIONS)).isZero();
  }

  /** Priorities may be as many as tasks, if they are times. */
  @Test
  void forgetsTheTurnsOfPrioritiesOfWhichNothingIsLeft() throws Exception {
    close();
    open("tenants");
    task(1, 0, 0, 1);
    for (int slot = 2; slot < 100; slot++) {
      task(slot, 0, slot, slot);
      tasks.record(slot, tasks.word(slot));
    }
    assertThat(pop()).isEqualTo(1);
    tasks.record(1, tasks.word(1));
    assertThat(ready.best(NEWS)).isNull();
    assertThat(ready.turnsRemembered(0)).isZero();
  }

  @Test
  void forgetsTheTurnsOfWhatDidNotComeBackWithARebuild() throws Exception {
    close();
    open("tenants");
    for (int slot = 1; slot < 100; slot++) {
      task(slot, 0, slot, slot);
    }
    ready.clear();
    ready.push(7);
    ready.clear();
    assertThat(ready.turnsRemembered(0)).isEqualTo(1);
  }

  private int pop() {
    ReadyTasks.Lane lane = ready.best(NEWS);
    int slot = lane.slot();
    lane.popAssigned();
    return slot;
  }

  private void task(int slot, int type, int priority, long sequence) {
    long word = tasks.fill(slot, tasks.word(slot));
    tasks.type(slot, type);
    tasks.priority(slot, priority);
    tasks.sequence(slot, sequence);
    tasks.publish(slot, word, TaskState.READY);
    ready.push(slot);
  }
}
