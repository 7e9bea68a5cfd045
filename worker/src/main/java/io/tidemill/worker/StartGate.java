package io.tidemill.worker;

import java.util.concurrent.CountDownLatch;

/**
 * Before a handler whose start has to be known first: a task that kills its worker at once is found
 * out, since the Register knew that it ran, and what waited behind it is not blamed.
 */
final class StartGate {
  private final CountDownLatch known = new CountDownLatch(1);

  /** By the task's thread; a cancellation interrupts it. */
  void await() throws InterruptedException {
    known.await();
  }

  /** By the heartbeat stream. */
  void open() {
    known.countDown();
  }

  boolean isOpen() {
    return known.getCount() == 0;
  }
}
