package io.tidemill.plm;

import io.tidemill.plm.schedule.CronTimes;
import io.tidemill.shm.instance.Fatal;
import io.tidemill.shm.instance.Instance;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Does what is due when it is, and what clients ask for in between. Sleeps until then; there is no
 * thread until there is a schedule.
 */
final class ScheduleThread implements AutoCloseable {
  static final int QUEUE_MAX = 1_000;

  /** Beyond this the clock did not just drift. */
  private static final long JUMP_MILLIS = 50;

  private final Instance instance;
  private final Schedules schedules;
  private final LongSupplier wall;
  private final LinkedBlockingQueue<Runnable> asked = new LinkedBlockingQueue<>(QUEUE_MAX);
  private Thread thread;
  private long wallOffset;
  private volatile boolean closed;

  ScheduleThread(Instance instance, Schedules schedules, LongSupplier wall) {
    this.instance = instance;
    this.schedules = schedules;
    this.wall = wall;
    this.wallOffset = offset();
  }

  /** A start has found schedules. */
  void start() {
    if (schedules.isNeeded()) {
      begin();
    }
  }

  private synchronized void begin() {
    if (thread == null && !closed) {
      thread = new Thread(this::run, "schedules");
      thread.setDaemon(true);
      thread.start();
    }
  }

  /** Runs it on our thread, with the schedules loaded; answers null, or why not. */
  Refused execute(Runnable work) {
    begin();
    return asked.offer(work)
        ? null
        : Refused.exhausted(
            "SCHEDULES_BUSY",
            "too many calls for schedules wait: queue=" + QUEUE_MAX + "; try again",
            Map.of("field", "name", "retry_after_ms", "500"),
            500);
  }

  /** Now and then: a clock that was set changes when we are to wake up. */
  void lookAtClock() {
    long now = offset();
    long moved = Math.abs(now - wallOffset);
    wallOffset = now;
    if (moved > JUMP_MILLIS) {
      asked.offer((Runnable) () -> {});
    }
  }

  private long offset() {
    return wall.getAsLong() - TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
  }

  private void run() {
    try {
      schedules.load();
      while (!closed) {
        int done = schedules.turn();
        Runnable work = done > 0 ? asked.poll() : asked.poll(untilDue(), TimeUnit.MILLISECONDS);
        if (work != null) {
          work.run();
        }
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    } catch (Throwable broken) {
      Fatal.halt(instance, "the schedules broke off", broken);
    }
  }

  private long untilDue() {
    long due = schedules.due();
    return due == CronTimes.NEVER ? Long.MAX_VALUE : Math.max(0, due - wall.getAsLong());
  }

  @Override
  public void close() throws InterruptedException {
    Thread running;
    synchronized (this) {
      closed = true;
      running = thread;
    }
    if (running != null) {
      asked.offer((Runnable) () -> {});
      running.join(TimeUnit.SECONDS.toMillis(5));
    }
  }
}
