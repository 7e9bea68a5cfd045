package io.tidemill.scheduler;

import static io.tidemill.scheduler.FakeWorker.awaitPayloads;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemill.shm.region.Counter;
import io.tidemill.shm.region.Offer;
import io.tidemill.shm.region.Offer.QueueOrder;
import io.tidemill.shm.region.Offer.Share;
import io.tidemill.shm.region.Rule;
import io.tidemill.shm.region.TaskState;
import io.tidemill.v1.HeldLease;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Queues, labels and amounts, with a Main Scheduler on a real port. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class LanesTest {
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
  void bringsATaskOnlyToWhoSubscribesItsQueueAndHasItsLabels() {
    plant.submit("echo @mail", 9, "mail");
    plant.submit("echo zone=b", 8, "b");
    plant.submit("echo @mail zone=a", 7, "mail-a");
    plant.submit("echo", 6, "plain");
    FakeWorker b = connect(0, queues(QueueOrder.PRIORITY).with("zone", "b"), 10);
    awaitPayloads(b, "mail", "b", "plain");
    FakeWorker a = connect(1, queues(QueueOrder.PRIORITY, "mail=1").with("zone", "a"), 10);
    awaitPayloads(a, "mail-a");
    assertThat(a.assignments().get(0).getQueue()).isEqualTo("mail");
    assertThat(b.assignments().get(1).getQueue()).isEmpty();
  }

  @Test
  void neverLeasesMoreThanAWorkerHas() throws Exception {
    FakeWorker worker = connect(0, queues(QueueOrder.PRIORITY).with("cpu", 4), 10);
    int two = plant.submit("echo cpu>=2", 0, "a");
    plant.submit("echo cpu>=2", 0, "b");
    awaitPayloads(worker, "a", "b");
    int third = plant.submit("echo cpu>=3", 5, "c");
    plant.submit("echo cpu>=5", 9, "never");
    plant.submit("echo", 0, "plain");
    awaitPayloads(worker, "a", "b", "plain");
    assertThat(plant.state(third)).isEqualTo(TaskState.READY);
    plant.succeed(two);
    plant.submit("echo cpu>=1", 0, "d");
    awaitPayloads(worker, "a", "b", "plain", "d");
    FakeWorker back = restart(worker);
    int fifth = plant.submit("echo cpu>=2", 7, "e");
    plant.submit("echo cpu>=1", 6, "f");
    awaitPayloads(back, "f");
    assertThat(plant.state(fifth)).isEqualTo(TaskState.READY);
    assertThat(plant.state(third)).isEqualTo(TaskState.READY);
  }

  @Test
  void servesQueuesStrictlyIfTheWorkerSaysSo() {
    for (int i = 0; i < 3; i++) {
      plant.submit("echo @bulk", 9, "bulk" + i);
    }
    plant.submit("echo @mail", 0, "mail0");
    plant.submit("spin @mail", 1, "mail1");
    FakeWorker worker = connect(0, queues(QueueOrder.STRICT, "mail=1", "bulk=1"), 10);
    awaitPayloads(worker, "mail1", "mail0", "bulk0", "bulk1", "bulk2");
  }

  @Test
  void servesQueuesByTheirWeightsIfTheWorkerSaysSo() {
    for (int i = 0; i < 8; i++) {
      plant.submit("echo @bulk", 9, "b");
      plant.submit("echo @mail", 0, "m");
    }
    FakeWorker worker = connect(0, queues(QueueOrder.WEIGHTED, "mail=3", "bulk=1"), 8);
    await().until(() -> worker.assignments().size() == 8);
    assertThat(worker.assignments().stream().filter(a -> a.getQueue().equals("mail"))).hasSize(6);
  }

  @Test
  void givesTheBestTaskToAWorkerWithoutAnOrderOfItsOwnMeanwhile() {
    plant.submit("echo @bulk", 9, "bulk");
    plant.submit("echo @mail", 0, "mail");
    FakeWorker plain = connect(0, queues(QueueOrder.PRIORITY), 1);
    awaitPayloads(plain, "bulk");
    FakeWorker strict = connect(1, queues(QueueOrder.STRICT, "mail=1", "bulk=1"), 1);
    awaitPayloads(strict, "mail");
  }

  @Test
  void assignsNothingOfAPausedQueueUntilItIsResumed() {
    plant.rules(Rule.ofQueue("mail", true, 0));
    int held = plant.submit("echo @mail", 9, "mail");
    plant.submit("echo", 0, "plain");
    FakeWorker worker = connect(0, queues(QueueOrder.PRIORITY), 10);
    awaitPayloads(worker, "plain");
    assertThat(plant.state(held)).isEqualTo(TaskState.READY);
    plant.rules();
    awaitPayloads(worker, "plain", "mail");
  }

  @Test
  void setsAsideWhatItsKeyMayNotRunAndBringsTheBestBack() throws Exception {
    plant.rules(Rule.ofKey("user:*", 1, 0, 0, 1));
    int first = plant.submitOf("user:1", "echo", 9, "a");
    int second = plant.submitOf("user:1", "echo", 1, "b");
    int third = plant.submitOf("user:1", "echo", 5, "c");
    plant.submitOf("user:2", "echo", 0, "d");
    plant.submitOf("team", "echo", 0, "e");
    plant.submit("echo", 0, "f");
    FakeWorker worker = connect(0, queues(QueueOrder.PRIORITY), 10);
    awaitPayloads(worker, "a", "d", "e", "f");
    FakeWorker back = restart(worker);
    plant.submit("echo", -1, "g");
    awaitPayloads(back, "g");
    assertThat(plant.state(third)).isEqualTo(TaskState.READY);
    plant.succeed(first);
    awaitPayloads(back, "g", "c");
    assertThat(plant.state(second)).isEqualTo(TaskState.READY);
    plant.rules();
    awaitPayloads(back, "g", "c", "b");
  }

  @Test
  void bringsTheNextBackWhenTheBestOneWasCancelledMeanwhile() {
    plant.rules(Rule.ofKey("k", 1, 0, 0, 1));
    int first = plant.submitOf("k", "echo", 9, "a");
    FakeWorker worker = connect(0, queues(QueueOrder.PRIORITY), 2);
    awaitPayloads(worker, "a");
    int cancelled = plant.submitOf("k", "echo", 5, "b");
    plant.submitOf("k", "echo", 1, "c");
    plant.submit("echo", 0, "d");
    awaitPayloads(worker, "a", "d");
    long word = plant.tasks().record(cancelled, plant.tasks().word(cancelled));
    plant.tasks().end(cancelled, word, TaskState.CANCELLED);
    plant.succeed(first);
    awaitPayloads(worker, "a", "d", "c");
  }

  @Test
  void keepsTheRateOfAKey() {
    plant.rules(Rule.ofKey("k", 0, 1, 200, 1));
    long began = System.nanoTime();
    for (int i = 0; i < 5; i++) {
      plant.submitOf("k", "echo", 0, "t" + i);
    }
    FakeWorker worker = connect(0, queues(QueueOrder.PRIORITY), 10);
    awaitPayloads(worker, "t0", "t1", "t2", "t3", "t4");
    assertThat(System.nanoTime() - began).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(790));
  }

  /** It comes again, with what it holds. */
  private FakeWorker restart(FakeWorker worker) throws Exception {
    HeldLease[] held =
        worker.assignments().stream()
            .map(
                a -> HeldLease.newBuilder().setTaskId(a.getTaskId()).setLease(a.getLease()).build())
            .toArray(HeldLease[]::new);
    long key = keys.get(0);
    plant.close();
    plant = plant.again();
    return plant.connect(key, 10, held);
  }

  private final List<Long> keys = new ArrayList<>();

  private FakeWorker connect(int row, Said said, int window) {
    long key = plant.register(row, said.offer(), "echo", "spin");
    keys.add(key);
    return plant.connect(key, window);
  }

  private static Said queues(QueueOrder order, String... shares) {
    List<Share> queues = new ArrayList<>();
    for (String share : shares) {
      String[] parts = share.split("=");
      queues.add(new Share(parts[0], Integer.parseInt(parts[1])));
    }
    return new Said(new Offer(queues, order, Map.of(), Map.of()));
  }

  private record Said(Offer offer) {
    Said with(String label, String value) {
      return new Said(
          new Offer(offer.queues(), offer.order(), Map.of(label, value), offer.amounts()));
    }

    Said with(String amount, long value) {
      return new Said(
          new Offer(offer.queues(), offer.order(), offer.labels(), Map.of(amount, value)));
    }
  }
}
