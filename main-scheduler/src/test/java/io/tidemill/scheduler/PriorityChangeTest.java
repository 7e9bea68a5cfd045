package io.tidemill.scheduler;

import static io.tidemill.scheduler.FakeWorker.awaitPayloads;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemill.shm.region.Counter;
import io.tidemill.shm.region.Role;
import io.tidemill.shm.region.Rule;
import io.tidemill.shm.region.TaskId;
import io.tidemill.v1.Assignment;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the Main Scheduler makes of priorities that change while tasks wait. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class PriorityChangeTest {
  @TempDir Path temp;
  private Plant plant;

  @BeforeEach
  void start() throws Exception {
    plant = new Plant(temp.resolve("data"));
  }

  @AfterEach
  void stop() throws Exception {
    assertThat(plant.regions().control().count(Counter.INVERSIONS)).isZero();
    plant.close();
  }

  @Test
  void assignsByThePrioritiesAsTheyAreNow() {
    int a = plant.submit("echo", 5, "a");
    int b = plant.submit("echo", 0, "b");
    plant.submit("echo", 3, "c");
    int d = plant.submit("echo", 3, "d");
    plant.change(b, 9);
    plant.change(a, -1);
    plant.change(d, 4);
    plant.change(d, 3);
    FakeWorker worker = plant.worker(0, 10);
    awaitPayloads(worker, "b", "c", "d", "a");
    assertThat(worker.assignments())
        .extracting(Assignment::getPriority)
        .containsExactly(9, 3, 3, -1);
  }

  @Test
  void findsAChangeThatItWasNotToldOfWhenItIsAskedToSweep() {
    int a = plant.submit("echo", 5, "a");
    int b = plant.submit("echo", 0, "b");
    FakeWorker none = plant.worker(0, 0);
    plant.changeSilently(a, 1);
    plant.changeSilently(b, 2);
    plant.regions().control().askSweep(Role.SCHEDULER);
    plant.regions().wakeUp(Role.SCHEDULER).wake();
    none.window(10);
    awaitPayloads(none, "b", "a");
  }

  @Test
  void recallsWorseTasksForOneThatWasRaised() {
    FakeWorker worker = plant.worker(0, 2);
    int running = plant.submit("echo", 5, "a");
    int worse = plant.submit("echo", 1, "b");
    awaitPayloads(worker, "a", "b");
    plant.start(running);
    int raised = plant.submit("echo", 0, "c");
    plant.change(raised, 7);
    await().until(() -> worker.recalls().size() == 1);
    assertThat(TaskId.slot(worker.recalls().get(0).getTaskId())).isEqualTo(worse);
    plant.handBack(worse);
    awaitPayloads(worker, "a", "b", "c");
  }

  /** A task whose key holds it back is found under its new priority when a place comes free. */
  @Test
  void bringsBackTheBestOfAKeyByThePrioritiesAsTheyAreNow() {
    plant.rules(Rule.ofKey("k", 1, 0, 0, 1));
    int first = plant.submitOf("k", "echo", 9, "first");
    int lowered = plant.submitOf("k", "echo", 5, "lowered");
    int raised = plant.submitOf("k", "echo", 1, "raised");
    plant.submitOf("k", "echo", 3, "same");
    plant.submit("echo", 0, "free");
    FakeWorker worker = plant.worker(0, 10);
    awaitPayloads(worker, "first", "free");
    plant.change(lowered, 0);
    plant.change(raised, 6);
    plant.submit("echo", 0, "told");
    awaitPayloads(worker, "first", "free", "told");
    plant.succeed(first);
    awaitPayloads(worker, "first", "free", "told", "raised");
    plant.succeed(raised);
    awaitPayloads(worker, "first", "free", "told", "raised", "same");
  }
}
