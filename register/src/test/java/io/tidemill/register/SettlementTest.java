package io.tidemill.register;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.shm.instance.InstanceException;
import io.tidemill.shm.instance.Journals;
import io.tidemill.shm.journal.AttemptEncoder;
import io.tidemill.shm.journal.Journal;
import io.tidemill.shm.journal.OutcomeEncoder;
import io.tidemill.shm.journal.RecordEncoder;
import io.tidemill.shm.journal.RunWriter;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.Counter;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a Register finds that starts after another one died while it recorded. */
class SettlementTest {
  @TempDir Path folder;
  private Plant plant;
  private Others others;
  private FakeWorker worker;
  private Others.Leased task;

  @BeforeEach
  void recordOneAndDieWithAnother() throws Exception {
    plant = Plant.start(folder);
    others = plant.others;
    worker = plant.worker("w");
    worker.settle(FakeWorker.success(others.leased(0, worker.row()), "first"));
    others.submit(1, 3, 0, false);
    task = others.assign(1, worker.row());
    plant.stopRegister();
    others.tasks.record(1, others.tasks.word(1));
  }

  @AfterEach
  void stop() throws Exception {
    plant.close();
  }

  @Test
  void givesSlotWithoutRecordBackToItsLease() throws Exception {
    plant.startRegister();

    assertThat(others.state(1)).isEqualTo(TaskState.RUNNING);
    assertThat(StateWord.worker(others.tasks.word(1))).isEqualTo(worker.row());
    worker.connect();
    worker.reportAgain(2, FakeWorker.success(task, "kept"));
    worker.awaitSettled(2);
    assertThat(worker.exceptions()).isEmpty();
    assertThat(others.recorded())
        .extracting(Others.Recorded::result)
        .containsExactly("first", "kept");
    assertThat(count(Counter.RECORDED)).isEqualTo(2);
  }

  @Test
  void givesSlotThatNobodyHeldBackToTheOrder() throws Exception {
    others.submit(2);
    others.tasks.record(2, others.tasks.word(2));

    plant.startRegister();

    assertThat(others.state(2)).isEqualTo(TaskState.READY);
  }

  @Test
  void endsSlotByTheOutcomeOfItsLease() throws Exception {
    long position = append(outcome(task.lease(), TaskState.SUCCEEDED));

    plant.startRegister();

    assertThat(others.state(1)).isEqualTo(TaskState.SUCCEEDED);
    assertThat(others.tasks.outcome(1)).isEqualTo(position);
    assertThat(others.regions.mapping().worker(1)).isEqualTo(StateWord.NO_WORKER);
    assertThat(count(Counter.RECORDED)).isEqualTo(2);
    assertThat(count(Counter.SUCCEEDED)).isEqualTo(2);
    worker.connect();
    worker.reportAgain(2, FakeWorker.success(task, "kept"));
    worker.awaitSettled(2);
    assertThat(worker.exceptions()).isEmpty();
    assertThat(others.recorded()).hasSize(2);
  }

  /** Each start begins another cycle of the journal, so the record stands several of them back. */
  @Test
  void knowsAReportThatWasRecordedSeveralStartsAgo() throws Exception {
    append(outcome(task.lease(), TaskState.SUCCEEDED));
    for (int slot = 2; slot < 6; slot++) {
      plant.startRegister();
      worker.connect();
      worker.settle(FakeWorker.success(others.leased(slot, worker.row()), "more"));
      plant.stopRegister();
    }
    others.tasks.free(1, others.tasks.word(1));

    plant.startRegister();

    worker.connect();
    worker.reportAgain(6, FakeWorker.success(task, "kept"));
    worker.awaitSettled(6);
    assertThat(worker.exceptions()).isEmpty();
    assertThat(others.recorded()).hasSize(6);
  }

  @Test
  void countsOutcomesOfTheRunThatWasCutOffOnce() throws Exception {
    append(outcome(task.lease(), TaskState.SUCCEEDED));

    for (int i = 0; i < 3; i++) {
      plant.startRegister();
      assertThat(count(Counter.RECORDED)).isEqualTo(2);
      plant.stopRegister();
    }
    plant.startRegister();
  }

  @Test
  void putsSlotBackByTheFailedAttemptOfItsLease() throws Exception {
    append(
        new AttemptEncoder()
            .task(task.id(), task.lease(), 1, 1, Recorder.CAUSE_FAILED, "w")
            .error("no"));

    plant.startRegister();

    assertThat(others.state(1)).isEqualTo(TaskState.READY);
    assertThat(others.tasks.attempts(1)).isEqualTo(1);
    assertThat(count(Counter.ATTEMPTS_FAILED)).isEqualTo(1);
  }

  /** The attempt failed before, and has the number that the slot still shows. */
  @Test
  void endsTaskThatWasCancelledAfterAFailedAttempt() throws Exception {
    long ready = others.tasks.retry(1, others.tasks.word(1));
    others.tasks.record(1, ready);
    append(new AttemptEncoder().task(task.id(), task.lease(), 1, 1, Recorder.CAUSE_FAILED, "w"));
    long position = append(outcome(task.lease(), TaskState.CANCELLED));

    plant.startRegister();

    assertThat(others.state(1)).isEqualTo(TaskState.CANCELLED);
    assertThat(others.tasks.outcome(1)).isEqualTo(position);
    assertThat(count(Counter.RECORDED_TWICE)).isZero();
  }

  @Test
  void doesNotTakeTheRecordOfAnotherLease() throws Exception {
    append(outcome(task.lease() - 1, TaskState.SUCCEEDED));

    plant.startRegister();

    assertThat(others.state(1)).isEqualTo(TaskState.RUNNING);
  }

  @Test
  void refusesToStartWithoutTheJournalThatItNeeds() throws Exception {
    Path outcomes = others.instance.dir().outcomes();
    Path aside = folder.resolve("aside");
    Files.move(outcomes, aside);

    assertThatThrownBy(plant::startRegister)
        .isInstanceOf(InstanceException.class)
        .hasMessageContaining("a journal was emptied")
        .hasMessageContaining("put it back");

    try (Stream<Path> made = Files.walk(outcomes)) {
      made.sorted(java.util.Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
    }
    Files.move(aside, outcomes);
    plant.startRegister();
  }

  private OutcomeEncoder outcome(long lease, TaskState end) {
    return new OutcomeEncoder().task(task.id(), lease, (byte) end.number(), 1, "w");
  }

  /** As the Register that died did just before. */
  private long append(RecordEncoder record) {
    Control control = others.regions.control();
    try (Journal journal = Journals.write(others.instance.dir().outcomes(), plant.settings, 0)) {
      journal.reserve(1_000);
      RunWriter run = journal.begin();
      long position = run.append(control.drawSequences(1), record);
      run.commit();
      return position;
    }
  }

  private long count(Counter counter) {
    return others.regions.control().count(counter);
  }
}
