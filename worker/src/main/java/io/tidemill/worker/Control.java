package io.tidemill.worker;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The control thread: one for each worker, which registers, reconnects, beats and keeps the timers.
 * It never blocks on a server or a handler. Not a daemon, so that a program whose main method only
 * starts a worker lives as long as the worker.
 */
final class Control {
  private static final Logger LOG = LoggerFactory.getLogger("io.tidemill.worker");

  private Control() {}

  static ScheduledThreadPoolExecutor newThread(String name) {
    ScheduledThreadPoolExecutor control =
        new ScheduledThreadPoolExecutor(1, task -> new Thread(task, name));
    control.setRemoveOnCancelPolicy(true);
    control.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    control.setContinueExistingPeriodicTasksAfterShutdownPolicy(false);
    return control;
  }

  /** Does nothing once the worker has ended. */
  static void run(ScheduledExecutorService control, Runnable task) {
    after(control, 0, task);
  }

  @SuppressWarnings("FutureReturnValueIgnored") // What the task throws is logged by guarded.
  static void after(ScheduledExecutorService control, long millis, Runnable task) {
    try {
      control.schedule(() -> guarded(task), millis, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException ended) {
      LOG.trace("not run, since the worker has ended");
    }
  }

  static ScheduledFuture<?> every(ScheduledExecutorService control, long millis, Runnable task) {
    return control.scheduleAtFixedRate(() -> guarded(task), millis, millis, TimeUnit.MILLISECONDS);
  }

  /** A scheduled task's exception would be kept in a future that nobody reads. */
  private static void guarded(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      LOG.error("broken invariant in the worker's control thread; please report this", e);
      throw e;
    }
  }
}
