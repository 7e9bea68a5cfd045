package io.tidemill.worker;

import io.tidemill.v1.HeartbeatRequest;
import io.tidemill.v1.TaskStart;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

/**
 * Finds handlers that run long enough for their start to be told, and gathers what handlers say of
 * their progress, and what they emit. One timer for all tasks, set only while some handler runs
 * whose start is not told; none when the worker is idle, or busy with what it has told already.
 */
final class RunWatch {
  static final long START_TOLD_AFTER_MILLIS = 20;
  static final long PROGRESS_EVERY_MILLIS = 100;
  private static final long START_TOLD_AFTER_NANOS =
      TimeUnit.MILLISECONDS.toNanos(START_TOLD_AFTER_MILLIS);
  private static final int MESSAGE_STARTS_MAX = 1_000;
  private static final int MESSAGE_PROGRESS_MAX = 1_000;

  /** The tasks whose handlers run now. */
  interface Running {
    Iterable<HeldTask> tasks();
  }

  private final ScheduledExecutorService control;
  private final LongSupplier nanoClock;
  private final Running running;
  private final Runnable send;

  private final AtomicBoolean startTimer = new AtomicBoolean();
  private final AtomicBoolean progressTimer = new AtomicBoolean();
  private final ConcurrentLinkedQueue<HeldTask> progressed = new ConcurrentLinkedQueue<>();
  private final EmissionQueue emitted = new EmissionQueue();
  private volatile boolean startsDue;
  private volatile boolean progressDue;

  /**
   * @param send has the sender collect
   */
  RunWatch(
      ScheduledExecutorService control, LongSupplier nanoClock, Running running, Runnable send) {
    this.control = control;
    this.nanoClock = nanoClock;
    this.running = running;
    this.send = send;
  }

  /** By an executor, after its task can be seen through {@link Running}. */
  void started() {
    if (!startTimer.get() && startTimer.compareAndSet(false, true)) {
      Control.after(control, START_TOLD_AFTER_MILLIS, this::look);
    }
  }

  /** By an executor whose task waits until its start is known: it is told at once. */
  void announce() {
    startsDue = true;
    send.run();
  }

  /**
   * The flag is lowered before looking, so that a task that starts meanwhile sets the timer itself.
   */
  private void look() {
    startTimer.set(false);
    long now = nanoClock.getAsLong();
    boolean young = false;
    boolean due = false;
    for (HeldTask task : running.tasks()) {
      if (task.isRunning() && !task.startTold) {
        boolean old = now - task.startNanos() >= START_TOLD_AFTER_NANOS;
        due |= old;
        young |= !old;
      }
    }
    if (due) {
      startsDue = true;
      send.run();
    }
    if (young) {
      started();
    }
  }

  /** By a handler's thread, when it has something to say and nothing of it waits to be sent. */
  void progressed(HeldTask task) {
    progressed.add(task);
    setProgressTimer();
  }

  /** By a handler's thread, when it has emitted something and nothing of it waits to be sent. */
  void emitted(HeldTask task) {
    emitted.add(task);
    setProgressTimer();
  }

  private void setProgressTimer() {
    if (progressTimer.compareAndSet(false, true)) {
      Control.after(control, PROGRESS_EVERY_MILLIS, this::progressDue);
    }
  }

  private void progressDue() {
    progressTimer.set(false);
    progressDue = true;
    send.run();
  }

  /** By the sender, for a new stream: who is at its other end may not know what was told before. */
  void tellStartsAgain() {
    for (HeldTask task : running.tasks()) {
      task.startTold = false;
    }
    startsDue = true;
  }

  /** By the sender: adds what is due; a beat takes progress along in any case. */
  boolean collect(HeartbeatRequest.Builder message, boolean isBeat) {
    boolean any = false;
    if (startsDue) {
      startsDue = false;
      any = collectStarts(message);
    }
    if (progressDue || isBeat) {
      progressDue = false;
      any |= collectProgress(message);
      any |= collectEmitted(message);
    }
    return any;
  }

  private boolean collectEmitted(HeartbeatRequest.Builder message) {
    if (emitted.isEmpty()) {
      return false;
    }
    emitted.collect(message);
    if (!emitted.isEmpty()) {
      setProgressTimer();
    }
    return message.getPartialsCount() > 0;
  }

  private boolean collectStarts(HeartbeatRequest.Builder message) {
    long now = nanoClock.getAsLong();
    for (HeldTask task : running.tasks()) {
      long age = now - task.startNanos();
      boolean due = age >= START_TOLD_AFTER_NANOS || task.gate != null;
      if (!task.startTold && due && task.isRunning()) {
        if (message.getStartedCount() == MESSAGE_STARTS_MAX) {
          startsDue = true;
          break;
        }
        task.startTold = true;
        message.addStarted(
            TaskStart.newBuilder()
                .setTaskId(task.taskId)
                .setLease(task.lease)
                .setAgeMs((int) TimeUnit.NANOSECONDS.toMillis(age))
                .setAwaits(task.awaitsGate()));
      }
    }
    return message.getStartedCount() > 0;
  }

  private boolean collectProgress(HeartbeatRequest.Builder message) {
    HeldTask task = null;
    while (message.getProgressCount() < MESSAGE_PROGRESS_MAX
        && (task = progressed.poll()) != null) {
      if (task.isRunning()) {
        message.addProgress(task.takeProgress());
      }
    }
    if (task != null) {
      progressDue = true;
    }
    return message.getProgressCount() > 0;
  }
}
