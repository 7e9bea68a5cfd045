package io.tidemill.register;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.shm.region.WorkerTable;
import io.tidemill.v1.TaskReport;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the Register measures for the Main Scheduler's choice of a worker. */
class SpeedsTest {
  @TempDir Path folder;

  @Test
  void smoothsTheTimeOfEachTypeOnEachWorkerIfThePolicyAsksForIt() throws Exception {
    try (Plant plant = Plant.start(folder, Map.of("placement.policy", "measured-speed"))) {
      WorkerTable table = plant.others.regions.workers();
      FakeWorker one = plant.worker("one");
      FakeWorker other = plant.worker("other");
      one.settle(success(plant, 0, 2, one, 800));
      one.settle(success(plant, 1, 2, one, 1_600));
      one.settle(success(plant, 2, 5, one, 30));
      other.settle(success(plant, 3, 2, other, 0));

      assertThat(table.typeMicros(one.row(), 2)).as("800 + (1600 - 800) / 8").isEqualTo(900);
      assertThat(table.typeMicros(one.row(), 5)).isEqualTo(30);
      assertThat(table.typeMicros(other.row(), 2)).as("known, and short").isEqualTo(1);
      assertThat(table.typeMicros(other.row(), 5)).as("not known").isZero();

      Others.Leased failing = leased(plant, 4, 5, one);
      one.settle(FakeWorker.failure(failing, "broken"));
      assertThat(table.typeMicros(one.row(), 5)).as("failures are no measure").isEqualTo(30);
    }
  }

  @Test
  void measuresNothingForOtherPolicies() throws Exception {
    try (Plant plant = Plant.start(folder)) {
      FakeWorker worker = plant.worker("w");
      worker.settle(success(plant, 0, 2, worker, 800));
      assertThat(plant.others.regions.workers().typeMicros(worker.row(), 2)).isZero();
    }
  }

  private static TaskReport success(
      Plant plant, int slot, int type, FakeWorker worker, long runMicros) {
    Others.Leased task = leased(plant, slot, type, worker);
    return FakeWorker.success(task, "").toBuilder().setRunUs(runMicros).build();
  }

  private static Others.Leased leased(Plant plant, int slot, int type, FakeWorker worker) {
    plant.others.submit(slot);
    plant.others.tasks.type(slot, type);
    return plant.others.assign(slot, worker.row());
  }
}
