package io.tidemill.system.kills;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.tidemill.client.TidemillClient;
import io.tidemill.system.Tidemill;
import io.tidemill.v1.Task;
import io.tidemill.v1.TaskSpec;
import io.tidemill.v1.TaskState;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tasks that kill their worker's process in the first instruction of their handler: each kills no
 * more workers than it may, and none that waited beside them is blamed.
 */
@Tag("exhaustive")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class PoisonTest {
  private static final int DEATHS_MAX = 2;

  /** Of an instance whose tasks do not say it. */
  private static final int RETURNS_MAX = 2;

  private static final int INNOCENTS = 30;

  @TempDir(cleanup = CleanupMode.ALWAYS)
  Path temp;

  private final List<Child> workers = new ArrayList<>();

  @Test
  void endsWhatKillsItsWorkerAtOnceAndNothingElse() throws Exception {
    try (Tidemill instance =
            Tidemill.start(
                temp.resolve("poison"),
                "--workers",
                "0",
                "--set",
                "task.returns.max=" + RETURNS_MAX);
        TidemillClient client =
            TidemillClient.builder()
                .plm("127.0.0.1:" + instance.portBase())
                .callTimeout(Servers.PATIENCE)
                .build()) {
      String register = "127.0.0.1:" + (instance.portBase() + 2);
      assertThat(kill(client, register, DEATHS_MAX))
          .as("it says how many it may kill")
          .isEqualTo(DEATHS_MAX);
      assertThat(kill(client, register, 0))
          .as("of the first one nobody knows, unless the machine is slow")
          .isBetween(RETURNS_MAX, RETURNS_MAX + 1);
      assertThat(client.stats().getInversions()).isZero();
    } finally {
      workers.forEach(Child::kill);
    }
  }

  /** A poison, and others behind it; answers how many workers it killed. */
  private int kill(TidemillClient client, String register, int deathsMax) {
    long before = deaths();
    long poison = submit(client, PoisonWorker.POISON, deathsMax, 9);
    List<Long> innocents = new ArrayList<>();
    for (int i = 0; i < INNOCENTS; i++) {
      innocents.add(submit(client, "water", i % 2, 5));
    }
    Servers.await(
        "the end of all",
        () -> {
          keepOneAlive(register);
          return isEnded(client, poison) && innocents.stream().allMatch(i -> isEnded(client, i));
        });
    Task dead = client.get(poison);
    assertThat(dead.getState()).isEqualTo(TaskState.TASK_STATE_DEAD);
    assertThat(dead.getReturns()).isEqualTo(deathsMax == 0 ? RETURNS_MAX : deathsMax);
    for (long innocent : innocents) {
      Task task = client.get(innocent);
      assertThat(task.getState()).isEqualTo(TaskState.TASK_STATE_SUCCEEDED);
      assertThat(task.getReturns()).as("it killed nobody").isZero();
    }
    return (int) (deaths() - before);
  }

  private static long submit(TidemillClient client, String what, int deathsMax, int priority) {
    return client
        .submit(
            TaskSpec.newBuilder()
                .setType(PoisonWorker.TYPE)
                .setPayload(ByteString.copyFromUtf8(what))
                .setMaxWorkerDeaths(deathsMax)
                .setPriority(priority)
                .build())
        .getTaskId();
  }

  /** Workers that took poison. */
  private long deaths() {
    return workers.stream()
        .filter(worker -> !worker.isAlive() && worker.exitCode() == PoisonWorker.EXIT_CODE)
        .count();
  }

  /** One handler at a time: who waits beside a poison has not begun. */
  private void keepOneAlive(String register) {
    if (workers.isEmpty() || !workers.get(workers.size() - 1).isAlive()) {
      String name = "drinker-" + (workers.size() + 1);
      Child next = new Child(name, PoisonWorker.class, List.of(register, name, "1"));
      next.start();
      workers.add(next);
    }
  }

  private static boolean isEnded(TidemillClient client, long task) {
    return client.get(task).getEndedMs() != 0;
  }
}
