package io.tidemill.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The disk runs full under real processes: all of the data folder, logs and mapped files too. */
@Timeout(value = 6, unit = TimeUnit.MINUTES)
@Tag("exhaustive")
@EnabledIfSystemProperty(
    named = "tidemill.full.disk",
    matches = "true",
    disabledReason =
        "it has not passed from its beginning to its end yet: -Dtidemill.full.disk=true")
class FullDiskTest {
  private static final int COUNT = 4_000;
  private static final int LARGE = 60;
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  /** An eighth of 64 MiB is kept for outcomes. */
  private static final long RESERVE = 8 << 20;

  private static final List<String> PROCESSES =
      List.of("plm", "scheduler", "register", "supervisor", "worker-1", "worker-2");

  @TempDir(cleanup = CleanupMode.ALWAYS)
  Path temp;

  private final String payload = "x".repeat(2_000);

  private Tidemill start(Path data) {
    return Tidemill.start(
        data,
        "--set",
        "tasks.max=20000",
        "--set",
        "journal.cycle.bytes=4194304",
        "--set",
        "result.keep.count=20000");
  }

  @Test
  void refusesGoesOnByItselfAndLosesNothing() throws Exception {
    try (SmallDisk disk = SmallDisk.mount(temp.resolve("disk"), 64);
        Tidemill tidemill = start(disk.folder().resolve("full-disk"))) {
      List<Long> pids = pids(tidemill);
      tidemill.run("task", "submit", "--type", "echo", "--payload", "x", "--wait").orFail();
      keepsResultsWithTheWorkers(disk, tidemill);
      refusesAndGoesOn(disk, tidemill);
      assertThat(pids(tidemill)).as("no process ended").isEqualTo(pids);
    }
  }

  /** Others take the disk to the last byte between the acceptance of tasks and their results. */
  private void keepsResultsWithTheWorkers(SmallDisk disk, Tidemill tidemill) throws Exception {
    Path ledger = temp.resolve("large");
    String large = "x".repeat(100_000);
    long before = figure(tidemill, "accepted");
    tidemill.signal("worker-1", "STOP");
    tidemill.signal("worker-2", "STOP");
    Command load = load(tidemill, large, LARGE, ledger);
    await().atMost(PATIENCE).until(() -> figure(tidemill, "accepted") == before + LARGE);
    disk.leave(0);
    tidemill.signal("worker-1", "CONT");
    tidemill.signal("worker-2", "CONT");
    for (int look = 0; look < 3; look++) {
      assertThat(figure(tidemill, "recorded")).isLessThan(before + LARGE);
    }
    assertThat(load.isRunning()).isTrue();

    disk.free();
    assertAllSucceeded(tidemill, load, LARGE, ledger);
  }

  private void refusesAndGoesOn(SmallDisk disk, Tidemill tidemill) throws Exception {
    Path ledger = temp.resolve("ledger");
    long before = figure(tidemill, "accepted");
    disk.leave(RESERVE + (4 << 20));
    Command load = load(tidemill, payload, COUNT, ledger);
    await().atMost(PATIENCE).until(() -> figure(tidemill, "refused") > 0);

    // What was accepted ends, out of what is kept for that.
    await()
        .atMost(PATIENCE)
        .until(() -> figure(tidemill, "recorded") == figure(tidemill, "accepted"));
    assertThat(figure(tidemill, "accepted")).isBetween(before + 1, before + COUNT - 1);
    assertThat(Files.readString(tidemill.data().resolve("logs/plm.log")))
        .contains("submissions are refused: no room on the disk", "path=", "available_bytes=");

    disk.leave(0);
    assertThat(load.isRunning()).isTrue();

    disk.free();
    assertAllSucceeded(tidemill, load, COUNT, ledger);
  }

  private static Command load(Tidemill tidemill, String payload, int count, Path ledger) {
    return tidemill.begin(
        "task",
        "submit",
        "--type",
        "echo",
        "--payload",
        payload,
        "--count",
        "" + count,
        "--json",
        "--ledger",
        ledger.toString());
  }

  private static void assertAllSucceeded(Tidemill tidemill, Command load, int count, Path ledger) {
    Command.Result result = load.await();
    assertThat(result.status()).as(result.toString()).isZero();
    assertThat(result.json().get("succeeded").getAsInt()).isEqualTo(count);
    assertAllRecordedOnce(tidemill, ledger);
  }

  @Test
  void startsNothingWithoutRoomAndDamagesNothing() throws Exception {
    Path ledger = temp.resolve("ledger");
    try (SmallDisk disk = SmallDisk.mount(temp.resolve("disk"), 64)) {
      disk.leave(1 << 20);
      Path data = disk.folder().resolve("no-start");
      Command.Result fresh =
          Command.run(
              "scripts/start-all.sh", "--data", data.toString(), "--set", "tasks.max=20000");
      assertThat(fresh.status()).isEqualTo(1);
      assertThat(fresh.err())
          .contains("no room for a mapped file", "path=" + data, "bytes=", "available=")
          .doesNotContain("\tat ");
      disk.free();
      try (Tidemill tidemill = start(data)) {
        load(tidemill, payload, COUNT, ledger).await().orFail();
        tidemill.stop();
        disk.leave(0);
        Command.Result full = tidemill.startAgain();
        assertThat(full.status()).isEqualTo(1);
        assertThat(full.err()).contains("" + data).doesNotContain("\tat ");
        disk.free();
        tidemill.startAgain().orFail();
        assertThat(tidemill.audit(ledger).get("completed").getAsInt()).isEqualTo(COUNT);
        assertAllRecordedOnce(tidemill, ledger);
      }
    }
  }

  private static void assertAllRecordedOnce(Tidemill tidemill, Path ledger) {
    JsonObject account = tidemill.audit(ledger);
    for (String figure :
        List.of("lost", "recorded_twice", "results_wrong", "duplicated", "unverifiable")) {
      assertThat(account.get(figure).getAsInt()).as("%s in %s", figure, account).isZero();
    }
  }

  private static long figure(Tidemill tidemill, String name) {
    return tidemill.stats().get(name).getAsLong();
  }

  private static List<Long> pids(Tidemill tidemill) {
    return PROCESSES.stream().map(tidemill::pid).toList();
  }
}
