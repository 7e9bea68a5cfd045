package io.tidemill.system.kills;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.client.TidemillClient;
import io.tidemill.rpc.TaskIds;
import io.tidemill.shm.instance.DataDir;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.instance.Regions;
import io.tidemill.shm.region.Role;
import io.tidemill.system.Tidemill;
import io.tidemill.v1.GetStatsResponse;
import io.tidemill.v1.KeyLimit;
import io.tidemill.v1.ListTasksRequest;
import io.tidemill.v1.Schedule;
import io.tidemill.v1.TaskSpec;
import io.tidemill.v1.TaskState;
import io.tidemill.v1.UpdateQueueRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * All features at once, while the servers are killed: delays, moments, waits between attempts, a
 * schedule, a paused queue, weights, limits of keys, labels, amounts, graphs, and deadlines. What
 * the workers wrote down keeps every promise of each.
 */
@Tag("exhaustive")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class FeaturesTest {
  private static final String ZONE_A = "zone-a";
  private static final String ZONE_B = "zone-b";
  private static final String SCHEDULE = "tick";
  private static final long SECOND = 1_000;
  private static final int CPU_A = 2;
  private static final int CPU_B = 1;
  private static final int EACH_OF_MAIL_AND_BULK = 60;
  private static final int WEIGHT_OF_MAIL = 3;

  /** Turns are forgotten with a Main Scheduler, of which this test kills two. */
  private static final int TURNS_SLACK = 8;

  private static final List<TaskState> LIVE =
      List.of(
          TaskState.TASK_STATE_WAITING,
          TaskState.TASK_STATE_READY,
          TaskState.TASK_STATE_ASSIGNED,
          TaskState.TASK_STATE_RUNNING);

  private static final List<List<Role>> VICTIMS =
      List.of(List.of(Role.PLM), List.of(Role.SCHEDULER), List.of(Role.REGISTER), Servers.ROLES);

  @TempDir(cleanup = CleanupMode.ALWAYS)
  Path temp;

  @Test
  void keepsWhatEveryFeaturePromisesWhicheverServerIsKilled() throws Exception {
    long seed = ThreadLocalRandom.current().nextInt(1 << 20);
    System.out.println("features: seed=" + seed);
    try (Tidemill instance =
        Tidemill.start(
            temp.resolve("features"), "--workers", "0", "--set", "restart.wait.max.ms=0")) {
      String plm = "127.0.0.1:" + instance.portBase();
      String register = "127.0.0.1:" + (instance.portBase() + 2);
      List<Child> workers = workers(register);
      try (TidemillClient client =
              TidemillClient.builder()
                  .plm(plm)
                  .register(register)
                  .callTimeout(Servers.PATIENCE)
                  .build();
          Regions regions = Instance.observe(new DataDir(instance.data(), ""))) {
        FeatureLoad load = new FeatureLoad(client, new Random(seed));
        Servers servers = new Servers(regions.control());
        long resumed = strike(client, load, servers, workers);
        judge(client, load, instance.data(), resumed).forEach(System.out::println);
      } finally {
        workers.forEach(Child::kill);
      }
    }
  }

  private List<Child> workers(String register) throws Exception {
    return List.of(
        worker(
            register,
            ZONE_A,
            4,
            "label:zone=a",
            "amount:cpu=" + CPU_A,
            "queue:default=1",
            "queue:" + FeatureLoad.HELD + "=1"),
        worker(
            register,
            ZONE_B,
            1,
            "label:zone=b",
            "amount:cpu=" + CPU_B,
            "queue:default=1",
            "queue:" + FeatureLoad.MAIL + "=" + WEIGHT_OF_MAIL,
            "queue:" + FeatureLoad.BULK + "=1",
            "order:WEIGHTED"));
  }

  private Child worker(String register, String name, int capacity, String... offer)
      throws Exception {
    Path history = Files.createFile(temp.resolve(name + ".history"));
    List<String> arguments =
        new java.util.ArrayList<>(
            List.of(register, history.toString(), name, Integer.toString(capacity)));
    arguments.addAll(List.of(offer));
    return new Child(name, FeatureWorker.class, arguments);
  }

  /** Answers when the paused queue was resumed. */
  private static long strike(
      TidemillClient client, FeatureLoad load, Servers servers, List<Child> workers)
      throws InterruptedException {
    pause(client, true);
    client.setLimit(KeyLimit.newBuilder().setKey("user:*").setRunningMax(2).build());
    client.setLimit(KeyLimit.newBuilder().setKey(FeatureLoad.ONE).setRunningMax(1).build());
    client.createSchedule(schedule(), false);
    load.mailAndBulk(EACH_OF_MAIL_AND_BULK);
    workers.forEach(Child::start);
    for (Child worker : workers) {
      worker.await(Orders.READY, Servers.PATIENCE.toSeconds());
    }
    for (int i = 0; i < VICTIMS.size(); i++) {
      load.wave(i, VICTIMS.get(i).contains(Role.SCHEDULER));
      long began = System.nanoTime();
      servers.kill(VICTIMS.get(i));
      System.out.printf(
          "features: victims=%s went_on_after_ms=%d%n",
          VICTIMS.get(i), TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began));
    }
    load.submitted();
    long resumed = System.nanoTime();
    pause(client, false);
    return resumed;
  }

  private static void pause(TidemillClient client, boolean paused) {
    client.updateQueue(
        UpdateQueueRequest.newBuilder().setQueue(FeatureLoad.HELD).setPaused(paused).build());
  }

  private static Schedule schedule() {
    return Schedule.newBuilder()
        .setName(SCHEDULE)
        .setCron("* * * * * *")
        .setTask(
            TaskSpec.newBuilder().setType(Work.TYPE).setPayload(new Work(SCHEDULE, 1, 0).payload()))
        .build();
  }

  private List<String> judge(TidemillClient client, FeatureLoad load, Path data, long resumed)
      throws Exception {
    List<Submitted> submitted = load.submitted();
    for (Submitted each : submitted) {
      assertThat(client.await(TaskIds.parse(each.task()), Servers.PATIENCE).getEnded())
          .as("%s ends", each)
          .isTrue();
    }
    client.pauseSchedule(SCHEDULE);
    ListTasksRequest live = ListTasksRequest.newBuilder().addAllStates(LIVE).build();
    Servers.await("the end of all tasks", () -> client.list(live).findAny().isEmpty());

    Journaled journaled = Journaled.read(data);
    Map<Long, Set<String>> occurrences = Occurrences.read(data, SCHEDULE);
    List<Run> runs = Run.of(History.read(temp));
    FeatureChecks checks = new FeatureChecks(submitted, runs, journaled);
    checks.ends(journaled);
    checks.times();
    checks.heldUntil(FeatureLoad.HELD, resumed);
    checks.keyLimit(FeatureLoad.ONE, 1);
    checks.keyLimit(FeatureLoad.TWO, 2);
    checks.amounts(ZONE_A, "cpu", CPU_A);
    checks.amounts(ZONE_B, "cpu", CPU_B);
    checks.labels(ZONE_A, "zone", "a");
    checks.labels(ZONE_B, "zone", "b");
    checks.dependents();
    checks.deadlines();
    checks.occurrences(occurrences, SECOND);
    assertThat(checks.violations()).isEmpty();
    assertThat(occurrences).as("occurrences").hasSizeGreaterThan(VICTIMS.size());
    assertThat(checks.begunUntilLastOf(FeatureLoad.BULK, FeatureLoad.MAIL))
        .as("of bulk, when the last of mail began")
        .isCloseTo(
            (long) EACH_OF_MAIL_AND_BULK / WEIGHT_OF_MAIL,
            org.assertj.core.data.Offset.offset((long) TURNS_SLACK));
    checkFigures(client.stats());
    return List.of(
        "features: tasks="
            + submitted.size()
            + " runs="
            + runs.size()
            + " occurrences="
            + occurrences.size());
  }

  private static void checkFigures(GetStatsResponse stats) {
    assertThat(stats.getInversions()).as("inversions").isZero();
    assertThat(stats.getRecordedTwice()).as("recorded twice").isZero();
  }
}
