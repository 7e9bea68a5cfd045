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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tasks that kill their worker's process in the first instruction of their handler: each kills no
 * more workers than it may, and none that waited beside them is blamed.
 */
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
      int deaths = kill(client, register, DEATHS_MAX);
      assertThat(deaths).as("it says how many it may kill").isEqualTo(DEATHS_MAX);
      deaths = kill(client, register, 0);
      assertThat(deaths).as("of the first one nobody knows").isEqualTo(RETURNS_MAX + 1);
      assertThat(client.stats().getInversions()).isZero();
    } finally {
      workers.forEach(Child::kill);
    }
  }

  /** A poison, and others behind it; answers how many workers it killed. */
  private int kill(TidemillClient client, String register, int deathsMax) {
    long poison = submit(client, PoisonWorker.POISON, deathsMax, 9);
    List<Long> innocents = new ArrayList<>();
    for (int i = 0; i < INNOCENTS; i++) {
      innocents.add(submit(client, "water", i % 2, 5));
    }
    int deaths = dieUntilEnded(client, register, poison);
    Task dead = client.get(poison);
    assertThat(dead.getState()).isEqualTo(TaskState.TASK_STATE_DEAD);
    assertThat(dead.getReturns()).isEqualTo(deathsMax == 0 ? RETURNS_MAX : deathsMax);
    for (long innocent : innocents) {
      Task task = client.await(innocent, Servers.PATIENCE).getTask();
      assertThat(task.getState()).isEqualTo(TaskState.TASK_STATE_SUCCEEDED);
      assertThat(task.getReturns()).as("it killed nobody").isZero();
    }
    return deaths;
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

  /** Another worker for each that dies; answers how many did. */
  private int dieUntilEnded(TidemillClient client, String register, long task) {
    for (int deaths = 0; ; deaths++) {
      Child worker = current(register);
      Servers.await(
          "the death of a worker, or the end of the task",
          () -> !worker.isAlive() || isEnded(client, task));
      if (worker.isAlive()) {
        return deaths;
      }
      assertThat(worker.exitCode()).isEqualTo(PoisonWorker.EXIT_CODE);
    }
  }

  /** The last one if it lives. One handler at a time: who waits beside a poison has not begun. */
  private Child current(String register) {
    Child last = workers.isEmpty() ? null : workers.get(workers.size() - 1);
    if (last != null && last.isAlive()) {
      return last;
    }
    String name = "drinker-" + (workers.size() + 1);
    Child next = new Child(name, PoisonWorker.class, List.of(register, name, "1"));
    next.start();
    workers.add(next);
    return next;
  }

  private static boolean isEnded(TidemillClient client, long task) {
    return client.get(task).getEndedMs() != 0;
  }
}
