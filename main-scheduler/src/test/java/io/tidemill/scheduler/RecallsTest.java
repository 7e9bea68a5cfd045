package io.tidemill.scheduler;

import static io.tidemill.scheduler.FakeWorker.awaitPayloads;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemill.shm.region.Counter;
import io.tidemill.shm.region.Rule;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskState;
import io.tidemill.v1.HeldLease;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecallsTest {
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

  private long count(Counter counter) {
    return plant.regions().control().count(counter);
  }

  private static int slot(HeldLease lease) {
    return TaskId.slot(lease.getTaskId());
  }

  @Test
  void givesWhatWaitsInAWorkersQueueToOneThatIsFree() {
    FakeWorker full = plant.worker(0, 10);
    int running = plant.submit("echo", 0, "a");
    for (String payload : List.of("b", "c", "d", "e")) {
      plant.submit("echo", 0, payload);
    }
    awaitPayloads(full, "a", "b", "c", "d", "e");
    plant.start(running);
    FakeWorker free = plant.worker(1, 1);
    await().until(() -> !full.recalls().isEmpty());
    int recalled = slot(full.recalls().get(0));
    assertThat(recalled).isNotEqualTo(running);
    assertThat(plant.state(recalled)).isEqualTo(TaskState.ASSIGNED);
    plant.handBack(recalled);
    awaitPayloads(free, "b"); // The best of those that had not started.
    await().until(() -> count(Counter.TASKS_STOLEN) == 1);
    assertThat(count(Counter.STEALS)).isPositive();
    assertThat(count(Counter.INVERSIONS)).isZero();
  }

  /** The slots are many, and it is those at their end that matter. */
  @Test
  void passesOverAFreeWorkerThatCanRunNothingOfWhatWaits() {
    plant.regions().control().slotsUsed(100_000);
    FakeWorker full = plant.worker(0, 10);
    int running = plant.submit("echo", 0, "a");
    for (String payload : List.of("b", "c", "d")) {
      plant.submit("echo", 0, payload);
    }
    awaitPayloads(full, "a", "b", "c", "d");
    plant.start(running);
    plant.connect(plant.register(3, "spin"), 4); // has the most hands free
    FakeWorker free = plant.worker(1, 1);
    await().until(() -> !full.recalls().isEmpty());
    plant.handBack(slot(full.recalls().get(0)));
    awaitPayloads(free, "b");
    await().until(() -> count(Counter.TASKS_STOLEN) == 1);
  }

  @Test
  void passesOverAFullWorkerThatNobodyCanHelp() {
    FakeWorker fullest = plant.connect(plant.register(1, "spin"), 10);
    for (String payload : List.of("s", "t", "u", "v", "w", "x")) {
      plant.submit("spin", 0, payload);
    }
    awaitPayloads(fullest, "s", "t", "u", "v", "w", "x");
    FakeWorker full = plant.worker(0, 10);
    for (String payload : List.of("a", "b", "c")) {
      plant.submit("echo", 0, payload);
    }
    awaitPayloads(full, "a", "b", "c");
    FakeWorker free = plant.worker(2, 1);
    await().until(() -> !full.recalls().isEmpty());
    plant.handBack(slot(full.recalls().get(0)));
    awaitPayloads(free, "a");
    assertThat(fullest.recalls()).isEmpty();
    assertThat(count(Counter.STEALS_REFUSED_FAR)).isZero();
  }

  @Test
  void asksOnceForWhatAWorkerKeepsSinceItHasStarted() {
    FakeWorker full = plant.worker(0, 4);
    plant.submit("echo", 0, "a");
    plant.submit("echo", 0, "b");
    plant.submit("echo", 0, "c");
    awaitPayloads(full, "a", "b", "c");
    plant.worker(1, 1);
    await().until(() -> full.recalls().size() == 3);
    await().until(() -> count(Counter.STEALS_REFUSED_STARTED) >= 3);
  }

  @Test
  void makesRoomForABetterTaskWhenAllWindowsAreFull() {
    FakeWorker worker = plant.worker(0, 3);
    int running = plant.submit("echo", 5, "a");
    int better = plant.submit("echo", 5, "b");
    int worse = plant.submit("echo", 1, "c");
    awaitPayloads(worker, "a", "b", "c");
    plant.start(running);
    plant.submit("echo", 0, "later");
    plant.submit("echo", 9, "urgent");
    await().until(() -> worker.recalls().size() == 2);
    assertThat(worker.recalls()).extracting(RecallsTest::slot).containsExactly(worse, better);
    plant.handBack(worse);
    awaitPayloads(worker, "a", "b", "c", "urgent");
    assertThat(count(Counter.RECALLED)).isEqualTo(2);
    assertThat(count(Counter.TASKS_STOLEN)).isZero();
  }

  /** A class of work whose workers cannot help holds up no other one. */
  @Test
  void makesRoomForATaskBehindBetterOnesForWhichNoneCanBeMade() {
    FakeWorker other = plant.connect(plant.register(1, "spin"), 1);
    int busy = plant.submit("spin", 9, "s");
    awaitPayloads(other, "s");
    plant.start(busy);
    plant.submit("spin", 20, "waits");
    plant.submit("nobody's", 30, "waits, too");
    FakeWorker worker = plant.worker(0, 1);
    int worse = plant.submit("echo", 1, "a");
    awaitPayloads(worker, "a");
    plant.submit("echo", 5, "urgent");
    await().until(() -> !worker.recalls().isEmpty());
    plant.handBack(worse);
    awaitPayloads(worker, "a", "urgent");
    assertThat(other.recalls()).isEmpty();
  }

  @Test
  void makesRoomForATaskOfAPausedQueueOnceThatIsResumed() {
    plant.rules(Rule.ofQueue("mail", true, 0));
    FakeWorker worker = plant.worker(0, 2);
    plant.submit("echo", 1, "a");
    int worse = plant.submit("echo", 1, "b");
    awaitPayloads(worker, "a", "b");
    plant.submit("echo @mail", 9, "urgent");
    // Turns later nobody has been asked for anything.
    plant.handBack(worse);
    awaitPayloads(worker, "a", "b", "b");
    assertThat(count(Counter.RECALLED)).isZero();

    plant.rules();

    await().until(() -> !worker.recalls().isEmpty());
    assertThat(slot(worker.recalls().get(0))).isEqualTo(worse);
    plant.handBack(worse);
    awaitPayloads(worker, "a", "b", "b", "urgent");
    assertThat(count(Counter.INVERSIONS)).isZero();
  }
}
