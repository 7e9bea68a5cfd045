package io.tidemill.worker;

import io.tidemill.v1.WorkerLoad;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.HdrHistogram.Histogram;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs tasks of a Tidemill instance with handlers of yours.
 *
 * <pre>{@code
 * TidemillWorker worker =
 *     TidemillWorker.builder()
 *         .register("127.0.0.1:7413")
 *         .workerId("w1")
 *         .capacity(4)
 *         .handler("echo", context -> context.payload())
 *         .build()
 *         .start();
 * }</pre>
 *
 * {@link #start} does not wait: the worker registers as soon as the Register answers, and
 * reconnects for as long as it takes. A task may be executed more than once; exactly one result of
 * it is recorded. A result is kept and sent again until the Register has given its verdict. Safe
 * for use by many threads.
 */
public final class TidemillWorker implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("io.tidemill.worker");
  private static final long LEAVE_WAIT_MILLIS = 2_000;
  private static final AtomicInteger WORKERS = new AtomicInteger();

  private final WorkerOptions options;
  private final ScheduledThreadPoolExecutor control;
  private final ExecutorService cancelActions;
  private final Figures figures = new Figures();
  private final Outbox outbox = new Outbox();
  private final RunWatch watch;
  private final TaskExecutors executors;
  private final HeldTasks held;
  private final ReportSender sender;
  private final WindowPolicy windowPolicy;
  private final WorkerSession session;
  private final AtomicBoolean windowBusy = new AtomicBoolean();
  private final CompletableFuture<WorkerEnd> end = new CompletableFuture<>();
  private volatile int resultBytesMax = Integer.MAX_VALUE;
  private volatile boolean draining;

  // By the control thread.
  private boolean started;
  private boolean leaving;
  private long figuresLogged;
  private ScheduledFuture<?> figuresTimer;

  TidemillWorker(WorkerOptions options) {
    this.options = options;
    String prefix = "tidemill-worker-" + WORKERS.incrementAndGet() + "-";
    control = Control.newThread(prefix + "control");
    cancelActions = newCancelThreads(prefix + "cancel");
    Parts parts = new Parts();
    executors = new TaskExecutors(options.capacity(), prefix + "task-", parts);
    watch = new RunWatch(control, System::nanoTime, executors, parts::wakeSender);
    held = new HeldTasks(options.handlers(), new StartOrder(options.offer()), watch, parts);
    sender =
        new ReportSender(outbox, watch, this::load, options.withholdReports(), prefix + "sender");
    windowPolicy =
        new WindowPolicy(
            options.capacity(),
            options.prefetchMax(),
            TimeUnit.MILLISECONDS.toNanos(options.prefetchMillis()));
    session = new WorkerSession(options, control, held, outbox, sender, parts);
  }

  /** Threads for the actions that handlers want run on cancellation: they may block. */
  private static ExecutorService newCancelThreads(String name) {
    return new ThreadPoolExecutor(
        0,
        Integer.MAX_VALUE,
        5,
        TimeUnit.SECONDS,
        new SynchronousQueue<>(),
        task -> {
          Thread thread = new Thread(task, name);
          thread.setDaemon(true);
          return thread;
        });
  }

  public static WorkerBuilder builder() {
    return new WorkerBuilder();
  }

  /** Begins to register; returns at once. To be called once. */
  public TidemillWorker start() {
    Control.run(
        control,
        () -> {
          if (started) {
            return;
          }
          started = true;
          sender.start();
          session.start();
          figuresTimer = Control.every(control, options.logFiguresMillis(), this::logFigures);
        });
    return this;
  }

  /**
   * Takes nothing new, hands back what has not started, lets what runs finish, waits for every
   * verdict, and leaves.
   *
   * @return false if the time was over first; the worker is closed then, and what it held goes back
   *     to the order by itself
   */
  public boolean drain(Duration timeout) {
    beginDrain(timeout.toMillis());
    return end.join().kind() == WorkerEnd.Kind.DRAINED;
  }

  /**
   * Disconnects and stops what runs; what was not settled is given to others once the Register
   * notices.
   */
  @Override
  public void close() {
    Control.run(control, () -> finish(WorkerEnd.Kind.CLOSED, "the worker was closed"));
    end.join();
  }

  /** Done when the worker has ended, however it did. */
  public CompletableFuture<WorkerEnd> end() {
    return end.copy();
  }

  /** Waits for the end; empty if it did not come within the time. */
  public java.util.Optional<WorkerEnd> awaitEnd(Duration timeout) throws InterruptedException {
    try {
      return java.util.Optional.of(end.get(timeout.toNanos(), TimeUnit.NANOSECONDS));
    } catch (TimeoutException e) {
      return java.util.Optional.empty();
    } catch (ExecutionException e) {
      throw new IllegalStateException("a worker's end is never an exception", e);
    }
  }

  public String workerId() {
    return options.workerId();
  }

  /** Tasks whose handlers run now. */
  public int running() {
    return executors.running();
  }

  /** Tasks that were sent and have not started. */
  public int queued() {
    return executors.queue().size();
  }

  /** Results without a verdict. */
  public int unsettled() {
    return outbox.size();
  }

  // ---- drain and end

  private void beginDrain(long timeoutMillis) {
    Control.run(control, () -> drainNow(timeoutMillis));
  }

  private void drainNow(long timeoutMillis) {
    if (draining || end.isDone()) {
      return;
    }
    LOG.info("draining: worker={} running={} queued={}", workerId(), running(), queued());
    draining = true;
    sender.draining();
    held.drain(executors.queue());
    session.adaptWindow();
    sender.wake();
    Control.after(control, timeoutMillis, this::drainTimedOut);
    leaveIfEmpty();
  }

  private void drainTimedOut() {
    finish(
        WorkerEnd.Kind.DRAIN_TIMED_OUT,
        "the time to drain is over: held="
            + held.size()
            + " running="
            + running()
            + " unsettled="
            + unsettled()
            + "; they go back to the order once the Register misses this worker");
  }

  private void leaveIfEmpty() {
    if (!draining || leaving || end.isDone() || held.size() > 0 || !outbox.isEmpty()) {
      return;
    }
    if (!session.endDispatch()) {
      return; // What was assigned meanwhile is handed back first.
    }
    leaving = true;
    boolean canTell = session.isHeartbeatOpen();
    session.leave();
    if (canTell) {
      Control.after(control, LEAVE_WAIT_MILLIS, this::left);
    } else {
      left();
    }
  }

  private void left() {
    finish(WorkerEnd.Kind.DRAINED, "drained: worker=" + workerId());
  }

  /** By the control thread, once. */
  private void finish(WorkerEnd.Kind kind, String message) {
    finish(new WorkerEnd(kind, message));
  }

  private void finish(WorkerEnd how) {
    if (end.isDone()) {
      return;
    }
    LOG.info("worker ends: kind={} {}", how.kind(), how.message());
    if (figuresTimer != null) {
      figuresTimer.cancel(false);
    }
    executors.close();
    // First nothing is told any more: a handler that is stopped says that its task was cancelled,
    // and nobody cancelled it.
    session.close();
    sender.close();
    held.cancelAllRunning("the worker ends");
    cancelActions.shutdown();
    control.shutdown();
    end.complete(how);
  }

  // ---- figures

  /** By whoever sends a beat. */
  private WorkerLoad load() {
    return WorkerLoad.newBuilder()
        .setRunning(running())
        .setQueued(queued())
        .setCpu(figures.cpu())
        .setServiceUs(Math.max(0, figures.smoothedNanos()) / 1_000)
        .build();
  }

  private void logFigures() {
    long ended = figures.endedCount();
    double perSecond = (ended - figuresLogged) * 1_000.0 / options.logFiguresMillis();
    figuresLogged = ended;
    Histogram micros = figures.takeInterval();
    LOG.info(
        "tasks/s={} service_us p50={} p95={} p99={} running={} queued={} unsettled={} window={}",
        String.format("%.1f", perSecond),
        micros.getValueAtPercentile(50),
        micros.getValueAtPercentile(95),
        micros.getValueAtPercentile(99),
        running(),
        queued(),
        unsettled(),
        window());
  }

  private int window() {
    if (draining) {
      return 0;
    }
    synchronized (windowPolicy) {
      return windowPolicy.window(figures.smoothedNanos(), outbox.size());
    }
  }

  /** What the parts call, each in its own words. */
  private final class Parts implements TaskExecutors.Parts, HeldTasks.Actions, WorkerSession.Owner {
    @Override
    public RunWatch watch() {
      return watch;
    }

    @Override
    public Figures figures() {
      return figures;
    }

    @Override
    public int resultBytesMax() {
      return resultBytesMax;
    }

    @Override
    public void ended(HeldTask task, boolean moreToDo) {
      outbox.add(task);
      if (moreToDo) {
        sender.wake();
      } else {
        sender.sendInLine();
      }
    }

    @Override
    public void adaptWindow() {
      if (windowBusy.compareAndSet(false, true)) {
        try {
          session.adaptWindow();
        } finally {
          windowBusy.set(false);
        }
      }
    }

    @Override
    public void report(HeldTask task) {
      outbox.add(task);
      sender.wake();
    }

    @Override
    public void enqueue(List<HeldTask> tasks) {
      executors.queue().add(tasks);
    }

    @Override
    public void forget(HeldTask queued) {
      executors.queue().remove(queued);
    }

    @Override
    public void runCancelActions(List<Runnable> actions) {
      cancelActions.execute(() -> actions.forEach(TidemillWorker::runCancelAction));
    }

    void wakeSender() {
      sender.wake();
    }

    @Override
    public int window() {
      return TidemillWorker.this.window();
    }

    @Override
    public void registered(Registration registration) {
      resultBytesMax = registration.resultBytesMax();
      // Reports that had their verdict were dropped on the way: they may have been the last.
      Control.run(control, TidemillWorker.this::leaveIfEmpty);
    }

    @Override
    public void refused(WorkerEnd how) {
      finish(how);
    }

    @Override
    public void drainOrdered() {
      drainNow(options.drainTimeoutMillis());
    }

    @Override
    public void settledSome() {
      if (draining) {
        Control.run(control, TidemillWorker.this::leaveIfEmpty);
      }
    }

    @Override
    public void dispatchOver() {
      leaveIfEmpty();
    }

    @Override
    public void heartbeatGone() {
      left();
    }
  }

  private static void runCancelAction(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException e) {
      LOG.warn("a handler's action on cancellation failed: {}", e.toString());
    }
  }
}
