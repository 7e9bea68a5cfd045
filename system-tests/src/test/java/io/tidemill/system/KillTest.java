package io.tidemill.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Kills processes in the middle of a large submission: nothing is lost and nothing doubled. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class KillTest {
  private static final int COUNT = 60_000;

  /** So long that eight at a time take a second and a half in all, on however fast a machine. */
  private static final String MICROS = "200";

  @TempDir(cleanup = CleanupMode.ALWAYS)
  Path temp;

  @ParameterizedTest
  @ValueSource(strings = {"plm", "scheduler", "register", "worker-1", "supervisor"})
  void losesAndDoublesNothingWhenKilledInTheMiddle(String victim) throws Exception {
    try (Tidemill tidemill = Tidemill.start(temp.resolve("kill-" + victim))) {
      account(tidemill, () -> tidemill.kill(victim));
    }
  }

  @Test
  void losesAndDoublesNothingWhenAllServersAreKilledAtOnce() throws Exception {
    try (Tidemill tidemill = Tidemill.start(temp.resolve("kill-all"))) {
      account(
          tidemill,
          () -> {
            tidemill.signal("plm", "KILL");
            tidemill.signal("scheduler", "KILL");
            tidemill.signal("register", "KILL");
          });
    }
  }

  @Test
  void losesAndDoublesNothingWhenAWorkerIsPausedPastItsTime() throws Exception {
    try (Tidemill tidemill =
        Tidemill.start(
            temp.resolve("pause-worker"),
            "--set",
            "worker.beat.interval.ms=200",
            "--set",
            "worker.beat.misses=2")) {
      account(
          tidemill,
          () -> {
            tidemill.signal("worker-1", "STOP");
            await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> tidemill.run("worker", "list", "--json").out().contains("DEAD"));
            tidemill.signal("worker-1", "CONT");
          });
    }
  }

  private void account(Tidemill tidemill, Runnable failure) throws Exception {
    Path ledger = temp.resolve("ledger");
    Command submit =
        tidemill.begin(
            "task",
            "submit",
            "--type",
            "spin",
            "--payload",
            MICROS,
            "--count",
            "" + COUNT,
            "--json",
            "--ledger",
            ledger.toString());
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> !submit.isRunning() || results(ledger) > COUNT / 10);
    assertThat(submit.isRunning()).as("the failure comes in the middle").isTrue();
    failure.run();
    Command.Result result = submit.await();
    JsonObject summary = result.json();
    assertThat(result.status()).as(result.toString()).isZero();
    assertThat(summary.get("accepted").getAsInt()).isEqualTo(COUNT);
    assertThat(summary.get("succeeded").getAsInt()).isEqualTo(COUNT);
    assertThat(summary.get("lost").getAsInt()).isZero();
    assertThat(summary.get("duplicated").getAsInt()).isZero();
    JsonObject account = tidemill.audit(ledger);
    assertThat(account.get("completed").getAsInt()).as("audit %s", account).isEqualTo(COUNT);
    assertThat(account.get("lost").getAsInt()).as("audit %s", account).isZero();
    assertThat(account.get("recorded_twice").getAsInt()).as("audit %s", account).isZero();
    assertThat(account.get("results_wrong").getAsInt()).as("audit %s", account).isZero();
    assertThat(account.get("duplicated").getAsInt()).as("audit %s", account).isZero();
    JsonObject stats = tidemill.stats();
    assertThat(stats.get("recorded_twice").getAsInt()).isZero();
    assertThat(stats.get("inversions").getAsInt()).isZero();
  }

  private static long results(Path ledger) {
    try {
      // A line of a result has some 30 bytes, and as many acknowledgements come before it.
      return Files.exists(ledger) ? Files.size(ledger) / 60 : 0;
    } catch (java.io.IOException e) {
      return 0;
    }
  }
}
