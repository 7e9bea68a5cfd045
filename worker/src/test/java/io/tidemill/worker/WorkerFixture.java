package io.tidemill.worker;

import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A fake Register, a fake Main Scheduler, and a worker between them. */
abstract class WorkerFixture {
  static final Duration DEADLINE = Duration.ofSeconds(30);

  FakeScheduler scheduler;
  FakeRegister register;
  TidemillWorker worker;
  // A handler of type "gate" says that it started, and then waits until a test opens the gate.
  final CountDownLatch gateReached = new CountDownLatch(1);
  final CountDownLatch gate = new CountDownLatch(1);

  @BeforeEach
  void startServers() throws IOException {
    scheduler = new FakeScheduler(0);
    register = new FakeRegister(0, ":" + scheduler.port());
  }

  @AfterEach
  void stopAll() {
    gate.countDown();
    if (worker != null) {
      worker.close();
    }
    register.close();
    scheduler.close();
  }

  WorkerBuilder builder() {
    return TidemillWorker.builder()
        .register(register.address())
        .workerId("w1")
        .capacity(1)
        .handler("echo", TaskContext::payload)
        .handler("gate", this::waitAtGate);
  }

  private ByteString waitAtGate(TaskContext context) throws InterruptedException {
    gateReached.countDown();
    gate.await();
    return context.payload();
  }

  void startConnected(WorkerBuilder builder) {
    worker = builder.build().start();
    until(() -> register.isConnected() && !scheduler.hellos.isEmpty());
  }

  static void until(Callable<Boolean> condition) {
    await()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(5))
        .atMost(DEADLINE)
        .until(condition);
  }
}
