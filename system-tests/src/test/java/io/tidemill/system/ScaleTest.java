package io.tidemill.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** A million tasks in the order and a thousand workers that wait, while others work. */
@Tag("long")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ScaleTest {
  private static final int TASKS = 1_000_000;
  private static final int WORKERS = 1_000;

  @TempDir(cleanup = CleanupMode.ALWAYS)
  Path temp;

  @Test
  void worksOnWithAMillionQueuedTasksAndAThousandIdleWorkers() throws Exception {
    try (Tidemill tidemill =
            Tidemill.start(temp.resolve("scale"), "--set", "tasks.max=1100000", "--workers", "1");
        IdleWorkers idle = new IdleWorkers(tidemill.portBase(), WORKERS)) {
      assertThat(idle).isNotNull();
      JsonObject submitted =
          tidemill
              .run(
                  "task",
                  "submit",
                  "--type",
                  "nobody",
                  "--payload",
                  "0123456789abcdef",
                  "--count",
                  "" + TASKS,
                  "--no-wait",
                  "--json")
              .orFail()
              .json();
      assertThat(submitted.get("accepted").getAsInt()).isEqualTo(TASKS);
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> tidemill.stats().get("workers_alive").getAsInt() == WORKERS + 1);
      assertThat(ready(tidemill)).isEqualTo(TASKS);
      echo(tidemill);
      tidemill.kill("scheduler");
      echo(tidemill);
      await().atMost(Duration.ofSeconds(30)).until(() -> ready(tidemill) == TASKS);
    }
  }

  private static void echo(Tidemill tidemill) {
    JsonObject task =
        tidemill
            .run("task", "submit", "--type", "echo", "--payload", "through", "--wait", "--json")
            .orFail()
            .json();
    assertThat(task.get("result").getAsString()).isEqualTo("through");
  }

  private static int ready(Tidemill tidemill) {
    return tidemill.stats().getAsJsonObject("states").get("READY").getAsInt();
  }
}
