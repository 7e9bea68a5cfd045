package io.tidemill.worker;

import io.tidemill.rpc.Names;
import io.tidemill.rpc.security.Access;
import io.tidemill.v1.QueueOrder;
import io.tidemill.v1.QueueShare;
import io.tidemill.v1.RegisterWorkerRequest;
import io.tidemill.v1.Verdict;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Collects what a worker needs, and checks it: {@link TidemillWorker#builder}. */
public final class WorkerBuilder {
  private static final Logger LOG = LoggerFactory.getLogger("io.tidemill.worker");
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

  WorkerBuilder() {}

  /** The Register's host:port, or the unix:PATH of its socket on this host. */
  public WorkerBuilder register(String address) {
    check(
        ADDRESS.matcher(address).matches(),
        "register",
        address,
        "give host:port, as 127.0.0.1:7413");
    registerAddress = address;
    return this;
  }

  /** TLS, and what to prove oneself by; neither unless set. Not used with unix:PATH. */
  public WorkerBuilder access(Access how) {
    access = Objects.requireNonNull(how, "how");
    return this;
  }

  /** The name that the worker is known by; the host and the process id unless set. */
  public WorkerBuilder workerId(String id) {
    check(
        WORKER_ID.matcher(id).matches(),
        "id",
        id,
        "use 1 to 64 characters out of A-Z a-z 0-9 . _ : -");
    workerId = id;
    return this;
  }

  /** How many handlers run at one time; twice the number of processors unless set. */
  public WorkerBuilder capacity(int tasks) {
    check(tasks >= 1 && tasks <= CAPACITY_MAX, "capacity", tasks, "use 1 to " + CAPACITY_MAX);
    capacity = tasks;
    return this;
  }

  /** What runs tasks of a type. */
  public WorkerBuilder handler(String type, TaskHandler handler) {
    check(
        TASK_TYPE.matcher(type).matches(),
        "type",
        type,
        "use 1 to 128 characters out of A-Z a-z 0-9 . _ : / -");
    handlers.put(type, Objects.requireNonNull(handler, "handler"));
    return this;
  }

  /** Takes tasks from this queue, and from others that are named so; from all if none is. */
  public WorkerBuilder queue(String name) {
    return queue(name, 1);
  }

  /** The same with a weight, 1 to 1000, which counts with {@link QueueOrder} by weights. */
  public WorkerBuilder queue(String name, int weight) {
    check(Names.isQueue(name), "queue", name, "a queue " + Names.QUEUE_RULE);
    check(weight >= 1 && weight <= WEIGHT_MAX, "weight", weight, "use 1 to " + WEIGHT_MAX);
    offer.addQueues(QueueShare.newBuilder().setQueue(name).setWeight(weight));
    return this;
  }

  /**
   * How to be served from the queues: the best task of all of them, unless set; strictly in the
   * order in which they were named; or by turns, as often as their weights say.
   */
  public WorkerBuilder queueOrder(QueueOrder order) {
    offer.setQueueOrder(Objects.requireNonNull(order, "order"));
    return this;
  }

  /** What this worker has: tasks that require this label may come here. */
  public WorkerBuilder label(String name, String value) {
    check(Names.isLabel(name, value), "label", name + "=" + value, "it " + Names.LABEL_RULE);
    offer.putLabels(name, value);
    return this;
  }

  /** How much of what it has: the tasks it holds never need more of it together. */
  public WorkerBuilder amount(String name, long amount) {
    check(Names.isAmount(name, amount), "amount", name + "=" + amount, "it " + Names.AMOUNT_RULE);
    offer.putAmounts(name, amount);
    return this;
  }

  /**
   * The most tasks to hold beyond those that run; 4096 unless set. 0: what runs is all that is
   * held.
   */
  public WorkerBuilder prefetchMax(int tasks) {
    check(
        tasks >= 0 && tasks <= PREFETCH_MAX_MAX,
        "prefetch-max",
        tasks,
        "use 0 to " + PREFETCH_MAX_MAX);
    prefetchMax = tasks;
    return this;
  }

  /** How much work to fetch ahead; 5 ms unless set. */
  public WorkerBuilder prefetch(Duration work) {
    check(!work.isNegative(), "prefetch", work, "use zero or more");
    prefetch = work;
    return this;
  }

  /** How long a drain that the Register orders may take; 30 s unless set. */
  public WorkerBuilder drainTimeout(Duration timeout) {
    check(!timeout.isNegative(), "drain-timeout", timeout, "use zero or more");
    drainTimeout = timeout;
    return this;
  }

  /** How often live figures go to the log; 10 s unless set. */
  public WorkerBuilder logFiguresEvery(Duration interval) {
    check(interval.toMillis() >= 50, "log interval", interval, "use 50 ms or more");
    logFigures = interval;
    return this;
  }

  /**
   * Told, on a thread that must not be blocked, of each registration, with a sentence for people.
   */
  public WorkerBuilder onRegistered(Consumer<String> listener) {
    onRegistered = Objects.requireNonNull(listener, "listener");
    return this;
  }

  /**
   * Told, on a thread that must not be blocked, of each result that was not recorded, and why: the
   * task went to another lease, or has ended. It may be told twice of one result.
   */
  public WorkerBuilder onNotRecorded(Consumer<Verdict> listener) {
    onNotRecorded = Objects.requireNonNull(listener, "listener");
    return this;
  }

  /** Failure injection: the worker takes tasks and beats, and never reports a result. */
  public WorkerBuilder neverReport(boolean withhold) {
    withholdReports = withhold;
    return this;
  }

  /**
   * @throws IllegalArgumentException with a sentence, if there is no handler or there are too many
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
