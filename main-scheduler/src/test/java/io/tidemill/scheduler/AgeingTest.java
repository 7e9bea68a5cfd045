package io.tidemill.scheduler;

import static io.tidemill.scheduler.FakeWorker.awaitPayloads;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemill.shm.region.Counter;
import io.tidemill.shm.region.TaskId;
import io.tidemill.v1.Assignment;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tasks that gain priority while they wait. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class AgeingTest {
  private static final long HOUR = TimeUnit.HOURS.toNanos(1);

  @TempDir Path temp;
  private Plant plant;

  @AfterEach
  void stop() throws Exception {
    assertThat(plant.regions().control().count(Counter.INVERSIONS)).isZero();
    plant.close();
  }

  private static Map<String, String> ageing(int pointsPerHour) {
    return Map.of("order.ageing.points.per.hour", Integer.toString(pointsPerHour));
  }

  private void submitThree() {
    plant.submit("echo", 100, "high");
    plant.submitAged("echo", 0, "old", 3 * HOUR);
    plant.submitAged("echo", 0, "older", 4 * HOUR);
    plant.submit("echo", 1_000, "urgent");
  }

  @Test
  void letsWhatWaitedLongGoBeforeBetterTasksAndTellsTheWorkerTheOrder() throws Exception {
    plant = new Plant(temp.resolve("data"), ageing(50));
    submitThree();
    FakeWorker worker = plant.worker(0, 10);
    awaitPayloads(worker, "urgent", "older", "old", "high");
    assertThat(worker.assignments()).allMatch(Assignment::hasRank);
    assertThat(worker.assignments())
        .isSortedAccordingTo((a, b) -> Long.compare(b.getRank(), a.getRank()));
  }

  @Test
  void goesByThePriorityAloneUnlessSet() throws Exception {
    plant = new Plant(temp.resolve("data"));
    submitThree();
    FakeWorker worker = plant.worker(0, 10);
    awaitPayloads(worker, "urgent", "high", "old", "older");
    assertThat(worker.assignments()).noneMatch(Assignment::hasRank);
  }

  @Test
  void followsAnotherSettingWhenItStartsAgain() throws Exception {
    plant = new Plant(temp.resolve("data"), ageing(50));
    submitThree();
    plant.close();
    plant = plant.again(ageing(0));
    plant.close();
    plant = plant.again(ageing(30));
    FakeWorker worker = plant.worker(0, 10);
    awaitPayloads(worker, "urgent", "older", "high", "old");
  }

  @Test
  void countsTheAgeOfATaskWhosePriorityIsChanged() throws Exception {
    plant = new Plant(temp.resolve("data"), ageing(50));
    int old = plant.submitAged("echo", 0, "old", 4 * HOUR);
    plant.submit("echo", 300, "between");
    plant.submit("echo", 100, "last");
    plant.change(old, 150);
    FakeWorker worker = plant.worker(0, 10);
    awaitPayloads(worker, "old", "between", "last");
  }

  @Test
  void recallsWhatIsYoungerForOneThatHasAged() throws Exception {
    plant = new Plant(temp.resolve("data"), ageing(50));
    FakeWorker worker = plant.worker(0, 2);
    int running = plant.submit("echo", 50, "a");
    int young = plant.submit("echo", 50, "b");
    awaitPayloads(worker, "a", "b");
    plant.start(running);
    plant.submitAged("echo", 0, "old", 2 * HOUR);
    await().until(() -> worker.recalls().size() == 1);
    assertThat(TaskId.slot(worker.recalls().get(0).getTaskId())).isEqualTo(young);
    plant.handBack(young);
    awaitPayloads(worker, "a", "b", "old");
  }
}
