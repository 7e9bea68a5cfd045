package io.tidemill.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Starting, stopping, restarting and looking at an instance. */
@Tag("exhaustive")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class InstanceTest {
  @TempDir(cleanup = CleanupMode.ALWAYS)
  Path temp;

  @Test
  void runsTasksAndKeepsWhatItAcceptedOverAStop() throws Exception {
    try (Tidemill tidemill = Tidemill.start(temp.resolve("keep"))) {
      JsonObject done =
          tidemill
              .run("task", "submit", "--type", "prime", "--payload", "1000003", "--wait", "--json")
              .orFail()
              .json();
      assertThat(done.get("state").getAsString()).isEqualTo("SUCCEEDED");
      assertThat(done.get("result").getAsString()).contains("prime");
      replaysRecordedWorkloads(tidemill);
      String waiting =
          tidemill
              .run("task", "submit", "--type", "nobody-does-this", "--payload", "x", "--json")
              .orFail()
              .json()
              .get("id")
              .getAsString();
      assertThat(tidemill.stop().status()).isZero();
      Command.Result unreachable =
          Command.run(
              "scripts/tidemill", "task", "get", waiting, "--data", tidemill.data().toString());
      assertThat(unreachable.status()).as(unreachable.toString()).isEqualTo(4);
      tidemill.startAgain().orFail();
      JsonObject kept = tidemill.run("task", "get", waiting, "--json").orFail().json();
      assertThat(kept.get("state").getAsString()).isEqualTo("READY");
      assertThat(kept.get("note").getAsString()).contains("nobody-does-this");
      String doneId = done.get("id").getAsString();
      JsonObject result = tidemill.run("task", "get", doneId, "--json").orFail().json();
      assertThat(result.get("result").getAsString()).contains("prime");
      JsonObject cancelled = tidemill.run("task", "cancel", waiting, "--json").orFail().json();
      assertThat(cancelled.get("state").getAsString()).isEqualTo("CANCELLED");
    }
  }

  /** Arrivals in bursts, and a workflow. */
  private void replaysRecordedWorkloads(Tidemill tidemill) throws Exception {
    StringBuilder jobs = new StringBuilder("; a test's\n");
    for (int i = 0; i < 200; i++) {
      jobs.append("%d %d -1 30 1".formatted(i, i / 10 * 10)).append(" -1".repeat(13)).append('\n');
    }
    Path swf = Files.writeString(temp.resolve("jobs.swf"), jobs);
    Path csv = temp.resolve("jobs.csv");
    JsonObject burst =
        tidemill
            .run("replay", swf.toString(), "--speed=1000", "--csv=" + csv, "--json")
            .orFail()
            .json();
    assertThat(burst.get("succeeded").getAsInt()).isEqualTo(200);
    assertThat(burst.get("utilisation").getAsDouble()).isBetween(0.001, 1.0);
    JsonObject wait = burst.getAsJsonObject("wait");
    assertThat(wait.get("p50_us").getAsDouble()).isPositive();
    assertThat(wait.get("max_us").getAsDouble())
        .isLessThanOrEqualTo(burst.get("makespan_us").getAsDouble());
    assertThat(Files.readAllLines(csv)).hasSize(201).allMatch(line -> !line.endsWith(","));

    Path workflow =
        Files.writeString(
            temp.resolve("flow.json"),
            """
            {"workflow": {"tasks": [
              {"id": "first", "runtime": 60}, {"id": "last", "runtime": 10, "parents": ["b", "c"]},
              {"id": "b", "runtime": 30, "parents": ["first"]},
              {"id": "c", "runtime": 50, "parents": ["first"]}]}}
            """);
    JsonObject flow =
        tidemill.run("replay", workflow.toString(), "--speed=100", "--json").orFail().json();
    assertThat(flow.get("succeeded").getAsInt()).isEqualTo(4);
    assertThat(flow.get("makespan_us").getAsLong()).as("60 + 50 + 10").isGreaterThan(1_199_000);
  }

  @Test
  void rebuildsFromTheJournalsWhenTheMappedFilesAreGone() throws Exception {
    try (Tidemill tidemill = Tidemill.start(temp.resolve("rebuild"), "--workers", "0")) {
      String id =
          tidemill
              .run(
                  "task", "submit", "--type", "none", "--payload", "x", "--priority", "7", "--json")
              .orFail()
              .json()
              .get("id")
              .getAsString();
      tidemill.stop();
      try (var files = Files.list(tidemill.data().resolve("shm"))) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      tidemill.startAgain().orFail();
      JsonObject task = tidemill.run("task", "get", id, "--json").orFail().json();
      assertThat(task.get("state").getAsString()).isEqualTo("READY");
      assertThat(task.get("priority").getAsInt()).isEqualTo(7);
    }
  }

  @Test
  void startsAServerAgainThatWasKilledAndOneThatHangs() throws Exception {
    try (Tidemill tidemill =
        Tidemill.start(temp.resolve("restart"), "--workers", "1", "--set", "stall.limit.ms=2000")) {
      long before = tidemill.pid("register");
      tidemill.kill("register");
      awaitAnother(tidemill, "register", before);
      long scheduler = tidemill.pid("scheduler");
      tidemill.signal("scheduler", "STOP");
      awaitAnother(tidemill, "scheduler", scheduler);
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> tidemill.process("scheduler").get("state").getAsString().equals("ALIVE"));
      assertThat(tidemill.process("scheduler").get("restarts").getAsInt()).isEqualTo(1);
      tidemill.run("task", "submit", "--type", "echo", "--payload", "x", "--wait").orFail();
    }
  }

  @Test
  void leavesItsChildrenRunningWhenTheSupervisorDiesAndAdoptsThem() throws Exception {
    try (Tidemill tidemill = Tidemill.start(temp.resolve("adopt"), "--workers", "1")) {
      long plm = tidemill.pid("plm");
      tidemill.kill("supervisor");
      tidemill.run("task", "submit", "--type", "echo", "--payload", "x", "--wait").orFail();
      tidemill.startAgain().orFail();
      assertThat(tidemill.pid("plm")).isEqualTo(plm);
      tidemill.kill("plm");
      awaitAnother(tidemill, "plm", plm);
    }
  }

  @Test
  void runsSeveralInstancesSideBySide() throws Exception {
    try (Tidemill one = Tidemill.start(temp.resolve("one"), "--workers", "1");
        Tidemill two = Tidemill.start(temp.resolve("two"), "--workers", "1")) {
      one.run("task", "submit", "--type", "echo", "--payload", "x", "--wait").orFail();
      assertThat(one.stats().get("accepted").getAsInt()).isEqualTo(1);
      assertThat(two.stats().get("accepted").getAsInt()).isZero();
    }
  }

  @Test
  void inspectsAKilledInstance() throws Exception {
    try (Tidemill tidemill = Tidemill.start(temp.resolve("inspect"), "--workers", "1")) {
      tidemill.run("task", "submit", "--type", "none", "--payload", "x").orFail();
      for (String name : new String[] {"supervisor", "plm", "scheduler", "register"}) {
        tidemill.signal(name, "KILL");
      }
      Command.Result picture =
          Command.run("scripts/tidemill", "inspect", tidemill.data().toString());
      assertThat(picture.status()).as(picture.toString()).isZero();
      assertThat(picture.out()).contains("READY", "none", "worker-1", "plm");
    }
  }

  @Test
  void saysInOneSentenceWhyItCannotStart() throws Exception {
    Path open = Files.createDirectory(temp.resolve("open"));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
    Command.Result openToOthers = Command.run("scripts/start-all.sh", "--data", open.toString());
    assertThat(openToOthers.status()).isEqualTo(1);
    assertThat(openToOthers.err()).contains("chmod 700").doesNotContain("\tat ");
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Path data = temp.resolve("port");
      Command.Result result =
          Command.run(
              "scripts/start-all.sh",
              "--data",
              data.toString(),
              "--port-base",
              "" + taken.getLocalPort());
      assertThat(result.status()).isEqualTo(1);
      assertThat(result.err())
          .contains("" + taken.getLocalPort(), "" + ProcessHandle.current().pid())
          .doesNotContain("\tat ");
    }
    assertThat(Command.run("scripts/start-all.sh", "--workers", "many").status()).isEqualTo(2);
    assertThat(
            Command.run("scripts/stop-all.sh", "--data", temp.resolve("none").toString()).status())
        .as("nothing running is no error")
        .isZero();
  }

  private static void awaitAnother(Tidemill tidemill, String role, long before) {
    await().atMost(Duration.ofSeconds(60)).until(() -> tidemill.isReplaced(role, before));
  }
}
