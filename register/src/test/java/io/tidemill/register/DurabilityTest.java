package io.tidemill.register;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemill.shm.journal.Cycle;
import io.tidemill.shm.journal.Journal;
import io.tidemill.shm.journal.RunWriter;
import io.tidemill.shm.region.Rings;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.WorkerTable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the disk does to verdicts: it is slow, or full. */
class DurabilityTest {
  @TempDir Path folder;
  private final Semaphore forces = new Semaphore(0);
  private volatile boolean full;
  private Plant plant;
  private Others others;
  private FakeWorker worker;

  @BeforeEach
  void start() throws Exception {
    plant = new Plant(folder, Map.of());
    plant.wrapJournal(Slow::new);
    plant.startRegister();
    others = plant.others;
    worker = plant.worker("w");
  }

  @AfterEach
  void stop() throws Exception {
    full = false;
    forces.release(1_000_000);
    plant.close();
  }

  @Test
  void tellsOfDiskTaskOnlyOnceItsOutcomeIsOnDisk() {
    Others.Leased task = disk(0);
    worker.report(FakeWorker.success(task, "a"));
    others.awaitState(0, TaskState.SUCCEEDED);
    // What comes behind it waits for its turn, though it needs no disk.
    Others.Leased quick = others.leased(1, worker.row());
    worker.report(FakeWorker.success(quick, "b"));
    await().atMost(Plant.PATIENCE).until(() -> !others.takeFromPlmRing().isEmpty());
    worker.awaitBeatTaken();
    assertThat(worker.settledThrough()).isZero();
    assertThat(others.regions.control().outcomesForced()).isZero();

    forces.release(2);

    worker.awaitSettled(2);
    assertThat(worker.exceptions()).isEmpty();
    assertThat(others.takeFromPlmRing())
        .containsExactly(new Others.Entry(Rings.TASK_ENDED, 0, task.id()));
    assertThat(others.regions.control().outcomesForced()).isGreaterThan(others.tasks.outcome(0));
  }

  @Test
  void makesReportThatComesAgainWaitForTheDiskToo() {
    Others.Leased task = disk(0);
    worker.report(FakeWorker.success(task, "a"));
    others.awaitState(0, TaskState.SUCCEEDED);
    worker.connect();

    worker.reportAgain(1, FakeWorker.success(task, "a"));
    worker.awaitBeatTaken();
    assertThat(worker.settledThrough()).isZero();

    forces.release(2);
    worker.awaitSettled(1);
    assertThat(others.recorded()).hasSize(1);
  }

  @Test
  void doesNotWaitForTheDiskWhereNobodyAskedForIt() {
    assertThat(worker.settle(FakeWorker.success(others.leased(0, worker.row()), ""))).isEmpty();
  }

  @Test
  void forcesAfterStartWhatMayNotBeOnDisk() throws Exception {
    Others.Leased task = disk(0);
    forces.release(2);
    worker.settle(FakeWorker.success(task, "a"));
    plant.stopRegister();
    others.regions.control().outcomesForced(0);

    forces.release(1_000);
    plant.startRegister();

    assertThat(others.regions.control().outcomesForced()).isGreaterThan(others.tasks.outcome(0));
  }

  @Test
  void waitsWithoutVerdictWhileTheDiskIsFull() {
    Others.Leased task = others.leased(0, worker.row());
    others.submit(1);
    full = true;
    worker.report(FakeWorker.success(task, "a"));
    others.askCancel(1);
    // Longer than a silent worker lives: it has no way to beat.
    plant.pass(Duration.ofMillis(Plant.INTERVAL_MILLIS).multipliedBy(Plant.MISSES + 2));

    assertThat(worker.settledThrough()).isZero();
    assertThat(others.state(0)).isEqualTo(TaskState.ASSIGNED);
    assertThat(others.state(1)).isEqualTo(TaskState.READY);
    assertThat(others.regions.workers().state(worker.row())).isEqualTo(WorkerTable.State.ALIVE);

    full = false;
    plant.jump(Duration.ofSeconds(1));
    worker.awaitSettled(1);
    assertThat(others.state(0)).isEqualTo(TaskState.SUCCEEDED);
    others.awaitState(1, TaskState.CANCELLED);
    worker.awaitBeatTaken();
  }

  @Test
  void forgetsWhatItHeldForWorkerThatBreaks() {
    Others.Leased task = others.leased(0, worker.row());
    full = true;
    worker.report(FakeWorker.success(task, "a"));
    plant.turn();
    worker.kill();
    await()
        .atMost(Plant.PATIENCE)
        .until(() -> others.regions.workers().state(worker.row()) == WorkerTable.State.DEAD);

    full = false;
    plant.jump(Duration.ofSeconds(1));

    assertThat(others.state(0)).isEqualTo(TaskState.ASSIGNED);
    assertThat(others.recorded()).isEmpty();
  }

  private Others.Leased disk(int slot) {
    others.submit(slot, 1, 0, true);
    return others.assign(slot, worker.row());
  }

  /** A journal whose disk is as slow and as full as the test says. */
  private final class Slow implements Journal {
    private final Journal journal;

    Slow(Journal journal) {
      this.journal = journal;
    }

    @Override
    public boolean reserve(long bytes) {
      return !full && journal.reserve(bytes);
    }

    @Override
    public void force() {
      forces.acquireUninterruptibly();
      journal.force();
    }

    @Override
    public RunWriter begin() {
      return journal.begin();
    }

    @Override
    public long appendedThrough() {
      return journal.appendedThrough();
    }

    @Override
    public long forcedThrough() {
      return journal.forcedThrough();
    }

    @Override
    public int recordBytesMax() {
      return journal.recordBytesMax();
    }

    @Override
    public Path folder() {
      return journal.folder();
    }

    @Override
    public long availableBytes() {
      return journal.availableBytes();
    }

    @Override
    public List<Cycle> cycles() {
      return journal.cycles();
    }

    @Override
    public long deleteCyclesBefore(int cycle) {
      return journal.deleteCyclesBefore(cycle);
    }

    @Override
    public void close() {
      journal.close();
    }
  }
}
