package io.tidemill.worker;

import com.google.protobuf.ByteString;
import io.tidemill.v1.Assignment;
import io.tidemill.v1.ParentResult;
import io.tidemill.v1.TaskPartial;
import io.tidemill.v1.TaskReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * One lease that this worker holds, from its assignment to the verdict on its report. The one
 * object of a task: it is the entry of the local queue, the handler's context and the report in the
 * outbox.
 *
 * <pre>
 *   QUEUED --start--> RUNNING ----------------finish--> DONE
 *     |                 |                                ^
 *     |                 +--cancel--> INTERRUPTING --> CANCELLED (told, still running)
 *     +-----------cancel, return, supersede--------------+
 * </pre>
 *
 * The state is moved by CAS alone; whoever moves it to DONE writes the report and hands it to the
 * outbox.
 */
final class HeldTask implements TaskContext, Comparable<HeldTask> {
  static final int QUEUED = 0;
  static final int RUNNING = 1;
  static final int INTERRUPTING = 2;
  static final int CANCELLED = 3;
  static final int DONE = 4;

  private static final int ERROR_CHARS_MAX = 4_000;
  private static final int PROGRESS_CHARS_MAX = 200;
  private static final AtomicIntegerFieldUpdater<HeldTask> STATE =
      AtomicIntegerFieldUpdater.newUpdater(HeldTask.class, "state");

  // Written once, before the task is handed on.
  final long taskId;
  final long lease;
  final long turn;
  final int priority;

  /** What the order of starting goes by: the priority, or what counts in its place. */
  final long rank;

  final long sequence;
  final TaskHandler handler;
  private final RunWatch watch;

  /** Null: its start need not be known first. */
  final StartGate gate;

  // Dropped when the task is done, so that a result waiting for its verdict does not keep the
  // payload.
  private volatile Assignment assignment;
  private volatile int state = QUEUED;

  // Written by the thread that runs the handler, before RUNNING.
  private Thread runner;
  private long startNanos;

  // Written by whoever sends reports.
  volatile boolean startTold;

  // The report. Written by whoever moved the state to DONE, before the hand-over to the outbox.
  private TaskReport.Kind kind;
  private ByteString result = ByteString.EMPTY;
  private String error = "";
  private long runMicros;
  // The outbox's links and notes.
  HeldTask nextPending;
  boolean verdictNamedIt;

  // Guarded by this.
  private List<Runnable> cancelActions;
  private String cancelReason = "";
  private float progressFraction;
  private String progressMessage = "";
  private boolean progressQueued;

  /** Null until the handler emits anything, and once the report has been sent. */
  private volatile Emissions emissions;

  /** What goes before the report, as often as that is sent: a Register may die with it. */
  private volatile TaskPartial lastPartial;

  HeldTask(Assignment assignment, TaskHandler handler, RunWatch watch) {
    this(assignment, handler, watch, 0);
  }

  /**
   * @param turn goes before the priority in the order of starting: the lower one first
   */
  HeldTask(Assignment assignment, TaskHandler handler, RunWatch watch, long turn) {
    this.turn = turn;
    this.taskId = assignment.getTaskId();
    this.lease = assignment.getLease();
    this.priority = assignment.getPriority();
    this.rank = assignment.hasRank() ? assignment.getRank() : priority;
    this.sequence = assignment.getSequence();
    this.assignment = assignment;
    this.handler = handler;
    this.watch = watch;
    this.gate = assignment.getAnnounceStart() ? new StartGate() : null;
  }

  // ---- the way of a task

  /** By an executor: false if it was cancelled, returned or superseded meanwhile. */
  boolean start(Thread thread, long nowNanos) {
    runner = thread;
    startNanos = nowNanos;
    return STATE.compareAndSet(this, QUEUED, RUNNING);
  }

  /**
   * Ends a task that has not started: false if it has. True: the caller hands it to the outbox, or
   * drops it.
   */
  boolean endUnstarted(TaskReport.Kind kind, String error) {
    if (!STATE.compareAndSet(this, QUEUED, DONE)) {
      return false;
    }
    write(kind, ByteString.EMPTY, error, 0);
    return true;
  }

  /** By the thread that ran the handler. */
  void finish(TaskReport.Kind kind, ByteString result, String error, long runMicros) {
    write(kind, result, error, runMicros);
    if (!STATE.compareAndSet(this, RUNNING, DONE)) {
      finishCancelled();
    }
  }

  /**
   * The interrupt must have arrived before this thread takes another task, and must not be seen by
   * that one.
   */
  private void finishCancelled() {
    while (state == INTERRUPTING) {
      Thread.onSpinWait();
    }
    state = DONE;
    Thread.interrupted();
  }

  private void write(TaskReport.Kind kind, ByteString result, String error, long runMicros) {
    this.kind = kind;
    this.result = result;
    this.error = error.length() > ERROR_CHARS_MAX ? error.substring(0, ERROR_CHARS_MAX) : error;
    this.runMicros = runMicros;
    this.assignment = null;
  }

  /**
   * Tells a running handler to stop. False if it does not run, or was told before.
   *
   * @return the actions that the handler wants run now, or null if it was not running
   */
  List<Runnable> cancelRunning(String reason) {
    synchronized (this) {
      if (state != RUNNING) {
        return null;
      }
      cancelReason = reason;
      if (!STATE.compareAndSet(this, RUNNING, INTERRUPTING)) {
        return null;
      }
      runner.interrupt();
      state = CANCELLED;
      List<Runnable> actions = cancelActions == null ? List.of() : cancelActions;
      cancelActions = null;
      return actions;
    }
  }

  int state() {
    return state;
  }

  boolean isRunning() {
    int now = state;
    return now == RUNNING || now == INTERRUPTING || now == CANCELLED;
  }

  /** Whether the handler waits until its start is known. */
  boolean awaitsGate() {
    return gate != null && !gate.isOpen();
  }

  long startNanos() {
    return startNanos;
  }

  // ---- the report

  TaskReport report() {
    TaskReport.Builder report =
        TaskReport.newBuilder()
            .setTaskId(taskId)
            .setLease(lease)
            .setKind(kind)
            .setResult(result)
            .setRunUs(runMicros);
    if (!error.isEmpty()) {
      report.setError(error);
    }
    return report.build();
  }

  /** About what the report takes on the wire. */
  int reportBytes() {
    Emissions emitted = emissions;
    TaskPartial last = lastPartial;
    return 40
        + result.size()
        + 3 * error.length()
        + (emitted == null ? 0 : emitted.size())
        + (last == null ? 0 : last.getData().size());
  }

  /** What the handler has emitted and was not sent, to go before the report; null: it never did. */
  TaskPartial lastPartial() {
    Emissions emitted = emissions;
    if (emitted != null) {
      lastPartial = emitted.takeLast(this);
      emissions = null;
    }
    return lastPartial;
  }

  // ---- the context

  @Override
  public long taskId() {
    return taskId;
  }

  @Override
  public String type() {
    Assignment a = assignment;
    return a == null ? "" : a.getType();
  }

  @Override
  public ByteString payload() {
    Assignment a = assignment;
    return a == null ? ByteString.EMPTY : a.getPayload();
  }

  @Override
  public int priority() {
    return priority;
  }

  @Override
  public int attempt() {
    Assignment a = assignment;
    return a == null ? 0 : a.getAttempt();
  }

  @Override
  public long fencingToken() {
    return lease;
  }

  @Override
  public List<ParentResult> parents() {
    Assignment a = assignment;
    return a == null ? List.of() : a.getParentsList();
  }

  @Override
  public Duration executionTimeout() {
    Assignment a = assignment;
    return a == null
        ? Duration.ZERO
        : Duration.ofMillis(Integer.toUnsignedLong(a.getExecutionTimeoutMs()));
  }

  @Override
  public boolean isCancelled() {
    int now = state;
    return now == CANCELLED || now == INTERRUPTING;
  }

  @Override
  public synchronized String cancelReason() {
    return isCancelled() ? cancelReason : "";
  }

  @Override
  public void onCancel(Runnable action) {
    synchronized (this) {
      if (state == RUNNING) {
        if (cancelActions == null) {
          cancelActions = new ArrayList<>(2);
        }
        cancelActions.add(action);
        return;
      }
      if (!isCancelled()) {
        return;
      }
    }
    action.run();
  }

  @Override
  public void progress(float fraction, String message) {
    if (!(fraction >= 0 && fraction <= 1)) {
      throw new IllegalArgumentException(
          "not a fraction: value=" + fraction + "; progress is told as 0 to 1");
    }
    String text = message == null ? "" : message;
    synchronized (this) {
      progressFraction = fraction;
      progressMessage =
          text.length() > PROGRESS_CHARS_MAX ? text.substring(0, PROGRESS_CHARS_MAX) : text;
      if (progressQueued) {
        return;
      }
      progressQueued = true;
    }
    watch.progressed(this);
  }

  @Override
  public void emit(ByteString data) {
    if (data.isEmpty() || !isRunning()) {
      return;
    }
    Emissions own = emissions;
    if (own == null) {
      synchronized (this) {
        own = emissions == null ? new Emissions() : emissions;
        emissions = own;
      }
    }
    if (own.add(data)) {
      watch.emitted(this);
    }
  }

  /** By the sender, of a task that is queued for it; null once the last of it was taken. */
  Emissions emissions() {
    return emissions;
  }

  /** By the sender: the latest word; what comes after queues the task again. */
  synchronized io.tidemill.v1.TaskProgress takeProgress() {
    progressQueued = false;
    return io.tidemill.v1.TaskProgress.newBuilder()
        .setTaskId(taskId)
        .setLease(lease)
        .setFraction(progressFraction)
        .setMessage(progressMessage)
        .build();
  }

  /** The order of starting: the turn, then higher rank first, then the place in the order. */
  @Override
  public int compareTo(HeldTask other) {
    if (turn != other.turn) {
      return Long.compare(turn, other.turn);
    }
    int byRank = Long.compare(other.rank, rank);
    return byRank != 0 ? byRank : Long.compareUnsigned(sequence, other.sequence);
  }

  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(taskId);
  }
}
