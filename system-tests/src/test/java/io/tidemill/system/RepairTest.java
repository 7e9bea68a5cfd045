package io.tidemill.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Damaged journals under real processes: what a bad disk leaves, and what a loss of power does. */
@Tag("exhaustive")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class RepairTest {
  private static final int TASKS = 400;
  private static final int PAGE = 4096;
  private static final String PAYLOAD = "a payload to be found in the journal by its text";

  @TempDir Path temp;

  @Test
  void refusesADamagedJournalUntilItIsRepaired() throws Exception {
    try (Tidemill tidemill = Tidemill.start(temp.resolve("damage"), "--workers", "0")) {
      submit(tidemill);
      assertThat(tidemill.run("repair").status()).as("it runs").isEqualTo(1);
      tidemill.stop();
      Path file = journal(tidemill);
      long damaged = findPayload(file, TASKS / 2);
      write(file, damaged, new byte[] {'?'});

      Command.Result refused = tidemill.startAgain();
      assertThat(refused.status()).isEqualTo(1);
      assertThat(refused.err()).contains("file=" + file, "offset=", "tidemill repair");

      Command.Result dry = tidemill.run("repair", "--json");
      assertThat(dry.status()).isEqualTo(1);
      JsonObject loss = dry.json();
      assertThat(loss.get("missing_at_most").getAsLong()).isEqualTo(1);
      assertThat(loss.get("lost_tasks").getAsLong()).isEqualTo(1);
      assertThat(loss.getAsJsonArray("lost_task_ids")).hasSize(1);
      assertThat(loss.get("live_tasks").getAsLong()).isEqualTo(TASKS - 1);
      assertThat(loss.get("repaired").getAsBoolean()).isFalse();
      assertThat(tidemill.data().resolve("journal/submissions.damaged-1")).doesNotExist();

      Command.Result done = tidemill.run("repair", "--yes").orFail();
      assertThat(done.out()).contains("submissions.damaged-1");
      assertThat(tidemill.data().resolve("journal/submissions.damaged-1")).isDirectory();
      tidemill.startAgain("--workers", "0").orFail();
      assertThat(ready(tidemill)).isEqualTo(TASKS - 1);
    }
  }

  @Test
  void startsWithWhatALossOfPowerLeftAndSaysWhatIsMissing() throws Exception {
    try (Tidemill tidemill =
        Tidemill.start(
            temp.resolve("power"), "--workers", "0", "--set", "journal.force.interval.ms=0")) {
      submit(tidemill);
      for (String name : List.of("supervisor", "plm", "scheduler", "register")) {
        tidemill.kill(name);
      }
      Path file = journal(tidemill);
      write(file, findPayload(file, TASKS / 2) / PAGE * PAGE, new byte[PAGE]);
      bootAgain(tidemill.data());

      tidemill.startAgain("--workers", "0").orFail();

      String said = Files.readString(tidemill.data().resolve("logs/plm.log"));
      said += Files.readString(tidemill.data().resolve("logs/scheduler.log"));
      said += Files.readString(tidemill.data().resolve("logs/register.log"));
      assertThat(said).contains("a loss of power took records", "missing_at_most=");
      int left = ready(tidemill);
      assertThat(left).isBetween(TASKS - PAGE / PAYLOAD.length(), TASKS - 1);
      String missing = said.replaceAll("(?s).*missing_at_most=(\\d+).*", "$1");
      assertThat(Integer.parseInt(missing)).isEqualTo(TASKS - left);
    }
  }

  private static void submit(Tidemill tidemill) {
    tidemill
        .run(
            "task",
            "submit",
            "--type",
            "none",
            "--payload",
            PAYLOAD,
            "--no-wait",
            "--count",
            "" + TASKS)
        .orFail();
  }

  private static int ready(Tidemill tidemill) {
    return tidemill.stats().getAsJsonObject("states").get("READY").getAsInt();
  }

  private static Path journal(Tidemill tidemill) throws IOException {
    try (Stream<Path> walk = Files.walk(tidemill.data().resolve("journal/submissions"))) {
      return walk.filter(file -> file.toString().endsWith(".cq4"))
          .sorted()
          .findFirst()
          .orElseThrow();
    }
  }

  private static long findPayload(Path file, int number) throws IOException {
    String text;
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer bytes = ByteBuffer.allocate(1 << 20);
      while (bytes.hasRemaining() && channel.read(bytes) > 0) {}
      text = new String(bytes.array(), StandardCharsets.ISO_8859_1);
    }
    int at = -1;
    for (int i = 0; i < number; i++) {
      at = text.indexOf(PAYLOAD, at + 1);
      assertThat(at).isPositive();
    }
    return at;
  }

  private static void write(Path file, long offset, byte[] content) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(content), offset);
    }
  }

  /** Every file that names a boot names another one. */
  private static void bootAgain(Path data) throws IOException {
    byte[] boot = {1, 2, 3, 4, 5, 6, 7, 8};
    try (Stream<Path> files = Files.list(data.resolve("shm"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        write(file, 32, boot);
      }
    }
    for (String journal : List.of("submissions", "outcomes")) {
      Path mark = data.resolve("journal").resolve(journal).resolve("forced");
      ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(mark)).order(ByteOrder.LITTLE_ENDIAN);
      for (int copy : new int[] {0, 512}) {
        bytes.put(copy + 16, boot);
        CRC32C crc = new CRC32C();
        crc.update(bytes.array(), copy, 56);
        bytes.putLong(copy + 56, crc.getValue());
      }
      Files.write(mark, bytes.array());
    }
  }
}
