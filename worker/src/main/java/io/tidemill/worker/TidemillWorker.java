package io.tidemill.worker;

import io.tidemill.rpc.Names;
import io.tidemill.rpc.security.Access;
import io.tidemill.v1.QueueOrder;
import io.tidemill.v1.QueueShare;
import io.tidemill.v1.RegisterWorkerRequest;
import io.tidemill.v1.Verdict;
import io.tidemill.v1.WorkerLoad;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
import java.util.function.Consumer;
import java.util.regex.Pattern;
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

  private TidemillWorker(WorkerOptions options) {
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

  public static Builder builder() {
    return new Builder();
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
   * Cancels what runs and disconnects; what was not settled is given to others once the Register
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
    held.cancelAllRunning("the worker ends");
    session.close();
    sender.close();
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

  /** Collects what a worker needs, and checks it. */
  public static final class Builder {
    private static final Pattern WORKER_ID = Pattern.compile("[A-Za-z0-9._:-]{1,64}");
    private static final Pattern TASK_TYPE = Pattern.compile("[A-Za-z0-9._:/-]{1,128}");
    private static final Pattern ADDRESS = Pattern.compile("unix:/.+|.+:[0-9]{1,5}");
    private static final int CAPACITY_MAX = 10_000;
    private static final int TYPES_MAX = 64;
    private static final int WEIGHT_MAX = 1_000;
    private static final int PREFETCH_MAX_MAX = 1_000_000;

    private String registerAddress = "127.0.0.1:7413";
    private Access access = Access.none();
    private String workerId =
        (WorkerSession.hostName() + "-" + ProcessHandle.current().pid())
            .replaceAll("[^A-Za-z0-9._:-]", "-");
    private int capacity = 2 * Runtime.getRuntime().availableProcessors();
    private int prefetchMax = 4_096;
    private Duration prefetch = Duration.ofMillis(5);
    private Duration drainTimeout = Duration.ofSeconds(30);
    private Duration logFigures = Duration.ofSeconds(10);
    private boolean withholdReports;
    private final RegisterWorkerRequest.Builder offer = RegisterWorkerRequest.newBuilder();
    private Consumer<String> onRegistered = sentence -> LOG.info("{}", sentence);
    private Consumer<Verdict> onNotRecorded = verdict -> {};
    private final Map<String, TaskHandler> handlers = new LinkedHashMap<>();

    private Builder() {}

    /** The Register's host:port, or the unix:PATH of its socket on this host. */
    public Builder register(String address) {
      check(
          ADDRESS.matcher(address).matches(),
          "register",
          address,
          "give host:port, as 127.0.0.1:7413");
      registerAddress = address;
      return this;
    }

    /** TLS, and what to prove oneself by; neither unless set. Not used with unix:PATH. */
    public Builder access(Access how) {
      access = Objects.requireNonNull(how, "how");
      return this;
    }

    /** The name that the worker is known by; the host and the process id unless set. */
    public Builder workerId(String id) {
      check(
          WORKER_ID.matcher(id).matches(),
          "id",
          id,
          "use 1 to 64 characters out of A-Z a-z 0-9 . _ : -");
      workerId = id;
      return this;
    }

    /** How many handlers run at one time; twice the number of processors unless set. */
    public Builder capacity(int tasks) {
      check(tasks >= 1 && tasks <= CAPACITY_MAX, "capacity", tasks, "use 1 to " + CAPACITY_MAX);
      capacity = tasks;
      return this;
    }

    /** What runs tasks of a type. */
    public Builder handler(String type, TaskHandler handler) {
      check(
          TASK_TYPE.matcher(type).matches(),
          "type",
          type,
          "use 1 to 128 characters out of A-Z a-z 0-9 . _ : / -");
      handlers.put(type, Objects.requireNonNull(handler, "handler"));
      return this;
    }

    /** Takes tasks from this queue, and from others that are named so; from all if none is. */
    public Builder queue(String name) {
      return queue(name, 1);
    }

    /** The same with a weight, 1 to 1000, which counts with {@link QueueOrder} by weights. */
    public Builder queue(String name, int weight) {
      check(Names.isQueue(name), "queue", name, "a queue " + Names.QUEUE_RULE);
      check(weight >= 1 && weight <= WEIGHT_MAX, "weight", weight, "use 1 to " + WEIGHT_MAX);
      offer.addQueues(QueueShare.newBuilder().setQueue(name).setWeight(weight));
      return this;
    }

    /**
     * How to be served from the queues: the best task of all of them, unless set; strictly in the
     * order in which they were named; or by turns, as often as their weights say.
     */
    public Builder queueOrder(QueueOrder order) {
      offer.setQueueOrder(Objects.requireNonNull(order, "order"));
      return this;
    }

    /** What this worker has: tasks that require this label may come here. */
    public Builder label(String name, String value) {
      check(Names.isLabel(name, value), "label", name + "=" + value, "it " + Names.LABEL_RULE);
      offer.putLabels(name, value);
      return this;
    }

    /** How much of what it has: the tasks it holds never need more of it together. */
    public Builder amount(String name, long amount) {
      check(Names.isAmount(name, amount), "amount", name + "=" + amount, "it " + Names.AMOUNT_RULE);
      offer.putAmounts(name, amount);
      return this;
    }

    /**
     * The most tasks to hold beyond those that run; 4096 unless set. 0: what runs is all that is
     * held.
     */
    public Builder prefetchMax(int tasks) {
      check(
          tasks >= 0 && tasks <= PREFETCH_MAX_MAX,
          "prefetch-max",
          tasks,
          "use 0 to " + PREFETCH_MAX_MAX);
      prefetchMax = tasks;
      return this;
    }

    /** How much work to fetch ahead; 5 ms unless set. */
    public Builder prefetch(Duration work) {
      check(!work.isNegative(), "prefetch", work, "use zero or more");
      prefetch = work;
      return this;
    }

    /** How long a drain that the Register orders may take; 30 s unless set. */
    public Builder drainTimeout(Duration timeout) {
      check(!timeout.isNegative(), "drain-timeout", timeout, "use zero or more");
      drainTimeout = timeout;
      return this;
    }

    /** How often live figures go to the log; 10 s unless set. */
    public Builder logFiguresEvery(Duration interval) {
      check(interval.toMillis() >= 50, "log interval", interval, "use 50 ms or more");
      logFigures = interval;
      return this;
    }

    /**
     * Told, on a thread that must not be blocked, of each registration, with a sentence for people.
     */
    public Builder onRegistered(Consumer<String> listener) {
      onRegistered = Objects.requireNonNull(listener, "listener");
      return this;
    }

    /**
     * Told, on a thread that must not be blocked, of each result that was not recorded, and why:
     * the task went to another lease, or has ended. It may be told twice of one result.
     */
    public Builder onNotRecorded(Consumer<Verdict> listener) {
      onNotRecorded = Objects.requireNonNull(listener, "listener");
      return this;
    }

    /** Failure injection: the worker takes tasks and beats, and never reports a result. */
    public Builder neverReport(boolean withhold) {
      withholdReports = withhold;
      return this;
    }

    /**
     * @throws IllegalArgumentException with a sentence, if there is no handler or there are too
     *     many
     */
    public TidemillWorker build() {
      check(
          !handlers.isEmpty() && handlers.size() <= TYPES_MAX,
          "handlers",
          handlers.size(),
          "give 1 to " + TYPES_MAX);
      return new TidemillWorker(
          new WorkerOptions(
              registerAddress,
              access,
              workerId,
              capacity,
              prefetchMax,
              prefetch.toMillis(),
              drainTimeout.toMillis(),
              logFigures.toMillis(),
              withholdReports,
              offer.build(),
              onRegistered,
              onNotRecorded,
              Map.copyOf(handlers)));
    }

    private static void check(boolean good, String field, Object value, String advice) {
      if (!good) {
        throw new IllegalArgumentException("bad " + field + ": value='" + value + "'; " + advice);
      }
    }
  }
}
