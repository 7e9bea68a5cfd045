package io.tidemill.system.kills;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.rpc.TaskIds;
import io.tidemill.shm.os.Host;
import io.tidemill.shm.region.PartialRing;
import io.tidemill.shm.region.Role;
import io.tidemill.system.kills.Journaled.Submission;
import io.tidemill.system.kills.OrderChecks.Waiting;
import io.tidemill.v1.TaskState;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Features that promise something over the whole of an instance's life, in use while each server,
 * and all of them, are killed: unique keys, priorities that are changed while tasks wait, affinity
 * keys, and tasks that are followed. What is done next waits for what was seen, not for a time, and
 * only such events are compared of which one has to come before the other: nothing depends on the
 * machine's speed.
 */
@Tag("long")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class MoreFeaturesTest {
  private static final String TEST = "more-features";
  private static final String SORTER = "sorter";
  private static final int STOP = 19;

  /** Of the tasks in one order, those that begin before the Main Scheduler is killed amid them. */
  private static final int SORTED_BEFORE = 10;

  /** How much of each has to happen after a kill before the next one. */
  private static final int CHANGES = 20;

  private static final int SUBMISSIONS = 30;

  private static final Set<String> STICKY = Set.of("sticky-1", "sticky-2", "sticky-3");

  @TempDir(cleanup = CleanupMode.ALWAYS)
  Path temp;

  private final long seed = ThreadLocalRandom.current().nextInt(1 << 20);
  private UnderKills under;
  private Child sorter;
  private Child teller;
  private final Map<String, Child> sticky = new HashMap<>();
  private UniqueLoad unique;
  private PriorityLoad priorities;
  private AffinityLoad affinity;
  private FollowedTask followed;

  /** How many Registers were killed. */
  private int registers;

  @BeforeEach
  void start() throws Exception {
    System.out.println(TEST + ": seed=" + seed);
    under = new UnderKills(temp.resolve(TEST));
    for (String name : STICKY) {
      sticky.put(
          name,
          under.worker(
              name,
              AffinityLoad.CAPACITY,
              "label:" + AffinityLoad.NAME + "=" + name,
              "queue:" + AffinityLoad.QUEUE + "=1",
              "queue:" + UniqueKey.QUEUE + "=1",
              "queue:" + UniqueKey.HELD + "=1"));
    }
    sorter = under.worker(SORTER, 1, "queue:" + PriorityLoad.QUEUE + "=1", "gated");
    teller = under.worker("teller", 1, "queue:" + FollowedTask.QUEUE + "=1", "gated");
    under.pause(PriorityLoad.QUEUE, true);
    under.pause(UniqueKey.HELD, true);
    under.awaitWorkers();
    unique = new UniqueLoad(under, seed);
    priorities = new PriorityLoad(under, new Random(seed));
    affinity = new AffinityLoad(under);
    followed = new FollowedTask(under);
  }

  @AfterEach
  void stop() throws Exception {
    if (priorities != null) {
      priorities.close();
    }
    if (followed != null) {
      followed.close();
    }
    under.close();
  }

  @Test
  void keepsItsPromisesWhicheverServerIsKilled() throws Exception {
    followed.awaitMore();
    followed.follow("second");
    affinity.calm(STICKY);
    kill(List.of(Role.PLM));
    kill(List.of(Role.REGISTER));
    affinity.calmIsOver();
    kill(List.of(Role.SCHEDULER));
    affinity.calm(STICKY);
    affinity.calmIsOver();
    kill(Servers.ROLES);
    affinity.calm(STICKY);
    affinity.calmIsOver();
    judgeTheOrderWithoutAWorker();
    judgeFollowing();
    judgeUniqueKeys();
    judgeAffinity();
    assertThat(under.stats().getInversions()).as("inversions").isZero();
    assertThat(under.stats().getRecordedTwice()).as("recorded twice").isZero();
  }

  /** And waits until each of the features has been in use. */
  private void kill(List<Role> victims) {
    under.kill(TEST, victims);
    registers += victims.contains(Role.REGISTER) ? 1 : 0;
    priorities.awaitChanges(CHANGES);
    unique.awaitAnswers(SUBMISSIONS);
    affinity.awaitTurns();
    followed.awaitMore();
    assertThat(followed.gaps())
        .as("only a Register's death costs parts")
        .isLessThanOrEqualTo(registers);
  }

  /** A worker is killed, and the Main Scheduler, amid tasks that begin in their order. */
  private void judgeTheOrderWithoutAWorker() throws Exception {
    Map<Long, Integer> expected = priorities.stop();
    Servers.await("all that was delayed is ready", () -> areReady(expected.keySet()));
    expected.forEach(
        (task, priority) ->
            assertThat(under.client().get(task).getPriority())
                .as("priority of %s", TaskIds.format(task))
                .isEqualTo(priority));
    assertThat(priorities.violations()).isEmpty();

    Child killed = sticky.get(affinityChecks().home(STICKY, AffinityLoad.KEY));
    killed.kill();
    Set<String> left =
        STICKY.stream()
            .filter(Predicate.not(killed.name()::equals))
            .collect(Collectors.toUnmodifiableSet());
    affinity.calm(left);
    under.pause(PriorityLoad.QUEUE, false);
    sorter.order(Integer.toString(SORTED_BEFORE));
    Servers.await("some begin", () -> sorted().size() == SORTED_BEFORE);
    affinity.calmIsOver();
    under.kill(TEST, List.of(Role.SCHEDULER));
    affinity.calm(left);
    affinity.calmIsOver();
    killed.start();
    killed.await(Orders.READY, Servers.PATIENCE.toSeconds());
    affinity.calm(STICKY);
    affinity.calmIsOver();

    sorter.order(Integer.toString(PriorityLoad.TASKS));
    expected.keySet().forEach(task -> under.client().await(task, Servers.PATIENCE));
    Map<String, Long> sequences =
        under.journaled().submissions().stream()
            .collect(Collectors.toMap(Submission::task, Submission::sequence, (a, b) -> a));
    List<Waiting> began =
        sorted().stream()
            .map(Run::task)
            .map(task -> new Waiting(task, expected.get(TaskIds.parse(task)), sequences.get(task)))
            .toList();
    assertThat(began).hasSize(PriorityLoad.TASKS);
    assertThat(OrderChecks.byPriority(began)).isEmpty();
    System.out.printf(
        "%s: priority changes acknowledged=%d unanswered=%d%n",
        TEST, priorities.acknowledged(), priorities.unanswered());
  }

  private boolean areReady(Set<Long> tasks) {
    return tasks.stream()
        .allMatch(task -> under.client().get(task).getState() == TaskState.TASK_STATE_READY);
  }

  private List<Run> sorted() {
    return under.runs().stream().filter(run -> run.worker().equals(SORTER)).toList();
  }

  /** The Register dies with the report of the end, and what was emitted last, unread. */
  private void judgeFollowing() throws Exception {
    followed.awaitMore();
    Host.signal((int) under.regions().control().pid(Role.REGISTER), STOP);
    teller.order("1");
    teller.order(Orders.REPORTED);
    teller.await(Orders.REPORTED, Servers.PATIENCE.toSeconds());
    under.kill(TEST, List.of(Role.REGISTER));
    registers++;
    boolean all = under.regions().partials().end() <= PartialRing.ENTRIES;
    assertThat(followed.violations(all)).isEmpty();
    assertThat(followed.gaps())
        .as("a Register's death costs one gap")
        .isLessThanOrEqualTo(registers);
    System.out.printf("%s: followed gaps=%d of=%d all=%s%n", TEST, followed.gaps(), registers, all);
  }

  private void judgeUniqueKeys() throws Exception {
    long resumed = System.nanoTime();
    under.pause(UniqueKey.HELD, false);
    unique.awaitAnswers(SUBMISSIONS);
    unique.stop();
    assertThat(unique.notFree()).isEmpty();

    UniqueChecks checks = new UniqueChecks(under.runs(), under.journaled());
    checks.oneAtATime();
    checks.heldAfterTheEnd(unique.answers());
    checks.oneWhilePaused(UniqueKey.HELD, unique.answers(), resumed);
    checks.holdersAreNamed(unique.answers(), unique.endsTold());
    assertThat(checks.violations()).isEmpty();
    for (UniqueKey key : UniqueKey.ALL) {
      assertThat(checks.count(key))
          .as("tasks with %s", key)
          .matches(count -> key.isHeldForEver() ? count == 1 : count > 1);
      System.out.printf("%s: unique key=%s tasks=%d%n", TEST, key.name(), checks.count(key));
    }
    System.out.printf("%s: unique keys answers=%d%n", TEST, unique.answers().size());
  }

  private void judgeAffinity() throws Exception {
    affinity.stop();
    AffinityChecks checks = affinityChecks();
    assertThat(checks.violations()).isEmpty();
    long moved = checks.keysAt(STICKY, checks.home(STICKY, AffinityLoad.KEY));
    assertThat(moved).as("keys whose worker was killed").isLessThan(AffinityLoad.KEYS);
    System.out.printf("%s: affinity tasks=%d moved_keys=%d%n", TEST, checks.judged(), moved);
  }

  private AffinityChecks affinityChecks() {
    return new AffinityChecks(affinity.sent(), affinity.calms(), under.runs());
  }
}
