package io.tidemill.rpc.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  @TempDir Path logs;

  private AuditFile open(long bytesMax, int filesMax) throws Exception {
    return new AuditFile(logs.resolve("audit-plm.log"), bytesMax, filesMax);
  }

  @Test
  void appendsToWhatIsThereForItsOwnersEyesAlone() throws Exception {
    try (AuditFile file = open(1_000, 3)) {
      file.append("one\n");
    }
    try (AuditFile file = open(1_000, 3)) {
      file.append("two\n");
    }
    Path log = logs.resolve("audit-plm.log");
    assertThat(log).hasContent("one\ntwo\n");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(log)))
        .isEqualTo("rw-------");
  }

  @Test
  void putsFullFilesAsideAndKeepsSoMany() throws Exception {
    try (AuditFile file = open(8, 3)) {
      for (int i = 1; i <= 7; i++) {
        file.append("line" + i + "\n");
      }
    }
    assertThat(logs.resolve("audit-plm.log")).hasContent("line7\n");
    assertThat(logs.resolve("audit-plm.1.log")).hasContent("line6\n");
    assertThat(logs.resolve("audit-plm.2.log")).hasContent("line5\n");
    assertThat(logs.resolve("audit-plm.3.log")).doesNotExist();
  }

  @Test
  void refusesALinkAndAFileThatOthersCanReadOrWrite() throws Exception {
    Path log = logs.resolve("audit-plm.log");
    Path elsewhere = Files.writeString(logs.resolve("elsewhere"), "x");
    Files.createSymbolicLink(log, elsewhere);
    assertThatThrownBy(() -> open(100, 2).close()).hasMessageContaining("it is a link");
    Files.delete(log);
    Files.writeString(log, "x");
    Files.setPosixFilePermissions(log, PosixFilePermissions.fromString("rw-rw-rw-"));
    assertThatThrownBy(() -> open(100, 2).close()).hasMessageContaining("file is open to others");
    assertThat(elsewhere).hasContent("x");
  }

  @Test
  void writesOneLineOfAsciiWhateverComesFromOutside() {
    String line =
        new AuditLine(START, "x")
            .put("who", "a\"b\\c\n\u202e\ud83d\ude00" + "y".repeat(999))
            .toString();
    assertThat(line)
        .startsWith("{\"time\":\"2026-01-01T00:00:00Z\",\"event\":\"x\",\"who\":\"a\\\"b\\\\c");
    assertThat(line).contains("\\u000a\\u202e\\ud83d\\ude00y");
    assertThat(line.length()).isLessThan(500);
    assertThat(line.lines()).hasSize(1);
    assertThat(line.chars().allMatch(c -> c == '\n' || (c >= 0x20 && c < 0x7f))).isTrue();
  }

  @Test
  void boundsAFloodAndSaysHowMuchItLeftOut() {
    AuditRate rate = new AuditRate(START);
    long written = IntStream.range(0, 10_000).filter(i -> rate.admits("refused", START)).count();
    assertThat(written).isEqualTo(AuditRate.BURST);
    assertThat(rate.admits("drain", START)).as("another kind has its own room").isTrue();
    List<String> told = new ArrayList<>();
    rate.suppressed(START.plusSeconds(1), (event, count) -> told.add(event + count));
    assertThat(told).isEmpty();
    rate.suppressed(START.plusSeconds(11), (event, count) -> told.add(event + count));
    assertThat(told).containsExactly("refused9800");
    long later =
        IntStream.range(0, 100).filter(i -> rate.admits("refused", START.plusSeconds(2))).count();
    assertThat(later).isEqualTo(2L * AuditRate.PER_SECOND);
  }

  @Test
  void tellsASubmitterAtOnceAndThenEveryTenSeconds() {
    SubmitCounts counts = new SubmitCounts();
    List<String> told = new ArrayList<>();
    SubmitCounts.Key caller = new SubmitCounts.Key("token:a", "10.0.0.1");
    for (int i = 0; i < 1_000; i++) {
      counts.add(caller, 1, 500, START, (key, count) -> told.add(key.who() + count));
    }
    assertThat(told).containsExactly("token:aCount[calls=1, tasks=500]");
    counts.due(START.plusSeconds(9), (key, count) -> told.add(key.who() + count));
    assertThat(told).hasSize(1);
    counts.due(START.plusSeconds(10), (key, count) -> told.add(key.who() + count));
    assertThat(told).last().isEqualTo("token:aCount[calls=999, tasks=499500]");
  }

  @Test
  void boundsTheSubmittersThatItTellsApart() {
    SubmitCounts counts = new SubmitCounts();
    for (int i = 0; i < 5_000; i++) {
      counts.add(new SubmitCounts.Key("token:" + i, "h"), 1, 1, START, (key, count) -> {});
    }
    List<String> told = new ArrayList<>();
    for (int i = 4_000; i < 5_000; i++) {
      counts.add(new SubmitCounts.Key("token:" + i, "h"), 1, 1, START, (key, count) -> {});
    }
    counts.all((key, count) -> told.add(key.who() + count.tasks()));
    assertThat(told).hasSize(1).first().asString().startsWith("others");
  }

  @Test
  void countsWhatAFullDiskSwallowed() throws Exception {
    AuditFile full = open(1 << 20, 2);
    full.close();
    try (AuditLog log = new AuditLog(full, Clock.systemUTC())) {
      log.add(new AuditLine(START, "x")); // Fails, and nobody is held up.
    }
    assertThat(logs.resolve("audit-plm.log")).isEmptyFile();
  }
}
