package io.tidemill.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** A checkout's instance is taken over by a release unpacked from its archive, under load. */
@Tag("long")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class UpgradeTest {
  private static final List<String> PROCESSES =
      List.of("supervisor", "plm", "scheduler", "register", "worker-1", "worker-2");

  @TempDir(cleanup = CleanupMode.ALWAYS)
  Path temp;

  @Test
  void takesARunningInstanceOverWithoutLosingOrRepeatingATask() throws Exception {
    Path release = unpack();
    try (Tidemill tidemill = Tidemill.start(temp.resolve("upgrade"), "--workers", "2")) {
      Path ledger = temp.resolve("ledger");
      Command client = client(tidemill, ledger);
      Feed feed = new Feed(client);
      feed.start();

      Command.Result upgraded =
          Command.start(
                  Map.of("TIDEMILL_CDS", "off"), // Made at its first start, for half a minute.
                  release.resolve("scripts/upgrade-all.sh").toString(),
                  "--data",
                  tidemill.data().toString())
              .await()
              .orFail();

      long tasks = feed.end();
      assertThat(upgraded.out()).contains("upgraded; the longest stall of a server");
      for (String process : PROCESSES) {
        assertThat(commandLine(tidemill.pid(process)))
            .as(process)
            .contains(release.resolve("lib").toString());
      }
      JsonObject sums = client.await().orFail().json();
      assertThat(sums.get("succeeded").getAsInt()).isEqualTo((int) tasks);
      JsonObject audit = tidemill.audit(ledger);
      assertThat(audit.get("lost").getAsInt()).as(audit.toString()).isZero();
      assertThat(audit.get("duplicated").getAsInt()).as(audit.toString()).isZero();
      JsonObject stats = tidemill.stats();
      assertThat(stats.get("inversions").getAsInt()).isZero();
      assertThat(stats.get("recorded_twice").getAsInt()).isZero();
      assertThat(stats.get("returned").getAsInt()).as("workers end what they began").isZero();
    }
  }

  private static Command client(Tidemill tidemill, Path ledger) {
    return Command.startFed(
        "scripts/tidemill",
        "task",
        "submit",
        "--type",
        "sleep",
        "--stdin-lines",
        "--outstanding",
        "200",
        "--ledger",
        ledger.toString(),
        "--json",
        "--data",
        tidemill.data().toString());
  }

  /** Gives a client tasks of a few milliseconds for as long as the upgrade takes. */
  private static final class Feed extends Thread {
    private final Command client;
    private volatile boolean ended;
    private long lines;
    private IOException broken;

    Feed(Command client) {
      super("feed");
      this.client = client;
    }

    @Override
    public void run() {
      try (OutputStream input = client.input()) {
        while (!ended) {
          input.write("5\n".getBytes(StandardCharsets.US_ASCII));
          input.flush();
          lines++;
        }
      } catch (IOException e) {
        broken = e;
      }
    }

    /** Answers how many it gave. */
    long end() throws InterruptedException, IOException {
      ended = true;
      join();
      if (broken != null) {
        throw broken;
      }
      return lines;
    }
  }

  private Path unpack() throws IOException, InterruptedException {
    Path archive;
    try (Stream<Path> built = Files.list(Command.ROOT.resolve("scripts/target"))) {
      archive = built.filter(file -> file.toString().endsWith(".tar.gz")).findFirst().orElseThrow();
    }
    Process tar =
        new ProcessBuilder("tar", "-xzf", archive.toString(), "-C", temp.toString())
            .inheritIO()
            .start();
    assertThat(tar.waitFor()).isZero();
    try (Stream<Path> unpacked = Files.list(temp)) {
      return unpacked
          .filter(path -> path.getFileName().toString().startsWith("tidemill-"))
          .findFirst()
          .orElseThrow();
    }
  }

  private static String commandLine(long pid) throws IOException {
    return Files.readString(Path.of("/proc/" + pid + "/cmdline")).replace('\0', ' ');
  }
}
