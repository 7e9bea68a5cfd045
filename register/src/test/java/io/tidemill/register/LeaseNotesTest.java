package io.tidemill.register;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.tidemill.shm.instance.LeaseHistory;
import io.tidemill.shm.journal.PastLeases;
import io.tidemill.shm.region.LeaseEnd;
import io.tidemill.shm.region.PastLease;
import io.tidemill.shm.region.Rings;
import io.tidemill.shm.region.TaskState;
import io.tidemill.v1.TaskReport.Kind;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the Register writes down of leases that were over before their task ended. */
class LeaseNotesTest {
  private static final int MANY = PastLeases.LEASES_MAX + 3;

  @TempDir Path folder;
  private Plant plant;
  private Others others;
  private FakeWorker worker;
  private FakeWorker other;

  @BeforeEach
  void start() throws Exception {
    plant = Plant.start(folder, Map.of("task.returns.max", "2"));
    others = plant.others;
    worker = plant.worker("w");
    other = plant.worker("other");
  }

  @AfterEach
  void stop() throws Exception {
    plant.close();
  }

  /** As the Main Scheduler does it, with its note. */
  private void takeBack(Others.Leased task, LeaseEnd why) {
    note(task, why);
    others.requeue(task.slot());
  }

  private void note(Others.Leased task, LeaseEnd why) {
    others
        .regions
        .leasesTaken()
        .write(
            task.id(),
            new LeaseHistory(others.regions)
                .note(
                    task.lease(),
                    why,
                    "other",
                    others.tasks.assignedNanos(task.slot()),
                    others.tasks.startedNanos(task.slot()),
                    others.tasks.attempts(task.slot())));
  }

  @Test
  void writesNothingMoreOfATaskThatItsFirstLeaseEnded() {
    Others.Leased task = others.leased(0, worker.row());
    worker.settle(FakeWorker.success(task, "42"));
    assertThat(others.lastPast(task.id())).isSameAs(PastLeases.NONE);
  }

  @Test
  void tellsOfEachFailedAttemptWithTheOutcome() throws Exception {
    others.submit(0, 3, 0, false);
    Others.Leased first = others.assign(0, worker.row());
    worker.settle(FakeWorker.failure(first, "no such file"));
    plant.stopRegister();
    plant.startRegister();
    worker.connect();
    other.connect();
    Others.Leased second = others.assign(0, other.row());
    other.settle(FakeWorker.failure(second, "still none"));
    assertThat(others.lastPast(second.id()).leases())
        .extracting(PastLease::token)
        .containsExactly(first.lease(), second.lease());
    Others.Leased third = others.assign(0, worker.row());
    worker.settle(FakeWorker.success(third, "found"));

    assertThat(others.lastPast(third.id()).leases())
        .extracting(
            PastLease::token,
            PastLease::end,
            PastLease::workerId,
            PastLease::attempt,
            PastLease::error)
        .containsExactly(
            tuple(first.lease(), LeaseEnd.FAILED, "w", 1, "no such file"),
            tuple(second.lease(), LeaseEnd.FAILED, "other", 2, "still none"));
    assertThat(others.lastPast(third.id()).leases())
        .allSatisfy(
            lease -> {
              assertThat(lease.assignedMillis()).isPositive();
              assertThat(lease.startedMillis()).isGreaterThanOrEqualTo(lease.assignedMillis());
              assertThat(lease.overMillis()).isGreaterThanOrEqualTo(lease.startedMillis());
              assertThat(lease.dueMillis()).isZero();
            });
  }

  @Test
  void tellsWhenAFailedAttemptIsTriedAgain() {
    others.submit(0, 3, 0, false);
    others.regions.terms().clear(0);
    others.regions.terms().backoff(0, 60_000, 0, 100, 0);
    others.tasks.flags(0, io.tidemill.shm.region.TaskTable.FLAG_TERMS);
    Others.Leased task = others.assign(0, worker.row());
    worker.settle(FakeWorker.failure(task, "not yet"));
    assertThat(others.lastPast(task.id()).leases())
        .singleElement()
        .satisfies(
            lease ->
                assertThat(lease.dueMillis() - lease.overMillis()).isBetween(60_000L, 60_001L));
  }

  @Test
  void tellsOfLeasesThatWereTakenBackAndHandedBack() {
    Others.Leased taken = others.leased(0, other.row());
    takeBack(taken, LeaseEnd.WORKER_LOST);
    Others.Leased drained = others.assign(0, worker.row());
    worker.settle(FakeWorker.of(drained, Kind.KIND_RETURNED).build());
    Others.Leased stolen = others.assign(0, worker.row());
    note(stolen, LeaseEnd.STOLEN);
    worker.settle(FakeWorker.of(stolen, Kind.KIND_RETURNED).build());
    Others.Leased last = others.assign(0, other.row());
    other.settle(FakeWorker.success(last, "42"));

    assertThat(others.lastPast(last.id()).leases())
        .extracting(PastLease::token, PastLease::end, PastLease::workerId)
        .containsExactly(
            tuple(taken.lease(), LeaseEnd.WORKER_LOST, "other"),
            tuple(drained.lease(), LeaseEnd.HANDED_BACK, "w"),
            tuple(stolen.lease(), LeaseEnd.STOLEN, "w"));
  }

  @Test
  void takesNoNoteOfTheLeaseThatEndedTheTaskForItsPast() {
    Others.Leased first = others.leased(0, worker.row());
    worker.settle(FakeWorker.of(first, Kind.KIND_RETURNED).build());
    Others.Leased last = others.assign(0, worker.row());
    note(last, LeaseEnd.STOLEN); // It was asked for, and had started.
    worker.settle(FakeWorker.success(last, "42"));
    assertThat(others.lastPast(last.id()).leases())
        .extracting(PastLease::token)
        .containsExactly(first.lease());
  }

  @Test
  void tellsOfALeaseThatWasAskedForInVainThatItsAttemptFailed() {
    others.submit(0, 2, 0, false);
    Others.Leased first = others.assign(0, worker.row());
    note(first, LeaseEnd.STOLEN);
    worker.settle(FakeWorker.failure(first, "broken"));
    Others.Leased second = others.assign(0, worker.row());
    worker.settle(FakeWorker.success(second, "42"));
    assertThat(others.lastPast(second.id()).leases())
        .extracting(PastLease::end)
        .containsExactly(LeaseEnd.FAILED);
  }

  @Test
  void tellsOfTheLostLeasesOfATaskThatDiesOfThem() {
    Others.Leased first = others.leased(0, other.row());
    takeBack(first, LeaseEnd.WORKER_LOST);
    Others.Leased second = others.assign(0, other.row());
    takeBack(second, LeaseEnd.OVERRAN);
    others.tasks.countReturns(0, others.tasks.word(0), 2);
    others.toRegister(Rings.TASK_DEAD, 0, second.id());
    others.awaitState(0, TaskState.DEAD);
    assertThat(others.lastPast(second.id()).leases())
        .extracting(PastLease::token, PastLease::end)
        .containsExactly(
            tuple(first.lease(), LeaseEnd.WORKER_LOST), tuple(second.lease(), LeaseEnd.OVERRAN));
  }

  @Test
  void keepsTheNewestAndSaysHowManyAreGone() {
    others.submit(0, MANY + 1, 0, false);
    for (int i = 1; i <= MANY; i++) {
      worker.settle(FakeWorker.failure(others.assign(0, worker.row()), "failure " + i));
    }
    Others.Leased last = others.assign(0, worker.row());
    worker.settle(FakeWorker.success(last, "42"));
    PastLeases past = others.lastPast(last.id());
    assertThat(past.leases()).hasSize(PastLeases.LEASES_MAX);
    assertThat(past.leases().get(0).error()).isEqualTo("failure 4");
    assertThat(LeaseHistory.missing(past, MANY)).isEqualTo(MANY - PastLeases.LEASES_MAX);
  }
}
