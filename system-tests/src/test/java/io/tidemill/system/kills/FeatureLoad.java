package io.tidemill.system.kills;

import io.tidemill.client.TidemillClient;
import io.tidemill.rpc.TaskIds;
import io.tidemill.v1.Dependency;
import io.tidemill.v1.DependencyRule;
import io.tidemill.v1.RetryPolicy;
import io.tidemill.v1.SubmitTasksResponse;
import io.tidemill.v1.TaskSpec;
import io.tidemill.v1.TaskState;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/** Submits tasks of every kind, in waves, and remembers what was asked for and acknowledged. */
final class FeatureLoad {
  static final String HELD = "held";
  static final String MAIL = "mail";
  static final String BULK = "bulk";
  static final String ONE = "user:one";
  static final String TWO = "user:two";

  /** A queue that no worker takes from. */
  private static final String NOBODYS = "nobodys";

  private static final long SHORT_MILLIS = 15;

  /** So that a lease outlasts its server's death. */
  private static final long LONG_MILLIS = 2_500;

  private static final int DELAY_MILLIS_MAX = 3_000;
  private static final int WAIT_MILLIS = 200;
  private static final int DEADLINE_MILLIS = 1_500;

  private final TidemillClient client;
  private final Random random;
  private final ConcurrentLinkedQueue<Submitted> submitted = new ConcurrentLinkedQueue<>();
  private final List<CompletableFuture<?>> open = new ArrayList<>();

  FeatureLoad(TidemillClient client, Random random) {
    this.client = client;
    this.random = random;
  }

  /** What was acknowledged, once all of it was. */
  List<Submitted> submitted() {
    open.forEach(CompletableFuture::join);
    return List.copyOf(submitted);
  }

  /**
   * Some of each kind; returns before they are acknowledged.
   *
   * @param outlasts some of them run for longer than a server takes to come again
   */
  void wave(int number, boolean outlasts) {
    String name = "wave" + number + "-";
    for (int i = 0; i < 8; i++) {
      send(name + "plain" + i, SHORT_MILLIS, 0, spec().setPriority(random.nextInt(4)));
      send(name + "delayed" + i, 1, 0, spec().setDelayMs(1 + random.nextInt(DELAY_MILLIS_MAX)));
      send(name + "one" + i, SHORT_MILLIS, 0, spec().setKey(ONE));
      send(name + "two" + i, SHORT_MILLIS, 0, spec().setKey(TWO));
      send(name + "held" + i, 1, 0, spec().setQueue(HELD));
      send(name + "cpu" + i, SHORT_MILLIS, 0, spec().putAmounts("cpu", 1 + i % 2));
    }
    for (int i = 0; i < 2; i++) {
      long at = System.currentTimeMillis() + 1 + random.nextInt(DELAY_MILLIS_MAX);
      send(name + "at" + i, 1, 0, spec().setRunAtMs(at));
      send(name + "a" + i, 1, 0, spec().putLabels("zone", "a"));
      send(name + "b" + i, 1, 0, spec().putLabels("zone", "b"));
      send(name + "retried" + i, 1, 2, retried(3));
      send(name + "punctual" + i, 1, 0, spec().setStartWithinMs(TimeUnit.MINUTES.toMillis(10)));
    }
    if (outlasts) {
      send(name + "long-one", LONG_MILLIS, 0, spec().setKey(ONE).setPriority(5));
      send(name + "long-cpu", LONG_MILLIS, 0, spec().putAmounts("cpu", 2).setPriority(5));
    }
    send(name + "dead", 1, 2, retried(2), TaskState.TASK_STATE_DEAD);
    TaskSpec.Builder late = spec().setQueue(NOBODYS).setStartWithinMs(300);
    send(name + "late", 1, 0, late, TaskState.TASK_STATE_EXPIRED);
    TaskSpec.Builder endless = spec().setDeadlineMs(DEADLINE_MILLIS).setPriority(9);
    send(name + "endless", 60_000, 0, endless, TaskState.TASK_STATE_EXPIRED);
    graph(name + "graph-");
  }

  /** So many of both queues by turns, and waits until they are accepted. */
  void mailAndBulk(int each) {
    for (int i = 0; i < each; i++) {
      send("mail" + i, SHORT_MILLIS, 0, spec().setQueue(MAIL));
      send("bulk" + i, SHORT_MILLIS, 0, spec().setQueue(BULK));
    }
    open.forEach(CompletableFuture::join);
  }

  private static TaskSpec.Builder spec() {
    return TaskSpec.newBuilder().setType(Work.TYPE);
  }

  private static TaskSpec.Builder retried(int attempts) {
    RetryPolicy.Builder wait =
        RetryPolicy.newBuilder().setInitialMs(WAIT_MILLIS).setMultiplier(1).setJitter(0);
    return spec().setMaxAttempts(attempts).setRetry(wait);
  }

  private void send(String name, long millis, int failures, TaskSpec.Builder spec) {
    send(name, millis, failures, spec, TaskState.TASK_STATE_SUCCEEDED);
  }

  private void send(
      String name, long millis, int failures, TaskSpec.Builder builder, TaskState end) {
    TaskSpec spec =
        builder.setPayload(new Work(name, millis, failures).payload()).setRequestId(name).build();
    long before = System.nanoTime();
    open.add(
        client
            .submitAsync(spec)
            .thenAccept(answer -> add(name, answer.getTaskId(), spec, before, List.of(), end)));
  }

  private void add(
      String name, long task, TaskSpec spec, long before, List<String> parents, TaskState end) {
    submitted.add(new Submitted(name, TaskIds.format(task), spec, before, parents, end));
  }

  /**
   * One first, two behind it (one of which is tried again), one behind both; and one that dies,
   * with one that goes on whatever happened and one that does not.
   */
  private void graph(String name) {
    List<Node> nodes =
        List.of(
            new Node("first", 0, 1, List.of(), TaskState.TASK_STATE_SUCCEEDED),
            new Node("left", 0, 1, List.of(0), TaskState.TASK_STATE_SUCCEEDED),
            new Node("right", 1, 2, List.of(0), TaskState.TASK_STATE_SUCCEEDED),
            new Node("join", 0, 1, List.of(1, 2), TaskState.TASK_STATE_SUCCEEDED),
            new Node("broken", 1, 1, List.of(), TaskState.TASK_STATE_FAILED),
            new Node("anyway", 0, 1, List.of(3, 4), TaskState.TASK_STATE_SUCCEEDED),
            new Node("given-up", 0, 1, List.of(4), TaskState.TASK_STATE_CANCELLED));
    List<TaskSpec> specs = nodes.stream().map(node -> node.named(name)).toList();
    long before = System.nanoTime();
    open.add(
        client
            .submitAtomicAsync(specs)
            .thenAccept(answer -> addGraph(name, nodes, specs, before, answer)));
  }

  private void addGraph(
      String name,
      List<Node> nodes,
      List<TaskSpec> specs,
      long before,
      SubmitTasksResponse answer) {
    if (answer.getRefusalsCount() > 0) {
      throw new AssertionError("a graph was refused: " + answer);
    }
    for (int i = 0; i < nodes.size(); i++) {
      Node node = nodes.get(i);
      List<String> parents =
          node.parents().stream().map(parent -> name + nodes.get(parent).name()).toList();
      add(name + node.name(), answer.getTaskIds(i), specs.get(i), before, parents, node.end());
    }
  }

  private record Node(
      String name, int failures, int attempts, List<Integer> parents, TaskState end) {
    TaskSpec named(String prefix) {
      TaskSpec.Builder spec =
          (attempts == 1 ? FeatureLoad.spec() : retried(attempts))
              .setPayload(new Work(prefix + name, SHORT_MILLIS, failures).payload())
              .setRequestId(prefix + name);
      parents.forEach(parent -> spec.addDependsOn(Dependency.newBuilder().setIndex(parent)));
      if (name.equals("anyway")) {
        spec.setDependencyRule(DependencyRule.DEPENDENCY_RULE_ALL_ENDED);
      }
      return spec.build();
    }
  }
}
