package io.tidemill.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import io.tidemill.shm.instance.DataDir;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.instance.Regions;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.Counter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The disk runs full under real processes: all of the data folder, logs and mapped files too. */
@Timeout(value = 6, unit = TimeUnit.MINUTES)
@Tag("exhaustive")
class FullDiskTest {
  private static final int COUNT = 4_000;
  private static final int LARGE = 60;
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  /** Room for all that is kept and the reserve, so that it goes on when others leave. */
  private static final int MEGABYTES = 128;

  /** An eighth is kept for outcomes. */
  private static final long RESERVE = (MEGABYTES / 8) << 20;

  private static final List<String> PROCESSES =
      List.of("plm", "scheduler", "register", "supervisor", "worker-1", "worker-2");

  @TempDir(cleanup = CleanupMode.ALWAYS)
  Path temp;

  private final String payload = "x".repeat(2_000);

  @Test
  void refusesGoesOnByItselfAndLosesNothing() throws Exception {
    try (SmallDisk disk = SmallDisk.mount(temp.resolve("disk"), MEGABYTES)) {
      Path data = disk.folder().resolve("full-disk");
      startsNothingWithoutRoom(disk, data);
      try (Tidemill tidemill = start(data)) {
        List<Long> pids = pids(tidemill);
        tidemill.run("task", "submit", "--type", "echo", "--payload", "x", "--wait").orFail();
        try (Regions shared = Instance.observe(new DataDir(data, ""))) {
          keepsResultsWithTheWorkers(disk, tidemill, shared.control());
          refusesAndGoesOn(disk, tidemill, shared.control());
        }
        assertThat(pids(tidemill)).as("no process ended").isEqualTo(pids);
        startsAgainOnlyWithRoom(disk, tidemill);
      }
    }
  }

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

  private void startsNothingWithoutRoom(SmallDisk disk, Path data) throws Exception {
    disk.leave(1 << 20);
    Command.Result fresh =
        Command.run("scripts/start-all.sh", "--data", data.toString(), "--set", "tasks.max=20000");
    assertThat(fresh.status()).isEqualTo(1);
    assertThat(fresh.err())
        .contains("no room for a mapped file", "path=" + data, "bytes=", "available=")
        .doesNotContain("\tat ");
    disk.free();
  }

  /** Others take the disk to the last byte between the acceptance of tasks and their results. */
  private void keepsResultsWithTheWorkers(SmallDisk disk, Tidemill tidemill, Control control)
      throws Exception {
    Path ledger = temp.resolve("large");
    long all = control.count(Counter.ACCEPTED) + LARGE;
    tidemill.signal("worker-1", "STOP");
    tidemill.signal("worker-2", "STOP");
    Command load = load(tidemill, "x".repeat(100_000), LARGE, ledger);
    await().atMost(PATIENCE).until(() -> control.count(Counter.ACCEPTED) == all);
    disk.leave(0);
    tidemill.signal("worker-1", "CONT");
    tidemill.signal("worker-2", "CONT");
    await()
        .during(Duration.ofSeconds(2))
        .atMost(PATIENCE)
        .until(() -> control.count(Counter.RECORDED) < all);
    assertThat(load.isRunning()).isTrue();

    disk.free();
    assertAllSucceeded(tidemill, load, LARGE, ledger);
  }

  private void refusesAndGoesOn(SmallDisk disk, Tidemill tidemill, Control control)
      throws Exception {
    Path ledger = temp.resolve("ledger");
    long before = control.count(Counter.ACCEPTED);
    disk.leave(RESERVE + (4 << 20));
    assertThat(disk.freeBytes()).as("there was as much").isGreaterThan(RESERVE);
    Command load = load(tidemill, payload, COUNT, ledger);
    await().atMost(PATIENCE).until(() -> control.count(Counter.REFUSED) > 0);

    // What was accepted ends, out of what is kept for that.
    await()
        .atMost(PATIENCE)
        .until(() -> control.count(Counter.RECORDED) == control.count(Counter.ACCEPTED));
    assertThat(control.count(Counter.ACCEPTED)).isBetween(before + 1, before + COUNT - 1);
    assertThat(Files.readString(tidemill.data().resolve("logs/plm.log")))
        .contains("submissions are refused: no room on the disk", "path=", "available_bytes=");

    disk.leave(0);
    assertThat(load.isRunning()).isTrue();

    disk.free();
    assertAllSucceeded(tidemill, load, COUNT, ledger);
  }

  private void startsAgainOnlyWithRoom(SmallDisk disk, Tidemill tidemill) throws Exception {
    tidemill.stop();
    disk.leave(0);
    Command.Result full = tidemill.startAgain();
    assertThat(full.status()).isEqualTo(1);
    assertThat(full.err()).contains("" + tidemill.data()).doesNotContain("\tat ");
    disk.free();
    tidemill.startAgain().orFail();
    assertAllRecordedOnce(tidemill, temp.resolve("ledger"));
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

  private static void assertAllRecordedOnce(Tidemill tidemill, Path ledger) {
    JsonObject account = tidemill.audit(ledger);
    assertThat(account.get("completed").getAsInt()).as("%s", account).isPositive();
    for (String figure :
        List.of("lost", "recorded_twice", "results_wrong", "duplicated", "unverifiable")) {
      assertThat(account.get(figure).getAsInt()).as("%s in %s", figure, account).isZero();
    }
  }

  private static List<Long> pids(Tidemill tidemill) {
    return PROCESSES.stream().map(tidemill::pid).toList();
  }
}
