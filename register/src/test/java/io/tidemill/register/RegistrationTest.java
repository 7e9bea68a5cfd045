package io.tidemill.register;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.tidemill.rpc.RpcErrors;
import io.tidemill.shm.config.Key;
import io.tidemill.shm.region.Offer;
import io.tidemill.shm.region.Rings;
import io.tidemill.shm.region.WorkerTable;
import io.tidemill.v1.DrainWorkerRequest;
import io.tidemill.v1.HeartbeatRequest;
import io.tidemill.v1.ListWorkersRequest;
import io.tidemill.v1.ListWorkersResponse;
import io.tidemill.v1.QueueOrder;
import io.tidemill.v1.QueueShare;
import io.tidemill.v1.RegisterWorkerRequest;
import io.tidemill.v1.RegisterWorkerResponse;
import io.tidemill.v1.WorkerInfo;
import io.tidemill.v1.WorkerLoad;
import io.tidemill.v1.WorkerState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegistrationTest {
  @TempDir Path folder;
  private Plant plant;
  private Others others;
  private WorkerTable table;

  @BeforeEach
  void start() throws Exception {
    plant = Plant.start(folder);
    others = plant.others;
    table = others.regions.workers();
  }

  @AfterEach
  void stop() throws Exception {
    plant.close();
  }

  @Test
  void letsWorkerInAndTellsTheScheduler() {
    FakeWorker worker = plant.unconnected("a.b:c_d-1", 7);

    RegisterWorkerResponse terms = worker.register();

    assertThat(terms.getDispatchAddress()).isEqualTo(":" + plant.settings.text(Key.PORT_SCHEDULER));
    assertThat(terms.getBeatIntervalMs()).isEqualTo(Plant.INTERVAL_MILLIS);
    assertThat(terms.getBeatMisses()).isEqualTo(Plant.MISSES);
    assertThat(terms.getResultBytesMax()).isEqualTo(1_000);
    assertThat(table.state(worker.row())).isEqualTo(WorkerTable.State.ALIVE);
    assertThat(table.registration(worker.row()))
        .isEqualTo(new WorkerTable.Registration("a.b:c_d-1", 7, 4, List.of("echo"), "here", 7));
    assertThat(others.takeFromSchedulerRing())
        .containsExactly(new Others.Entry(Rings.WORKER_CHANGED, worker.row(), 1));
  }

  @Test
  void keepsAndShowsWhatAWorkerOffers() {
    FakeWorker worker = plant.unconnected("offers", 7);
    QueueShare mail = QueueShare.newBuilder().setQueue("mail").setWeight(3).build();
    RegisterWorkerRequest request =
        worker
            .request()
            .addQueues(mail)
            .addQueues(QueueShare.newBuilder().setQueue("bulk"))
            .setQueueOrder(QueueOrder.QUEUE_ORDER_WEIGHTED)
            .putLabels("zone", "a")
            .putAmounts("cpu", 4)
            .build();

    plant.stub().registerWorker(request);

    assertThat(table.registration(0).offer())
        .isEqualTo(
            new Offer(
                List.of(new Offer.Share("mail", 3), new Offer.Share("bulk", 1)),
                Offer.QueueOrder.WEIGHTED,
                Map.of("zone", "a"),
                Map.of("cpu", 4L)));
    WorkerInfo info =
        plant.stub().listWorkers(ListWorkersRequest.getDefaultInstance()).getWorkers(0);
    assertThat(info.getQueuesList()).contains(mail);
    assertThat(info.getQueueOrder()).isEqualTo(QueueOrder.QUEUE_ORDER_WEIGHTED);
    assertThat(info.getLabelsMap()).containsExactly(Map.entry("zone", "a"));
    assertThat(info.getAmountsMap()).containsExactly(Map.entry("cpu", 4L));
  }

  @Test
  void refusesBadOffersWithFieldAndValue() {
    RegisterWorkerRequest good = plant.unconnected("good", 1).request().build();
    QueueShare.Builder mail = QueueShare.newBuilder().setQueue("mail");
    assertInvalid(
        good.toBuilder().addQueues(QueueShare.newBuilder().setQueue("a b")),
        "QUEUE_INVALID",
        "queues",
        "a b");
    assertInvalid(
        good.toBuilder().addQueues(mail).addQueues(mail), "QUEUE_INVALID", "queues", "mail");
    assertInvalid(
        good.toBuilder().addQueues(mail.clone().setWeight(1_001)),
        "WEIGHT_INVALID",
        "weight",
        "1001");
    assertInvalid(good.toBuilder().putLabels("zone", "a b"), "LABEL_INVALID", "labels", "zone=a b");
    assertInvalid(good.toBuilder().putLabels("", "a"), "LABEL_INVALID", "labels", "=a");
    assertInvalid(good.toBuilder().putAmounts("cpu", 0), "AMOUNT_INVALID", "amounts", "cpu=0");
    assertInvalid(good.toBuilder().putAmounts("c>", 1), "AMOUNT_INVALID", "amounts", "c>=1");
    RegisterWorkerRequest.Builder many = good.toBuilder();
    IntStream.range(0, 65).forEach(i -> many.addQueues(QueueShare.newBuilder().setQueue("q" + i)));
    assertInvalid(many, "OFFER_INVALID", "queues", "65");
    RegisterWorkerRequest.Builder tooLong = good.toBuilder();
    IntStream.range(100, 150)
        .forEach(i -> tooLong.addQueues(QueueShare.newBuilder().setQueue("q".repeat(50) + i)));
    assertInvalid(tooLong, "OFFER_INVALID", "queues", "50");
  }

  @Test
  void refusesBadRegistrationsWithFieldAndValue() {
    RegisterWorkerRequest good = plant.unconnected("good", 1).request().build();
    List<String> many = IntStream.range(0, 65).mapToObj(i -> "t" + i).toList();
    List<String> longOnes = Collections.nCopies(1, "x".repeat(129));
    List<String> tooMuch = IntStream.range(0, 20).mapToObj(i -> "y".repeat(120) + i).toList();

    assertInvalid(good.toBuilder().setWorkerId(""), "WORKER_ID_INVALID", "worker_id", "");
    assertInvalid(good.toBuilder().setWorkerId("a b"), "WORKER_ID_INVALID", "worker_id", "a b");
    assertInvalid(
        good.toBuilder().setWorkerId("x".repeat(65)), "WORKER_ID_INVALID", "worker_id", "x");
    assertInvalid(
        good.toBuilder().setWorkerId("a\u001b[31m"), "WORKER_ID_INVALID", "worker_id", "a?[31m");
    assertInvalid(good.toBuilder().setInstanceId(0), "INSTANCE_ID_INVALID", "instance_id", "0");
    assertInvalid(good.toBuilder().setCapacity(0), "CAPACITY_INVALID", "capacity", "0");
    assertInvalid(
        good.toBuilder().setCapacity(1_000_000_000), "CAPACITY_INVALID", "capacity", "1000000000");
    assertInvalid(good.toBuilder().setCapacity(-1), "CAPACITY_INVALID", "capacity", "4294967295");
    assertInvalid(good.toBuilder().clearTaskTypes(), "TASK_TYPES_INVALID", "task_types", "0");
    assertInvalid(
        good.toBuilder().addAllTaskTypes(many), "TASK_TYPES_INVALID", "task_types", "66 types");
    assertInvalid(good.toBuilder().addTaskTypes("a b"), "TASK_TYPES_INVALID", "task_types", "a b");
    assertInvalid(
        good.toBuilder().addAllTaskTypes(longOnes), "TASK_TYPES_INVALID", "task_types", "xxx");
    assertInvalid(
        good.toBuilder().addAllTaskTypes(tooMuch), "TASK_TYPES_INVALID", "task_types", "21 types");
    assertThat(plant.stub().listWorkers(ListWorkersRequest.getDefaultInstance()).getWorkersCount())
        .isZero();
  }

  private void assertInvalid(
      RegisterWorkerRequest.Builder request, String reason, String field, String value) {
    StatusRuntimeException error = failure(() -> plant.stub().registerWorker(request.build()));
    assertThat(error.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(RpcErrors.reason(error)).isEqualTo(reason);
    assertThat(error.getStatus().getDescription()).contains(field).contains(value);
  }

  private static StatusRuntimeException failure(ThrowingCallable call) {
    StatusRuntimeException[] caught = new StatusRuntimeException[1];
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(StatusRuntimeException.class, error -> caught[0] = error);
    return caught[0];
  }

  @Test
  void refusesWorkerWhenTheTableIsFullAndReusesTheRowSilentForLongest() {
    FakeWorker[] workers = new FakeWorker[8];
    for (int i = 0; i < workers.length; i++) {
      workers[i] = plant.worker("w" + i);
    }

    StatusRuntimeException full = failure(() -> plant.unconnected("late", 1).register());
    assertThat(full.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(RpcErrors.reason(full)).isEqualTo("WORKERS_FULL");

    workers[5].kill();
    awaitState(workers[5], WorkerTable.State.DEAD);
    workers[6].kill();
    awaitState(workers[6], WorkerTable.State.DEAD);
    FakeWorker late = plant.worker("late");
    assertThat(late.row()).isEqualTo(workers[5].row());
    assertThat(late.incarnation()).isEqualTo(2);
  }

  @Test
  void givesTheSameProcessItsRowAgainUnderAnotherIncarnation() {
    FakeWorker worker = plant.worker("w", 1);
    FakeWorker same = plant.unconnected("w", 1);
    others.takeFromSchedulerRing();

    same.register();

    assertThat(same.row()).isEqualTo(worker.row());
    assertThat(same.incarnation()).isEqualTo(worker.incarnation() + 1);
    assertThat(others.takeFromSchedulerRing())
        .containsExactly(new Others.Entry(Rings.WORKER_CHANGED, worker.row(), 2));
    await().atMost(Plant.PATIENCE).until(worker::heardRegisterAgain);
    await().atMost(Plant.PATIENCE).until(worker::isCompleted);
    same.connect();
    assertThat(table.state(same.row())).isEqualTo(WorkerTable.State.ALIVE);
  }

  @Test
  void takesResultsOfTheRegistrationBeforeWithoutReturningCapacityTwice() {
    FakeWorker worker = plant.worker("w", 1);
    Others.Leased earlier = others.leased(0, worker.row());
    FakeWorker same = plant.worker("w", 1);
    Others.Leased later = others.leased(1, same.row());
    others.takeFromSchedulerRing();

    assertThat(same.settle(FakeWorker.success(earlier, "a"), FakeWorker.success(later, "b")))
        .isEmpty();

    assertThat(others.recorded()).hasSize(2);
    assertThat(others.takeFromSchedulerRing())
        .containsExactly(new Others.Entry(Rings.CAPACITY_RETURNED, same.row(), 1));
  }

  @Test
  void refusesNamesakeWhileTheFirstOneAnswers() {
    FakeWorker worker = plant.worker("w", 1);
    worker.answersPings();

    StatusRuntimeException error = failure(() -> plant.unconnected("w", 2).register());

    assertThat(error.getStatus().getCode()).isEqualTo(Status.Code.ALREADY_EXISTS);
    assertThat(RpcErrors.reason(error)).isEqualTo("WORKER_ALIVE");
    assertThat(worker.heardPing()).isTrue();
    assertThat(table.incarnation(worker.row())).isEqualTo(1);
    worker.awaitBeatTaken();
  }

  @Test
  void letsNamesakeTakeOverWhenTheFirstOneIsSilent() {
    FakeWorker silent = plant.worker("w", 1);
    FakeWorker next = plant.unconnected("w", 2);
    CompletableFuture<RegisterWorkerResponse> answer =
        CompletableFuture.supplyAsync(next::register);
    await().atMost(Plant.PATIENCE).until(silent::heardPing);

    plant.jump(Duration.ofSeconds(1));

    await().atMost(Plant.PATIENCE).until(answer::isDone);
    assertThat(next.row()).isEqualTo(silent.row());
    assertThat(next.incarnation()).isEqualTo(2);
    await().atMost(Plant.PATIENCE).until(silent::heardRegisterAgain);
    next.connect();
  }

  @Test
  void letsNamesakeInAtOnceWhenTheFirstOneBreaksMeanwhile() {
    FakeWorker silent = plant.worker("w", 1);
    FakeWorker next = plant.unconnected("w", 2);
    CompletableFuture<RegisterWorkerResponse> answer =
        CompletableFuture.supplyAsync(next::register);
    await().atMost(Plant.PATIENCE).until(silent::heardPing);

    silent.kill();

    await().atMost(Plant.PATIENCE).until(answer::isDone);
    assertThat(next.incarnation()).isEqualTo(2);
  }

  @Test
  void letsNamesakeInAtOnceWhenTheFirstOneHasNoStream() {
    plant.unconnected("w", 1).register();
    FakeWorker next = plant.unconnected("w", 2);

    next.register();

    assertThat(next.incarnation()).isEqualTo(2);
  }

  @Test
  void refusesStreamsOfRegistrationsThatAreOver() {
    FakeWorker first = plant.worker("w", 1);
    plant.unconnected("w", 1).register();
    await().atMost(Plant.PATIENCE).until(first::isCompleted);

    first.open();

    await().atMost(Plant.PATIENCE).until(() -> first.error() != null);
    assertThat(Status.fromThrowable(first.error()).getCode())
        .isEqualTo(Status.Code.FAILED_PRECONDITION);
    assertThat(RpcErrors.reason(first.error())).isEqualTo("WORKER_UNKNOWN");
  }

  @Test
  void refusesStreamsWithoutKey() {
    FakeWorker worker = plant.unconnected("w", 1);

    worker.open();

    await().atMost(Plant.PATIENCE).until(() -> worker.error() != null);
    assertThat(RpcErrors.reason(worker.error())).isEqualTo("WORKER_UNKNOWN");
  }

  @Test
  void takesTheLaterOfTwoStreamsOfOneRegistration() {
    FakeWorker worker = plant.worker("w", 1);
    worker.connect();

    assertThat(worker.settle(FakeWorker.success(others.leased(0, worker.row()), ""))).isEmpty();
    assertThat(table.state(worker.row())).isEqualTo(WorkerTable.State.ALIVE);
  }

  @Test
  void drainsWorkerAndTellsItAgainOnItsNextStream() {
    FakeWorker worker = plant.worker("w", 1);
    others.takeFromSchedulerRing();

    WorkerInfo info =
        plant
            .stub()
            .drainWorker(DrainWorkerRequest.newBuilder().setWorkerId("w").build())
            .getWorker();

    assertThat(info.getState()).isEqualTo(WorkerState.WORKER_STATE_DRAINING);
    assertThat(table.state(worker.row())).isEqualTo(WorkerTable.State.DRAINING);
    assertThat(others.takeFromSchedulerRing())
        .containsExactly(new Others.Entry(Rings.WORKER_CHANGED, worker.row(), 1));
    await().atMost(Plant.PATIENCE).until(worker::heardDrain);
    worker.connect();
    await().atMost(Plant.PATIENCE).until(worker::heardDrain);
    assertThat(worker.settle(FakeWorker.success(others.leased(0, worker.row()), ""))).isEmpty();
  }

  @Test
  void saysWhenTheWorkerToDrainIsUnknown() {
    StatusRuntimeException error =
        failure(
            () ->
                plant
                    .stub()
                    .drainWorker(DrainWorkerRequest.newBuilder().setWorkerId("no").build()));

    assertThat(error.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);
    assertThat(RpcErrors.reason(error)).isEqualTo("WORKER_UNKNOWN");
    assertThat(error.getStatus().getDescription()).contains("worker_id=no");
  }

  @Test
  void freesTheRowOfWorkerThatLeaves() {
    FakeWorker worker = plant.worker("w", 1);
    worker.send(HeartbeatRequest.newBuilder().setDraining(true));
    awaitState(worker, WorkerTable.State.DRAINING);
    others.takeFromSchedulerRing();

    worker.send(HeartbeatRequest.newBuilder().setLeaving(true));
    worker.halfClose();

    awaitState(worker, WorkerTable.State.FREE);
    await().atMost(Plant.PATIENCE).until(worker::isCompleted);
    assertThat(others.takeFromSchedulerRing())
        .containsExactly(new Others.Entry(Rings.WORKER_CHANGED, worker.row(), 1));
  }

  @Test
  void listsWorkersInPagesAndTheDeadOnlyIfAsked() {
    for (int i = 0; i < 5; i++) {
      plant.worker("w" + i);
    }
    FakeWorker dead = plant.worker("dead");
    dead.kill();
    awaitState(dead, WorkerTable.State.DEAD);

    ListWorkersResponse first =
        plant.stub().listWorkers(ListWorkersRequest.newBuilder().setPageSize(3).build());
    ListWorkersResponse second =
        plant
            .stub()
            .listWorkers(
                ListWorkersRequest.newBuilder()
                    .setPageSize(3)
                    .setPageToken(first.getNextPageToken())
                    .build());
    ListWorkersResponse all =
        plant.stub().listWorkers(ListWorkersRequest.newBuilder().setIncludeDead(true).build());

    assertThat(first.getWorkersList())
        .extracting(WorkerInfo::getWorkerId)
        .containsExactly("w0", "w1", "w2");
    assertThat(second.getWorkersList())
        .extracting(WorkerInfo::getWorkerId)
        .containsExactly("w3", "w4");
    assertThat(second.getNextPageToken()).isEmpty();
    assertThat(all.getWorkersList()).hasSize(6);
    assertThat(all.getWorkers(5).getState()).isEqualTo(WorkerState.WORKER_STATE_DEAD);
  }

  @Test
  void refusesBadPages() {
    StatusRuntimeException size =
        failure(
            () ->
                plant
                    .stub()
                    .listWorkers(ListWorkersRequest.newBuilder().setPageSize(10_001).build()));
    StatusRuntimeException token =
        failure(
            () ->
                plant
                    .stub()
                    .listWorkers(ListWorkersRequest.newBuilder().setPageToken("x").build()));

    assertThat(RpcErrors.reason(size)).isEqualTo("PAGE_SIZE_INVALID");
    assertThat(RpcErrors.reason(token)).isEqualTo("PAGE_TOKEN_INVALID");
  }

  @Test
  void showsWhatTheLastBeatSaid() {
    FakeWorker worker = plant.worker("w", 1);
    worker.send(
        HeartbeatRequest.newBuilder()
            .setLoad(
                WorkerLoad.newBuilder().setRunning(2).setQueued(3).setCpu(0.5f).setServiceUs(70)));
    await().atMost(Plant.PATIENCE).until(() -> table.serviceMicros(worker.row()) == 70);

    WorkerInfo info =
        plant.stub().listWorkers(ListWorkersRequest.getDefaultInstance()).getWorkers(0);

    assertThat(info.getRunning()).isEqualTo(2);
    assertThat(info.getQueued()).isEqualTo(3);
    assertThat(info.getCpu()).isEqualTo(0.5f);
    assertThat(info.getServiceUs()).isEqualTo(70);
    assertThat(info.getTaskTypesList()).containsExactly("echo");
  }

  private void awaitState(FakeWorker worker, WorkerTable.State state) {
    await()
        .atMost(Plant.PATIENCE)
        .untilAsserted(() -> assertThat(table.state(worker.row())).isEqualTo(state));
  }
}
