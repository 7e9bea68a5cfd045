package io.tidemill.system.kills;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/** Threads that do something again and again while servers are killed. */
final class Background {
  /** Something that is done for the n-th time. */
  interface Turn {
    void take(long turn) throws Exception;
  }

  private final List<Thread> threads = new ArrayList<>();
  private final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
  private volatile boolean stopping;

  void run(String name, Turn turn) {
    Thread thread = new Thread(() -> repeat(turn), name);
    thread.setDaemon(true);
    threads.add(thread);
    thread.start();
  }

  private void repeat(Turn turn) {
    try {
      for (long i = 0; !stopping; i++) {
        turn.take(i);
      }
    } catch (Throwable failure) {
      failures.add(failure);
    }
  }

  /** Lets each finish its turn, and fails if one of them did. */
  void stop() throws InterruptedException {
    stopping = true;
    for (Thread thread : threads) {
      thread.join(TimeUnit.MINUTES.toMillis(3));
      if (thread.isAlive()) {
        throw new AssertionError("it does not come to its end: " + thread.getName());
      }
    }
    check();
  }

  /** Fails if one of them did. */
  void check() {
    if (!failures.isEmpty()) {
      throw new AssertionError("it failed amid the kills", failures.peek());
    }
  }
}
