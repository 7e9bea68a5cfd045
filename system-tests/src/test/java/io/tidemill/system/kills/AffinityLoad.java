package io.tidemill.system.kills;

import io.tidemill.client.TidemillClient;
import io.tidemill.rpc.TaskIds;
import io.tidemill.v1.TaskSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Tasks with affinity keys, one of each key at a time, so that every worker always has a free hand:
 * then a task goes to the first worker of its key, of those that are connected to the Main
 * Scheduler. Which these are is known between a moment when each of them has run a task that no
 * other one may run, and the next death of the Main Scheduler or of a worker.
 */
final class AffinityLoad {
  static final String QUEUE = "sticky";

  /** The label that a worker's own name stands in. */
  static final String NAME = "name";

  /** More than there are tasks at a time, with all that these workers run. */
  static final int CAPACITY = 32;

  static final int KEYS = 8;

  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  /** One of the keys. */
  static final String KEY = "model:0";

  /** A task with a key, and when it was sent. */
  record Sent(String key, String task, long askedNanos) {}

  /** The workers that were connected, from when to when, monotonic. */
  record Calm(Set<String> fleet, long fromNanos, long toNanos) {}

  private final TidemillClient client;
  private final Background threads = new Background();
  private final Queue<Sent> sent = new ConcurrentLinkedQueue<>();
  private final Map<String, Integer> ended = new ConcurrentHashMap<>();
  private final List<Calm> calms = new ArrayList<>();
  private Set<String> fleet = Set.of();
  private long calmSince;

  AffinityLoad(UnderKills under) {
    client = under.client();
    for (int i = 0; i < KEYS; i++) {
      String key = "model:" + i;
      ended.put(key, 0);
      threads.run(key, turn -> runOne(key, turn));
    }
  }

  private void runOne(String key, long turn) {
    long asked = System.nanoTime();
    long task = client.submit(spec(key + "-" + turn).setAffinityKey(key).build()).getTaskId();
    sent.add(new Sent(key, TaskIds.format(task), asked));
    awaitEnd(task);
    ended.merge(key, 1, Integer::sum);
    LockSupport.parkNanos(PAUSE_NANOS);
  }

  private static TaskSpec.Builder spec(String name) {
    return TaskSpec.newBuilder()
        .setType(Work.TYPE)
        .setQueue(QUEUE)
        .setPayload(new Work(name, 10, 0).payload());
  }

  private void awaitEnd(long task) {
    if (!client.await(task, Servers.PATIENCE).getEnded()) {
      throw new AssertionError("it does not end: task=" + TaskIds.format(task));
    }
  }

  /** These and no others are alive: waits until they are connected, and each key was used. */
  void calm(Collection<String> workers) {
    List<Long> probes = new ArrayList<>();
    for (String worker : workers) {
      TaskSpec probe = spec("probe-of-" + worker).putLabels(NAME, worker).build();
      probes.add(client.submit(probe).getTaskId());
    }
    probes.forEach(this::awaitEnd);
    fleet = new TreeSet<>(workers);
    calmSince = System.nanoTime();
    awaitTurns();
  }

  /** Until each key was used once more, from the beginning to the end. */
  void awaitTurns() {
    Map<String, Integer> before = Map.copyOf(ended);
    Servers.await(
        "each affinity key is used",
        () -> {
          threads.check();
          return before.entrySet().stream()
              .allMatch(key -> ended.get(key.getKey()) >= key.getValue() + 2);
        });
  }

  /** Before somebody is killed without whom it is not known who is connected. */
  void calmIsOver() {
    calms.add(new Calm(fleet, calmSince, System.nanoTime()));
  }

  void stop() throws InterruptedException {
    threads.stop();
  }

  List<Sent> sent() {
    return List.copyOf(sent);
  }

  List<Calm> calms() {
    return List.copyOf(calms);
  }
}
