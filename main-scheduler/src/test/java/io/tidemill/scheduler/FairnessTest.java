package io.tidemill.scheduler;

import static io.tidemill.scheduler.FakeWorker.awaitPayloads;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemill.shm.region.Counter;
import io.tidemill.shm.region.Rule;
import io.tidemill.v1.Assignment;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tenants that take turns within a priority. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class FairnessTest {
  @TempDir Path temp;
  private Plant plant;

  @AfterEach
  void stop() throws Exception {
    assertThat(plant.regions().control().count(Counter.INVERSIONS)).isZero();
    plant.close();
  }

  private void start(String weights) throws Exception {
    plant =
        new Plant(
            temp.resolve("data"),
            Map.of("order.fairness", "tenants", "order.tenants.weights", weights));
  }

  private void submit(String tenant, int priority, int count) {
    for (int i = 1; i <= count; i++) {
      plant.submitFor(tenant, "echo", priority, tenant + i);
    }
  }

  @Test
  void servesTenantsByTurnsWithinAPriorityAndPrioritiesStrictly() throws Exception {
    start("");
    submit("a", 0, 4);
    submit("b", 0, 2);
    submit("b", 5, 2);
    submit("c", 0, 1);
    submit("a", 5, 1);
    FakeWorker worker = plant.worker(0, 20);
    awaitPayloads(worker, "b1", "a1", "b2", "a1", "b1", "c1", "a2", "b2", "a3", "a4");
    assertThat(worker.assignments()).extracting(Assignment::getSequence).isSorted();
  }

  @Test
  void servesThemAsOftenAsTheirWeightsSay() throws Exception {
    start("a=3, b=1");
    submit("b", 0, 20);
    submit("a", 0, 60);
    FakeWorker worker = plant.worker(0, 40);
    await().until(() -> worker.assignments().size() == 40);
    assertThat(
            worker.assignments().stream()
                .filter(a -> a.getPayload().toStringUtf8().startsWith("a")))
        .hasSize(30);
  }

  @Test
  void givesATaskThatComesBackItsPlaceAmongItsTenants() throws Exception {
    start("");
    submit("a", 0, 3);
    submit("b", 0, 1);
    FakeWorker worker = plant.worker(0, 1);
    awaitPayloads(worker, "a1");
    plant.handBack(0);
    awaitPayloads(worker, "a1", "b1");
    worker.window(10);
    awaitPayloads(worker, "a1", "b1", "a1", "a2", "a3");
  }

  @Test
  void followsPrioritiesThatChangeAndKeysThatHoldBack() throws Exception {
    start("");
    plant.rules(Rule.ofKey("k", 1, 0, 0, 1));
    int first = plant.submitOf("k", "echo", 0, "key1");
    plant.submitOf("k", "echo", 0, "key2");
    int a1 = plant.submitFor("a", "echo", 0, "a1");
    plant.submitFor("a", "echo", 0, "a2");
    int b1 = plant.submitFor("b", "echo", 0, "b1");
    plant.submitFor("b", "echo", 0, "b2");
    plant.change(a1, -1);
    plant.change(b1, 1);
    FakeWorker worker = plant.worker(0, 10);
    awaitPayloads(worker, "b1", "key1", "a2", "b2", "a1");
    plant.succeed(first);
    awaitPayloads(worker, "b1", "key1", "a2", "b2", "a1", "key2");
  }

  @Test
  void countsFromTheSlotsWhenItStartsAgain() throws Exception {
    start("");
    submit("a", 0, 3);
    submit("b", 0, 2);
    plant.close();
    plant = plant.again();
    FakeWorker worker = plant.worker(0, 10);
    awaitPayloads(worker, "a1", "b1", "a2", "b2", "a3");
  }

  @Test
  void goesBySubmissionUnlessSet() throws Exception {
    plant = new Plant(temp.resolve("data"));
    submit("a", 0, 3);
    submit("b", 0, 2);
    FakeWorker worker = plant.worker(0, 10);
    awaitPayloads(worker, "a1", "a2", "a3", "b1", "b2");
  }
}
