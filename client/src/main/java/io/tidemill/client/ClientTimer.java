package io.tidemill.client;

import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs short work after a while, on a daemon thread of its own: repetitions of calls and the
 * reopening of sessions.
 */
final class ClientTimer {
  private static final Logger LOG = LoggerFactory.getLogger(ClientTimer.class);

  private final ScheduledThreadPoolExecutor executor;

  ClientTimer() {
    executor =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "tidemill-client-timer");
              thread.setDaemon(true);
              return thread;
            },
            new ThreadPoolExecutor.DiscardPolicy()); // closed meanwhile: nobody waits for it
  }

  /** Returns false, and does nothing, if the client was closed. */
  boolean after(long millis, Runnable work) {
    if (executor.isShutdown()) {
      return false;
    }
    var unused = executor.schedule(() -> run(work), millis, TimeUnit.MILLISECONDS);
    return true;
  }

  private static void run(Runnable work) {
    try {
      work.run();
    } catch (RuntimeException e) {
      LOG.error("work of the client's timer failed; this is a bug", e);
    }
  }

  void close() {
    executor.shutdownNow();
  }
}
