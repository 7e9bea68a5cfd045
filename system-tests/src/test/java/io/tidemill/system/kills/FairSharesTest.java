package io.tidemill.system.kills;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.client.TidemillClient;
import io.tidemill.rpc.TaskIds;
import io.tidemill.shm.region.Role;
import io.tidemill.system.kills.Journaled.Outcome;
import io.tidemill.system.kills.Journaled.Submission;
import io.tidemill.v1.SubmitTasksResponse;
import io.tidemill.v1.TaskSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three tenants that always have something waiting, and one worker that runs one task at a time, as
 * many as it is permitted: so the order of the beginnings is that of the leases, whatever the
 * machine's speed. Each server is killed in the middle, and all of them.
 *
 * <p>The bound, after each task that begins and for each two tenants: what they got, divided by
 * their weights, is apart by no more than one lease of each, for each Main Scheduler that there has
 * been, since whose turn it is is forgotten with one.
 */
@Tag("exhaustive")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class FairSharesTest {
  private static final String TEST = "fair-shares";
  private static final Map<String, Integer> WEIGHTS = Map.of("acme", 3, "beta", 2, "gamma", 1);

  /** Of each tenant, for each of its weight, before the first one begins. */
  private static final int TASKS = 40;

  /** The same, while a server is away. */
  private static final int MORE_TASKS = 5;

  /** How many begin before a kill, and behind it before the next one. */
  private static final int STEP = 18;

  private static final List<List<Role>> VICTIMS =
      List.of(List.of(Role.SCHEDULER), List.of(Role.PLM), List.of(Role.REGISTER), Servers.ROLES);

  private static final int SCHEDULERS =
      1 + (int) VICTIMS.stream().filter(victims -> victims.contains(Role.SCHEDULER)).count();

  @TempDir(cleanup = CleanupMode.ALWAYS)
  Path temp;

  private final Map<String, String> tenants = new HashMap<>();

  @Test
  void givesTenantsTheirSharesWhicheverServerIsKilled() throws Exception {
    try (UnderKills under =
        new UnderKills(
            temp.resolve(TEST), "order.fairness=tenants", "order.tenants.weights=acme=3,beta=2")) {
      note(submit(under.client(), "first", TASKS).join());
      Child worker = under.worker("one", 1, "gated");
      under.awaitWorkers();
      int permitted = 0;
      for (List<Role> victims : VICTIMS) {
        permitted = permit(under, worker, permitted);
        CompletableFuture<Map<String, String>> more =
            submit(under.client(), "during-" + victims, MORE_TASKS);
        under.kill(TEST, victims);
        permitted = permit(under, worker, permitted);
        note(more.join());
      }
      worker.order(Integer.toString(tenants.size()));
      for (String task : tenants.keySet()) {
        assertThat(under.client().await(TaskIds.parse(task), Servers.PATIENCE).getEnded()).isTrue();
      }
      judge(under.runs(), under.journaled());
      assertThat(under.stats().getInversions()).as("inversions").isZero();
      assertThat(under.stats().getRecordedTwice()).as("recorded twice").isZero();
    }
  }

  /** Has some more begin, and waits until they have. */
  private static int permit(UnderKills under, Child worker, int before) {
    worker.order(Integer.toString(STEP));
    Servers.await("some begin", () -> under.runs().size() == before + STEP);
    return before + STEP;
  }

  /** So many of each tenant for each of its weight; the tenants of those that were accepted. */
  private static CompletableFuture<Map<String, String>> submit(
      TidemillClient client, String name, int each) {
    List<TaskSpec> specs = new ArrayList<>();
    for (int i = 0; i < each; i++) {
      for (Map.Entry<String, Integer> tenant : WEIGHTS.entrySet()) {
        for (int j = 0; j < tenant.getValue(); j++) {
          String task = name.replaceAll("\\W", "") + "-" + tenant.getKey() + i + "-" + j;
          specs.add(
              TaskSpec.newBuilder()
                  .setType(Work.TYPE)
                  .setTenant(tenant.getKey())
                  .setPayload(new Work(task, 1, 0).payload())
                  .build());
        }
      }
    }
    return client.submitAllAsync(specs).thenApply(answer -> tenants(specs, answer));
  }

  private static Map<String, String> tenants(List<TaskSpec> specs, SubmitTasksResponse answer) {
    Map<String, String> tenants = new HashMap<>();
    for (int i = 0; i < specs.size(); i++) {
      tenants.put(TaskIds.format(answer.getTaskIds(i)), specs.get(i).getTenant());
    }
    return tenants;
  }

  private void note(Map<String, String> accepted) {
    tenants.putAll(accepted);
  }

  private void judge(List<Run> runs, Journaled journaled) {
    assertThat(runs).extracting(Run::task).containsExactlyInAnyOrderElementsOf(tenants.keySet());
    assertThat(journaled.outcomes())
        .filteredOn(outcome -> outcome.state().equals("SUCCEEDED"))
        .extracting(Outcome::task)
        .containsExactlyInAnyOrderElementsOf(tenants.keySet());
    List<String> began = runs.stream().map(run -> tenants.get(run.task())).toList();
    assertThat(OrderChecks.byTurns(began, WEIGHTS, SCHEDULERS)).isEmpty();
    Map<String, Long> sequences =
        journaled.submissions().stream()
            .collect(Collectors.toMap(Submission::task, Submission::sequence, (a, b) -> a));
    for (String tenant : WEIGHTS.keySet()) {
      assertThat(runs.stream().map(Run::task).filter(task -> tenants.get(task).equals(tenant)))
          .as("the tasks of %s, as they began", tenant)
          .extracting(sequences::get)
          .isSorted();
    }
    System.out.println(TEST + ": tasks=" + runs.size() + " schedulers=" + SCHEDULERS);
  }
}
