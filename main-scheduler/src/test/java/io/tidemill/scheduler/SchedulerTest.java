package io.tidemill.scheduler;

import static io.tidemill.scheduler.FakeWorker.awaitPayloads;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.Status;
import io.tidemill.rpc.RpcErrors;
import io.tidemill.shm.memory.MappedMemory;
import io.tidemill.shm.region.Counter;
import io.tidemill.shm.region.RegionHeader;
import io.tidemill.shm.region.Ring;
import io.tidemill.shm.region.Rings;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.WorkerKey;
import io.tidemill.v1.Assignment;
import io.tidemill.v1.HeldLease;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class SchedulerTest {
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

  @Test
  void assignsByPriorityAndThenBySubmission() {
    plant.submit("echo", 0, "a");
    plant.submit("echo", 5, "b");
    plant.submit("echo", -7, "c");
    plant.submit("echo", 5, "d");
    plant.submit("echo", Integer.MAX_VALUE, "e");
    FakeWorker worker = plant.worker(0, 10);
    awaitPayloads(worker, "e", "b", "d", "a", "c");
    assertThat(worker.assignments())
        .allMatch(
            a -> a.getAttempt() == 1 && a.getType().equals("echo") && (int) a.getLease() == 1);
    assertThat(plant.regions().control().count(Counter.INVERSIONS)).isZero();
  }

  @Test
  void sendsNoMoreThanTheWindowUntilCapacityReturns() {
    FakeWorker worker = plant.worker(0, 2);
    int first = plant.submit("echo", 0, "a");
    plant.submit("echo", 0, "b");
    int third = plant.submit("echo", 0, "c");
    awaitPayloads(worker, "a", "b");
    assertThat(plant.state(third)).isEqualTo(TaskState.READY);
    plant.succeed(first);
    awaitPayloads(worker, "a", "b", "c");
    assertThat(plant.regions().workerHeap().inFlight(0)).isEqualTo(2);
  }

  @Test
  void countsAnewWhatAWorkerHoldsWhenNothingHappens() {
    FakeWorker worker = plant.worker(0, 5);
    plant.submit("echo", 0, "a");
    awaitPayloads(worker, "a");
    plant.tell(Rings.CAPACITY_RETURNED, 0, 1);
    await().until(() -> plant.regions().rings().registerToScheduler().isEmpty());
    await().until(() -> plant.regions().workerHeap().inFlight(0) == 1);
  }

  @Test
  void startsAnewWhateverItsFormerHeapsHold() throws Exception {
    plant.close();
    for (String heap : new String[] {"worker-heap", "task-heap"}) {
      try (MappedMemory memory =
          MappedMemory.open(temp.resolve("data").resolve("shm").resolve(heap))) {
        for (long at = RegionHeader.BYTES; at < memory.size(); at += 8) {
          memory.putLong(at, 0x0000_0003_0000_0002L);
        }
      }
    }
    plant = plant.again();
    plant.submit("echo", 0, "a");
    plant.submit("echo", 0, "b");
    FakeWorker one = plant.worker(5, 1);
    FakeWorker other = plant.worker(1, 1);
    await().until(() -> one.assignments().size() + other.assignments().size() == 2);
    assertThat(plant.regions().workerHeap().size()).isEqualTo(2);
  }

  @Test
  void passesOverEntriesOfRingsThatNameNothing() {
    for (int kind = 0; kind <= Rings.TASK_OVERRUN + 1; kind++) {
      for (int index : new int[] {-1, 8, 200_000, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
        plant.tell(kind, index, -1);
        plant.regions().rings().plmToScheduler().offer(Rings.event(kind, index), -1);
      }
    }
    plant.submit("echo", 0, "a");
    awaitPayloads(plant.worker(0, 1), "a");
  }

  @Test
  void asksForTheEndOfATaskThatHasHadTheLastLease() {
    int slot = plant.accept("echo", 0, "a");
    long last = StateWord.of(TaskState.READY, StateWord.NO_WORKER, StateWord.LEASE_MAX - 1, 1);
    plant.tasks().restore(slot, last);
    plant.tell(Rings.TASK_READY, slot, 0);
    FakeWorker worker = plant.worker(0, 5);
    awaitPayloads(worker, "a");
    assertThat((int) worker.assignments().get(0).getLease()).isEqualTo(StateWord.LEASE_MAX);
    plant.die(0);
    plant.submit("echo", 0, "b");
    awaitPayloads(plant.worker(1, 5), "b");
    List<Long> asked = new ArrayList<>();
    Ring toRegister = plant.regions().rings().schedulerToRegister();
    await()
        .until(
            () -> {
              toRegister.drain(
                  (event, id) -> {
                    if (Rings.kind(event) == Rings.TASK_DEAD) {
                      asked.add(id);
                    }
                  },
                  100);
              return asked.contains(plant.tasks().id(slot));
            });
    assertThat(StateWord.lease(plant.tasks().word(slot))).isEqualTo(StateWord.LEASE_MAX);
    assertThat(plant.state(slot)).isEqualTo(TaskState.READY);
  }

  @Test
  void letsATypeWithoutAWorkerHoldUpNothingElse() {
    int orphan = plant.submit("unknown", 100, "x");
    FakeWorker worker = plant.worker(0, 5);
    plant.submit("echo", 0, "a");
    awaitPayloads(worker, "a");
    assertThat(plant.state(orphan)).isEqualTo(TaskState.READY);
    FakeWorker late = plant.connect(plant.register(1, "unknown"), 5);
    awaitPayloads(late, "x");
  }

  @Test
  void spreadsTasksByLoadRelativeToTheWindow() {
    FakeWorker small = plant.worker(0, 10);
    FakeWorker large = plant.worker(1, 30);
    await().until(() -> plant.regions().workerHeap().size() == 2);
    for (int i = 0; i < 20; i++) {
      plant.submit("echo", 0, "t" + i);
    }
    await().until(() -> small.assignments().size() + large.assignments().size() == 20);
    assertThat(small.assignments()).hasSizeBetween(4, 6);
  }

  @Test
  void placesAsTheSettingsSayByWhatTheRegisterMeasured() throws Exception {
    plant.close();
    plant = plant.again("measured-speed");
    FakeWorker slow = plant.worker(0, 30);
    FakeWorker fast = plant.worker(1, 30);
    await().until(() -> plant.regions().workerHeap().size() == 2);
    int type = plant.regions().types().intern("echo");
    plant.regions().workers().served(0, type, 9_900);
    plant.regions().workers().served(1, type, 1_000);
    for (int i = 0; i < 20; i++) {
      plant.submit("echo", 0, "t" + i);
    }
    await().until(() -> slow.assignments().size() + fast.assignments().size() == 20);
    assertThat(slow.assignments()).hasSizeBetween(1, 3);
  }

  @Test
  void givesTheTasksOfADeadWorkerToAnotherInTheirOldOrder() {
    FakeWorker doomed = plant.worker(0, 2);
    plant.submit("echo", 1, "a");
    plant.submit("echo", 1, "b");
    plant.submit("echo", 1, "c");
    awaitPayloads(doomed, "a", "b");
    plant.die(0);
    FakeWorker heir = plant.worker(1, 10);
    awaitPayloads(heir, "a", "b", "c");
    assertThat((int) heir.assignments().get(0).getLease()).isEqualTo(2);
    assertThat((int) heir.assignments().get(2).getLease()).isEqualTo(1);
    assertThat(RpcErrors.reason(doomed.failure())).isEqualTo("WORKER_UNKNOWN");
  }

  @Test
  void takesBackWhatAFormerRegistrationOfTheSameRowHeld() {
    FakeWorker former = plant.worker(0, 5);
    plant.submit("echo", 0, "a");
    awaitPayloads(former, "a");
    FakeWorker next = plant.worker(0, 5);
    awaitPayloads(next, "a");
    assertThat((int) next.assignments().get(0).getLease()).isEqualTo(2);
  }

  @Test
  void sendsAgainUnderTheSameLeaseWhatAReturningWorkerDoesNotHold() throws Exception {
    long key = plant.register(0, "echo");
    FakeWorker worker = plant.connect(key, 5);
    plant.submit("echo", 0, "held");
    plant.submit("echo", 0, "lost");
    awaitPayloads(worker, "held", "lost");
    Assignment held = worker.assignments().get(0);
    Assignment lost = worker.assignments().get(1);
    plant.close();
    plant = plant.again();
    FakeWorker back =
        plant.connect(
            key,
            5,
            HeldLease.newBuilder().setTaskId(held.getTaskId()).setLease(held.getLease()).build());
    awaitPayloads(back, "lost");
    assertThat(back.assignments().get(0)).isEqualTo(lost);
    assertThat(plant.regions().workerHeap().inFlight(0)).isEqualTo(2);
  }

  @Test
  void sendsAgainInTheOrderOfTheTasks() {
    long key = plant.register(0, "echo");
    FakeWorker worker = plant.connect(key, 5);
    plant.submit("echo", 0, "a");
    plant.submit("echo", 1, "b");
    plant.submit("echo", 2, "c");
    plant.submit("echo", 1, "d");
    await().until(() -> worker.assignments().size() == 4);
    worker.close();
    awaitPayloads(plant.connect(key, 5), "c", "b", "d", "a");
  }

  @Test
  void takesBackWhatAWorkerHeldThatRegisteredAgainWhileTheSchedulerWasDown() throws Exception {
    FakeWorker former = plant.worker(0, 5);
    plant.submit("echo", 0, "a");
    awaitPayloads(former, "a");
    plant.close();
    long key = plant.register(0, "echo");
    plant = plant.again();
    FakeWorker next = plant.connect(key, 5);
    awaitPayloads(next, "a");
    assertThat((int) next.assignments().get(0).getLease()).isEqualTo(2);
  }

  @Test
  void findsAfterARestartWhatNoRingTold() throws Exception {
    plant.accept("echo", 0, "silent");
    plant.close();
    plant = plant.again();
    awaitPayloads(plant.worker(0, 5), "silent");
  }

  @Test
  void findsInASweepWhatNoRingTold() {
    FakeWorker worker = plant.worker(0, 5);
    plant.accept("echo", 0, "silent");
    plant.regions().control().askSweep(io.tidemill.shm.region.Role.SCHEDULER);
    plant.regions().wakeUp(io.tidemill.shm.region.Role.SCHEDULER).wake();
    awaitPayloads(worker, "silent");
  }

  @Test
  void refusesAWorkerThatIsNotRegistered() {
    assertThat(reasonOf(plant.connect(WorkerKey.of(1, 1, 3), 5))).isEqualTo("WORKER_UNKNOWN");
    long key = plant.register(0, "echo");
    plant.register(0, "echo");
    assertThat(reasonOf(plant.connect(key, 5)))
        .as("a former registration")
        .isEqualTo("WORKER_UNKNOWN");
    assertThat(reasonOf(plant.connect(-1, 5))).as("no row").isEqualTo("WORKER_UNKNOWN");
  }

  @Test
  void tellsTheRegisterOfABrokenStreamAndSendsNothingMore() {
    FakeWorker worker = plant.worker(0, 5);
    plant.submit("echo", 0, "a");
    awaitPayloads(worker, "a");
    worker.close();
    List<Long> events = new ArrayList<>();
    Ring ring = plant.regions().rings().schedulerToRegister();
    await()
        .untilAsserted(
            () -> {
              ring.drain((event, value) -> events.add(event), 10);
              assertThat(events).contains(Rings.event(Rings.WORKER_LOST, 0));
            });
    assertThat(plant.regions().workerHeap().size()).isZero();
  }

  @Test
  void leavesAWorkerItsLeasesThatWantsNothingMore() {
    FakeWorker leaving = plant.worker(0, 5);
    int slot = plant.submit("echo", 0, "a");
    awaitPayloads(leaving, "a");
    leaving.endItsSide();
    assertThat(leaving.failure()).as("the stream's end").isNull();
    plant.submit("echo", 0, "b");
    FakeWorker other = plant.worker(1, 5);
    awaitPayloads(other, "b");
    List<Long> events = new ArrayList<>();
    plant.regions().rings().schedulerToRegister().drain((event, value) -> events.add(event), 10);
    assertThat(events).doesNotContain(Rings.event(Rings.WORKER_LOST, 0));
    assertThat(StateWord.state(plant.regions().tasks().word(slot))).isEqualTo(TaskState.ASSIGNED);
  }

  @Test
  void sendsNothingNewToADrainingWorker() {
    FakeWorker draining = plant.worker(0, 5);
    plant.submit("echo", 0, "a");
    awaitPayloads(draining, "a");
    plant.drain(0);
    FakeWorker other = plant.worker(1, 5);
    for (int i = 0; i < 4; i++) {
      plant.submit("echo", 0, "t" + i);
    }
    await().until(() -> other.assignments().size() == 4);
    assertThat(draining.assignments()).hasSize(1);
  }

  @Test
  void takesAnOverrunLeaseBackAndAsksForTheEndOfATaskThatReturnedTooOften() {
    FakeWorker worker = plant.worker(0, 5);
    int slot = plant.submit("echo", 0, "a");
    for (int round = 1; round <= 3; round++) {
      int sent = round;
      await().until(() -> worker.assignments().size() == sent);
      plant.start(slot);
      plant.tell(Rings.TASK_OVERRUN, slot, worker.assignments().get(sent - 1).getLease());
    }
    List<Long> events = new ArrayList<>();
    await()
        .untilAsserted(
            () -> {
              plant.regions().rings().schedulerToRegister().drain((e, v) -> events.add(e), 10);
              assertThat(events).containsExactly(Rings.event(Rings.TASK_DEAD, slot));
            });
    assertThat(plant.state(slot)).isEqualTo(TaskState.READY);
    assertThat(worker.assignments()).hasSize(3);
  }

  @Test
  void asksForTheStartOfWhatMayHaveKilledItsWorker() {
    FakeWorker first = plant.worker(0, 5);
    int unknown = plant.submit("echo", 0, "a");
    int ran = plant.submit("echo", 0, "b");
    int settled = plant.submit("echo", 0, "c");
    awaitPayloads(first, "a", "b", "c");
    assertThat(first.assignments()).noneMatch(Assignment::getAnnounceStart);
    plant.start(ran);
    // Its worker handed it back unstarted, and the Register died while it recorded that.
    plant.tasks().unrecord(settled, plant.tasks().record(settled, plant.tasks().word(settled)));
    assertThat(plant.state(settled)).isEqualTo(TaskState.RUNNING);

    plant.die(0);

    FakeWorker second = plant.worker(1, 5);
    awaitPayloads(second, "a", "b", "c");
    assertThat(second.assignments())
        .extracting(Assignment::getAnnounceStart)
        .containsExactly(true, false, true);
    assertThat(plant.tasks().returns(unknown)).as("nobody knows").isZero();
    assertThat(plant.tasks().returns(settled)).as("nobody said so").isZero();
    assertThat(plant.tasks().returns(ran)).isEqualTo(1);
  }

  @Test
  void asksForTheStartOfWhatSaysHowManyWorkersItMayKill() {
    int slot = plant.submitOf("key", "echo", 0, "a");
    plant.regions().terms().workerDeathsMax(slot, 2, 0);
    plant.submitOf("key", "echo", 0, "b");
    FakeWorker worker = plant.worker(0, 5);
    awaitPayloads(worker, "a", "b");
    assertThat(worker.assignments())
        .extracting(Assignment::getAnnounceStart)
        .containsExactly(true, false);
  }

  @Test
  void ignoresAnOverrunOfAFormerLease() {
    FakeWorker worker = plant.worker(0, 5);
    int slot = plant.submit("echo", 0, "a");
    awaitPayloads(worker, "a");
    plant.tell(Rings.TASK_OVERRUN, slot, worker.assignments().get(0).getLease() - 1);
    plant.submit("echo", 0, "b");
    awaitPayloads(worker, "a", "b");
    assertThat(plant.state(slot)).isEqualTo(TaskState.ASSIGNED);
  }

  @Test
  void missesNothingWhenARingRunsOver() {
    FakeWorker worker = plant.worker(0, 16_000);
    int count = 70_000;
    Ring ring = plant.regions().rings().plmToScheduler();
    for (int i = 0; i < count; i++) {
      int slot = plant.accept("none", 0, "");
      ring.offer(Rings.event(Rings.TASK_READY, slot), plant.tasks().sequence(slot));
    }
    int last = plant.accept("echo", 0, "seen");
    ring.offer(Rings.event(Rings.TASK_READY, last), plant.tasks().sequence(last));
    plant.regions().wakeUp(io.tidemill.shm.region.Role.SCHEDULER).wake();
    awaitPayloads(worker, "seen");
  }

  @Test
  void breaksAStreamThatDoesNotBeginWithHello() {
    FakeWorker worker = plant.worker(0, 5);
    worker.window(3);
    plant.submit("echo", 0, "a");
    awaitPayloads(worker, "a");
    FakeWorker twice = plant.worker(1, 5);
    twice.hello();
    assertThat(Status.fromThrowable(twice.failure()).getCode())
        .isEqualTo(Status.Code.INVALID_ARGUMENT);
  }

  private static String reasonOf(FakeWorker worker) {
    Throwable failure = worker.failure();
    assertThat(Status.fromThrowable(failure).getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
    return RpcErrors.reason(failure);
  }
}
