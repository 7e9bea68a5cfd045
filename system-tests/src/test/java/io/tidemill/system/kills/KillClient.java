package io.tidemill.system.kills;

import com.google.protobuf.ByteString;
import io.tidemill.client.ResultListener;
import io.tidemill.client.TaskSession;
import io.tidemill.client.TidemillClient;
import io.tidemill.rpc.TaskIds;
import io.tidemill.system.kills.HistoryEvent.Kind;
import io.tidemill.v1.Refusal;
import io.tidemill.v1.SubmitTaskResponse;
import io.tidemill.v1.Task;
import io.tidemill.v1.TaskResult;
import io.tidemill.v1.TaskState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A client of the storm: submits at a steady rate, in a session and by single calls with request
 * ids, some of them twice, and waits for every result. After its own death its next process reads
 * what this one wrote, submits again under the same request ids what had no acknowledgement, and
 * waits for the results that are missing.
 */
final class KillClient {
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final int ASKED_AGAIN_MAX = 200;
  private static final int PRIORITIES = 7;

  private final TidemillClient client;
  private final HistoryLog history;
  private final String name;
  private final Random random;
  private final AtomicInteger open = new AtomicInteger();
  private final Map<String, Long> acknowledged = new ConcurrentHashMap<>();
  private final Set<Long> reordered = ConcurrentHashMap.newKeySet();
  private volatile boolean quiet;
  private long number;

  private KillClient(TidemillClient client, HistoryLog history, String name, Random random) {
    this.client = client;
    this.history = history;
    this.name = name + "-" + ProcessHandle.current().pid();
    this.random = random;
  }

  /** PLM HISTORY NAME SEED RATE: runs until it is killed, or its parent is gone. */
  public static void main(String[] arguments) throws Exception {
    Path file = Path.of(arguments[1]);
    Orders orders = new Orders();
    TidemillClient client =
        TidemillClient.builder().plm(arguments[0]).callTimeout(PATIENCE).build();
    Random random = new Random(Long.parseLong(arguments[3]));
    KillClient self = new KillClient(client, new HistoryLog(file), arguments[2], random);
    self.takeUp(file);
    Thread submitter = new Thread(() -> self.submit(Integer.parseInt(arguments[4])), "submitter");
    submitter.setDaemon(true);
    submitter.start();
    orders.answer(Orders.READY);
    while (true) {
      switch (orders.await()) {
        case Orders.QUIET -> {
          self.becomeQuiet();
          orders.answer(Orders.QUIET);
        }
        case Orders.GO -> self.quiet = false;
        default -> throw new IllegalArgumentException("no such order");
      }
    }
  }

  /** What a former process of this client left. */
  private void takeUp(Path file) throws IOException {
    Map<String, Job> unanswered = new LinkedHashMap<>();
    Map<String, Long> untold = new LinkedHashMap<>();
    for (String line : Files.readAllLines(file)) {
      HistoryEvent event = HistoryEvent.parse(line);
      String key = event.word(0);
      switch (event.kind()) {
        case INTENDED -> unanswered.put(key, intended(event));
        case ACKNOWLEDGED -> {
          unanswered.remove(key);
          untold.put(key, TaskIds.parse(event.word(1)));
        }
        case TOLD -> untold.remove(key);
        default -> unanswered.remove(key);
      }
    }
    unanswered.values().forEach(this::call);
    untold.forEach(this::awaitResult);
  }

  private static Job intended(HistoryEvent event) {
    return new Job(
        event.word(0),
        Long.parseLong(event.word(1)),
        Integer.parseInt(event.word(2)),
        Boolean.parseBoolean(event.word(3)));
  }

  private void submit(int rate) {
    TaskSession session = client.openSession();
    long next = System.nanoTime();
    while (true) {
      next += TimeUnit.SECONDS.toNanos(1) / rate;
      for (long left = next - System.nanoTime(); left > 0; left = next - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
      synchronized (open) {
        if (!quiet) {
          submitOne(session);
        }
      }
    }
  }

  private void submitOne(TaskSession session) {
    String key = name + "-" + ++number;
    long micros = random.nextInt(20) == 0 ? 50_000 : random.nextInt(3_000);
    Job job = new Job(key, micros, random.nextInt(4), random.nextInt(20) == 0);
    if (random.nextInt(3) > 0) {
      open.incrementAndGet();
      if (session.tryOffer(job.spec().build(), new InSession(key)) == 0) {
        open.decrementAndGet(); // The window is full: nothing was submitted.
      }
      return;
    }
    history.add(Kind.INTENDED, key, micros, job.priority(), job.flaky());
    call(job);
    if (random.nextInt(3) == 0) {
      call(job);
    }
  }

  private void call(Job job) {
    open.incrementAndGet();
    var unused =
        client
            .submitAsync(job.spec().setRequestId(job.key()).build())
            .whenComplete((answer, error) -> answered(job.key(), answer, error));
  }

  private void answered(String key, SubmitTaskResponse answer, Throwable error) {
    if (error == null) {
      acknowledged(key, answer.getTaskId());
      awaitResult(key, answer.getTaskId());
      reorder(key, answer.getTaskId());
    } else {
      failed(key, error.toString());
    }
    open.decrementAndGet();
  }

  private void acknowledged(String key, long task) {
    history.add(Kind.ACKNOWLEDGED, key, TaskIds.format(task));
    acknowledged.put(key, task);
  }

  /** Gives some tasks another priority, once each; most of them wait no more by then. */
  private void reorder(String key, long task) {
    if (Math.floorMod(key.hashCode(), 2) == 0 || !reordered.add(task)) {
      return;
    }
    int priority = Math.floorMod(key.hashCode(), PRIORITIES) - 1;
    open.incrementAndGet();
    var unused =
        client
            .setPriorityAsync(task, priority)
            .whenComplete(
                (answer, error) -> {
                  if (error == null) {
                    history.add(Kind.REORDERED, key, TaskIds.format(task), priority);
                  }
                  open.decrementAndGet();
                });
  }

  private void awaitResult(String key, long task) {
    open.incrementAndGet();
    var unused =
        client
            .awaitAsync(task, PATIENCE)
            .whenComplete(
                (answer, error) -> {
                  if (error == null && answer.getEnded()) {
                    told(key, answer.getTask(), "wait");
                  } else {
                    failed(key, error == null ? "no end in time" : error.toString());
                  }
                  open.decrementAndGet();
                });
  }

  private void told(String key, Task task, String way) {
    told(key, task.getTaskId(), task.getState(), task.getResult(), way);
  }

  private void told(String key, long task, TaskState state, ByteString result, String way) {
    String text = result.isEmpty() ? "-" : result.toStringUtf8();
    String end = state.name().replace("TASK_STATE_", "");
    history.add(Kind.TOLD, key, TaskIds.format(task), end, text, way);
  }

  private void failed(String key, String why) {
    history.add(Kind.FAILED, key, why.replaceAll("\\s+", "_"));
  }

  /** Submits no more, waits for what is out, and asks once more for some that it was told of. */
  private void becomeQuiet() {
    synchronized (open) {
      quiet = true;
    }
    while (open.get() > 0) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
    acknowledged.entrySet().stream()
        .limit(ASKED_AGAIN_MAX)
        .forEach(entry -> told(entry.getKey(), client.get(entry.getValue()), "get"));
    acknowledged.clear();
  }

  /** What a session says of one submission. */
  private final class InSession implements ResultListener {
    private final String key;

    InSession(String key) {
      this.key = key;
    }

    @Override
    public void accepted(long handle, long taskId, long latencyNanos) {
      acknowledged(key, taskId);
    }

    @Override
    public void ended(long handle, TaskResult result, long latencyNanos) {
      told(key, result.getTaskId(), result.getState(), result.getResult(), "session");
      open.decrementAndGet();
    }

    @Override
    public void refused(long handle, Refusal refusal) {
      failed(key, refusal.getReason());
      open.decrementAndGet();
    }

    @Override
    public void abandoned(long handle, long taskId, String why) {
      failed(key, why);
      open.decrementAndGet();
    }
  }
}
