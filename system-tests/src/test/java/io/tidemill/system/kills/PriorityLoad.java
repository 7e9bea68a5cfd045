package io.tidemill.system.kills;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.tidemill.client.TidemillClient;
import io.tidemill.rpc.Transport;
import io.tidemill.rpc.security.Access;
import io.tidemill.v1.SetPriorityRequest;
import io.tidemill.v1.SetPriorityResponse;
import io.tidemill.v1.SubmitTasksResponse;
import io.tidemill.v1.TaskServiceGrpc;
import io.tidemill.v1.TaskServiceGrpc.TaskServiceBlockingStub;
import io.tidemill.v1.TaskSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Changes the priorities of tasks that wait, again and again. Each change is one call that is not
 * repeated: what was not answered, since the PLM died, holds or does not; then it is looked up, and
 * what it is by then stays.
 */
final class PriorityLoad implements AutoCloseable {
  static final String QUEUE = "sorted";
  static final int TASKS = 40;

  /** Few, so that the order of the submissions counts, too. */
  private static final int PRIORITIES = 6;

  /** What a call ends with whose server dies. */
  private static final Set<Status.Code> LOST =
      Set.of(Status.Code.UNAVAILABLE, Status.Code.CANCELLED);

  private static final int THREADS = 2;
  private static final int DELAY_MILLIS_MAX = 4_000;
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private final TidemillClient patient;
  private final List<ManagedChannel> channels = new ArrayList<>();
  private final Background threads = new Background();
  private final List<Long> tasks;
  private final Map<Long, Integer> priorities = new ConcurrentHashMap<>();
  private final Queue<String> violations = new ConcurrentLinkedQueue<>();
  private final AtomicInteger acknowledged = new AtomicInteger();
  private final AtomicInteger unanswered = new AtomicInteger();

  PriorityLoad(UnderKills under, Random random) {
    patient = under.client();
    SubmitTasksResponse answer = patient.submitAll(specs(random));
    tasks = List.copyOf(answer.getTaskIdsList());
    tasks.forEach(task -> priorities.put(task, 0));
    for (int i = 0; i < THREADS; i++) {
      ManagedChannel channel = Transport.channel(under.plm(), 1 << 20, Access.none());
      channels.add(channel);
      TaskServiceBlockingStub calls = TaskServiceGrpc.newBlockingStub(channel);
      Random own = new Random(random.nextLong());
      int first = i;
      threads.run("priorities-" + i, turn -> change(calls, own, first));
    }
  }

  /** Half of them are delayed, and become ready meanwhile. */
  private static List<TaskSpec> specs(Random random) {
    List<TaskSpec> specs = new ArrayList<>();
    for (int i = 0; i < TASKS; i++) {
      specs.add(
          TaskSpec.newBuilder()
              .setType(Work.TYPE)
              .setQueue(QUEUE)
              .setPayload(new Work("sorted" + i, 1, 0).payload())
              .setDelayMs(i % 2 == 0 ? 0 : 1 + random.nextInt(DELAY_MILLIS_MAX))
              .build());
    }
    return specs;
  }

  private void change(TaskServiceBlockingStub calls, Random random, int first) {
    long task = tasks.get(first + THREADS * random.nextInt(TASKS / THREADS));
    int before = priorities.get(task);
    int priority = random.nextInt(PRIORITIES);
    try {
      SetPriorityResponse answer =
          calls.setPriority(
              SetPriorityRequest.newBuilder().setTaskId(task).setPriority(priority).build());
      expect("acknowledged", answer.getTask().getPriority(), List.of(priority));
      acknowledged.incrementAndGet();
      priorities.put(task, priority);
    } catch (StatusRuntimeException lost) {
      if (!LOST.contains(lost.getStatus().getCode())) {
        throw lost;
      }
      int is = patient.get(task).getPriority();
      expect("not answered: " + lost.getStatus(), is, List.of(before, priority));
      unanswered.incrementAndGet();
      priorities.put(task, is);
    }
    LockSupport.parkNanos(PAUSE_NANOS);
  }

  private void expect(String what, int is, List<Integer> right) {
    if (!right.contains(is)) {
      violations.add("priority=" + is + " right=" + right + " " + what);
    }
  }

  /** Nothing is changed any more; what each task's priority has to be. */
  Map<Long, Integer> stop() throws InterruptedException {
    threads.stop();
    return new HashMap<>(priorities);
  }

  /** Until so many more changes have been acknowledged. */
  void awaitChanges(int more) {
    int changes = acknowledged.get() + more;
    Servers.await(
        "more changes",
        () -> {
          threads.check();
          return acknowledged.get() >= changes;
        });
  }

  List<String> violations() {
    return List.copyOf(violations);
  }

  int acknowledged() {
    return acknowledged.get();
  }

  int unanswered() {
    return unanswered.get();
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
  }
}
