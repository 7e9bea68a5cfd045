package io.tidemill.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * The kernel reports an error from a force, or takes long over it: strace stands between the server
 * and the kernel. Skipped, and says so, where there is no strace or it may not look at others.
 */
@Timeout(value = 6, unit = TimeUnit.MINUTES)
@Tag("exhaustive")
class FailingDiskTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final int COUNT = 3_000;

  @TempDir(cleanup = CleanupMode.ALWAYS)
  Path temp;

  @Test
  void endsTheProcessWithNothingAcknowledgedAndLosesNothing() throws Exception {
    Path ledger = temp.resolve("ledger");
    try (Tidemill tidemill =
        Tidemill.start(
            temp.resolve("failing-disk"),
            "--set",
            "durability=disk",
            "--set",
            "journal.force.interval.ms=0")) {
      Command load =
          tidemill.begin(
              "task",
              "submit",
              "--type",
              "spin",
              "--payload",
              "2000",
              "--count",
              "" + COUNT,
              "--outstanding",
              "200",
              "--json",
              "--ledger",
              ledger.toString());
      await().atMost(PATIENCE).until(() -> Files.exists(ledger) && Files.size(ledger) > 0);
      for (String server : List.of("plm", "register")) {
        long before = tidemill.pid(server);
        try (Strace injected =
            Strace.attach(before, "inject=fdatasync,fsync:error=EIO", temp.resolve(server))) {
          await().atMost(PATIENCE).until(() -> tidemill.isReplaced(server, before));
          assertThat(injected.injections()).as("%s forces that failed", server).isPositive();
        }
        assertThat(Files.readString(tidemill.data().resolve("logs").resolve(server + ".log")))
            .contains("this process ends now", "Input/output error");
      }
      Command.Result result = load.await();
      assertThat(result.status()).as(result.toString()).isZero();
      assertThat(result.json().get("succeeded").getAsInt()).isEqualTo(COUNT);
      JsonObject account = tidemill.audit(ledger);
      for (String figure : List.of("lost", "recorded_twice", "results_wrong", "duplicated")) {
        assertThat(account.get(figure).getAsInt()).as("%s in %s", figure, account).isZero();
      }
    }
  }

  @Test
  @Tag("long")
  void onlyWaitsForADiskThatIsSlow() throws Exception {
    try (Tidemill tidemill =
        Tidemill.start(temp.resolve("slow-disk"), "--set", "durability=disk")) {
      tidemill.run("task", "submit", "--type", "echo", "--payload", "x", "--wait").orFail();
      long plm = tidemill.pid("plm");
      try (Strace slow =
          Strace.attach(plm, "inject=fdatasync:delay_enter=1000000", temp.resolve("slow"))) {
        long started = System.nanoTime();
        tidemill.run("task", "submit", "--type", "echo", "--payload", "x", "--wait").orFail();
        assertThat(Duration.ofNanos(System.nanoTime() - started))
            .isGreaterThan(Duration.ofMillis(900));
        assertThat(slow.injections()).isPositive();
      }
      assertThat(tidemill.pid("plm")).isEqualTo(plm);
    }
  }

  /** Stands between a process and the kernel until it is closed. */
  private static final class Strace implements AutoCloseable {
    private final Process process;
    private final Path calls;

    private Strace(Process process, Path calls) {
      this.process = process;
      this.calls = calls;
    }

    static Strace attach(long pid, String injection, Path calls) throws IOException {
      Process process;
      Path said = calls.resolveSibling(calls.getFileName() + ".said");
      try {
        process =
            new ProcessBuilder(
                    "strace",
                    "-f",
                    "-p",
                    "" + pid,
                    "-e",
                    injection,
                    "-e",
                    "trace=fdatasync,fsync",
                    "-o",
                    "" + calls)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
      } catch (IOException e) {
        assumeTrue(false, "skipped: there is no strace: " + e);
        throw e;
      }
      await()
          .atMost(PATIENCE)
          .until(() -> !process.isAlive() || Files.readString(said).contains("attached"));
      assumeTrue(
          process.isAlive() || Files.readString(said).contains("attached"),
          "skipped: strace may not look at others: " + Files.readString(said));
      return new Strace(process, calls);
    }

    long injections() throws IOException {
      try (Stream<String> lines = Files.lines(calls)) {
        return lines
            .filter(line -> line.contains("(INJECTED)") || line.contains("(DELAYED)"))
            .count();
      }
    }

    @Override
    public void close() throws IOException {
      process.destroy();
      process.onExit().join();
    }
  }
}
