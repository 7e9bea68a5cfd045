package io.tidemill.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TraceTest {
  private static final String SWF =
      """
      ; Version: 2.2
      ; Computer: of a test

        1   10  -1  100   4  -1  -1  8 -1 -1  1   3   1  -1  2 -1 -1 -1
        2    0  -1    7  -1 5.5  -1  2 -1 -1  1   4   1  -1  1 -1 -1 -1\r
        3 10.5   0    0  -1  -1  -1 -1 -1 -1  0  -1  -1  -1 -1 -1 -1 -1
      """;
  private static final String AZURE =
      """
      TIMESTAMP,ContextTokens,GeneratedTokens
      2023-11-16 23:59:59.9799600,4808,10
      2023-11-17 00:00:00,0,0
      """;
  private static final String WORKFLOW =
      """
      {"name": "w", "schemaVersion": "1.5", "workflow": {
        "specification": {"tasks": [
          {"id": "join", "parents": ["left", "right"], "children": []},
          {"id": "left", "parents": ["split"], "children": ["join"]},
          {"id": "right", "children": ["join"], "parents": ["split"]},
          {"id": "split", "parents": [], "children": ["left", "right"]}]},
        "execution": {"tasks": [
          {"id": "split", "runtimeInSeconds": 0.5, "priority": 90},
          {"id": "left", "runtimeInSeconds": 2.774}, {"id": "right", "runtimeInSeconds": 1e-3},
          {"id": "join", "runtimeInSeconds": 3}]}}}
      """;

  @TempDir Path folder;
  private final BadLines bad = BadLines.skipped();

  private Path file(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }

  private Trace read(Path file) {
    TraceFormat format = TraceFormat.ofFile(file.getFileName().toString());
    return Trace.read(file, format, Trace.TokenTimes.usual(), bad);
  }

  private List<Job> jobs(String name, String content) throws IOException {
    return read(file(name, content)).jobs();
  }

  private List<String> named() {
    return bad.named().stream().map(BadLine::toString).toList();
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  @Test
  void readsStandardWorkloadFormat() throws IOException {
    List<Job> jobs = jobs("a.swf", SWF);
    assertThat(bad.count()).isZero();
    assertThat(jobs).extracting(Job::name).containsExactly("1", "2", "3");
    assertThat(jobs).extracting(Job::submitMicros).containsExactly(10_000_000L, 0L, 10_500_000L);
    assertThat(jobs).extracting(Job::runMicros).containsExactly(100_000_000L, 7_000_000L, 0L);
    assertThat(jobs)
        .as("given, asked for, neither")
        .extracting(Job::processors)
        .containsExactly(4, 2, 1);
    int user = TraceFormat.SWF.fields().indexOf("user");
    assertThat(jobs).extracting(job -> job.fields().get(user)).containsExactly(3L, 4L, -1L);
  }

  @Test
  void readsAzureArrivalsAcrossMidnight() throws IOException {
    List<Job> jobs = jobs("a.csv", AZURE);
    assertThat(bad.count()).isZero();
    assertThat(jobs.get(1).submitMicros() - jobs.get(0).submitMicros()).isEqualTo(20_040);
    assertThat(jobs).extracting(Job::runMicros).containsExactly(4_808 * 250L + 10 * 25_000L, 0L);
    assertThat(jobs.get(0).fields()).containsExactly(4_808L, 10L);
  }

  @Test
  void readsAWorkflowWithParentsBeforeTheirChildren() throws IOException {
    List<Job> jobs = jobs("a.json", WORKFLOW);
    assertThat(bad.count()).isZero();
    assertThat(jobs).extracting(Job::name).containsExactly("split", "left", "right", "join");
    assertThat(jobs)
        .extracting(Job::parents)
        .containsExactly(List.of(), List.of(0), List.of(0), List.of(1, 2));
    assertThat(jobs)
        .extracting(Job::runMicros)
        .containsExactly(500_000L, 2_774_000L, 1_000L, 3_000_000L);
    assertThat(jobs).extracting(job -> job.fields().get(0)).containsExactly(90L, -1L, -1L, -1L);
  }

  @Test
  void readsTheWorkflowsOfBefore() throws IOException {
    String old =
        """
        {"workflow": {"tasks": [{"name": "a", "runtime": 2, "parents": []},
                                {"name": "b", "runtimeInSeconds": 1, "parents": ["a"]}]}}
        """;
    assertThat(jobs("a.json", old))
        .extracting(Job::runMicros)
        .containsExactly(2_000_000L, 1_000_000L);
  }

  @Test
  void refusesAWorkflowWhoseTasksWaitForEachOtherAndNamesThem() throws IOException {
    String cycle =
        """
        {"workflow": {"tasks": [{"id": "x", "runtime": 1, "parents": ["c"]},
          {"id": "a", "runtime": 1, "parents": ["c"]}, {"id": "b", "runtime": 1, "parents": ["a"]},
          {"id": "c", "runtime": 1, "parents": ["b"]}]}}
        """;
    Path file = file("a.json", cycle);
    assertThatThrownBy(() -> read(file)).hasMessageContaining("c after b after a after c");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "run_time  | 9 1 -1 -1 1 -1 -1 -1 -1 -1 1 -1 -1 -1 -1 -1 -1 -1",
        "submit    | 9 -5 -1 1 1 -1 -1 -1 -1 -1 1 -1 -1 -1 -1 -1 -1 -1",
        "user      | 9 1 -1 1 1 -1 -1 -1 -1 -1 1 bob -1 -1 -1 -1 -1 -1",
        "line      | 9 1 -1 1 1",
        "run_time  | 9 1 -1 1000000000001 1 -1 -1 -1 -1 -1 1 -1 -1 -1 -1 -1 -1 -1",
        "run_time  | 9 1 -1 1e999999999 1 -1 -1 -1 -1 -1 1 -1 -1 -1 -1 -1 -1 -1",
        "run_time  | 9 1 -1 1e-999999999 1 -1 -1 -1 -1 -1 1 -1 -1 -1 -1 -1 -1 -1",
        "run_time  | 9 1 -1 NaN 1 -1 -1 -1 -1 -1 1 -1 -1 -1 -1 -1 -1 -1",
        "processors| 9 1 -1 1 9000000 -1 -1 -1 -1 -1 1 -1 -1 -1 -1 -1 -1 -1",
      })
  void namesABadLineByFileLineFieldAndValue(String field, String line) throws IOException {
    List<Job> jobs = jobs("a.swf", SWF + line + "\n" + SWF);
    assertThat(jobs).as("the others are read").hasSize(6);
    assertThat(named()).hasSize(1);
    assertThat(named().get(0))
        .startsWith("a.swf:7: ")
        .contains(" field=" + field.strip() + " value='");
  }

  @Test
  void takesTheLargestValuesThatThereMayBe() throws IOException {
    String line = "9 1000000000000 -1 1000000000000 1 -1 -1 -1 -1 -1 1 -1 -1 -1 -1 -1 -1 -1\n";
    Job job = jobs("a.swf", line).get(0);
    assertThat(job.runMicros()).isEqualTo(1_000_000_000_000_000_000L);
    assertThat(job.submitMicros()).isEqualTo(job.runMicros());
  }

  @Test
  void endsAtTheFirstBadLineIfSuchLinesAreRefused() throws IOException {
    Path file = file("b.csv", AZURE + "yesterday,1,2\n");
    assertThatThrownBy(
            () -> Trace.read(file, TraceFormat.AZURE, Trace.TokenTimes.usual(), BadLines.refused()))
        .isInstanceOf(TraceException.class)
        .hasMessageContaining("b.csv:4: ")
        .hasMessageContaining("field=timestamp value='yesterday'")
        .hasMessageContaining("--on-bad-line skip");
  }

  @Test
  void namesBadArrivals() throws IOException {
    String lines =
        "2023-02-30 00:00:00,1,2\n2023-01-01 00:00:00,-1,2\n1,2\n2023-01-01 00:00:00,1,1e18\n";
    assertThat(jobs("a.csv", AZURE + lines)).hasSize(2);
    assertThat(bad.named())
        .extracting(BadLine::field)
        .containsExactly("timestamp", "context_tokens", "line", "generated_tokens");
  }

  @Test
  void namesBadTasksOfAWorkflowAndLeavesThemOut() throws IOException {
    String tasks =
        """
        {"workflow": {"tasks": [{"id": "a", "runtime": -1}, {"id": "b", "runtime": 1}, 7,
          {"id": "b", "runtime": 1}, {"id": "c", "runtime": "x"},
          {"id": "d", "runtime": 1, "parents": ["b", "ghost"]}]}}
        """;
    assertThat(jobs("a.json", tasks)).extracting(Job::name).containsExactly("b", "d");
    assertThat(bad.named())
        .extracting(BadLine::place)
        .containsExactly("task 1", "task 3", "task 4", "task 5", "task 2");
    assertThat(bad.named().get(4).value()).isEqualTo("ghost");
  }

  @Test
  void refusesWhatIsNoWorkflow() throws IOException {
    for (String content : new String[] {"", "[]", "{", "{\"workflow\": 5}", "\0\1\2"}) {
      Path file = file("a.json", content);
      assertThatThrownBy(() -> read(file)).as(content).isInstanceOf(TraceException.class);
    }
  }

  @Test
  void namesALineThatIsTooLongAndKeepsItsMessageShort() throws IOException {
    assertThat(jobs("a.swf", "1 ".repeat(1_000_000) + "\n" + SWF)).hasSize(3);
    assertThat(named().get(0))
        .startsWith("a.swf:1: ")
        .contains("longer than 4096")
        .hasSizeLessThan(200);
  }

  @Test
  void countsAllBadLinesAndNamesTheFirst() throws IOException {
    jobs("a.swf", "x\n".repeat(1_000));
    assertThat(bad.count()).isEqualTo(1_000);
    assertThat(bad.named()).hasSize(20);
  }

  @Test
  void readsCompressedFilesWhateverTheirName() throws IOException {
    Path file = folder.resolve("a.swf");
    Files.write(file, gzip(SWF.getBytes(StandardCharsets.UTF_8)));
    assertThat(read(file).jobs()).hasSize(3);
    assertThat(TraceFormat.ofFile("A.SWF.GZ")).isEqualTo(TraceFormat.SWF);
  }

  @Test
  void givesNoHalfLineOfACompressedFileThatIsCutOff() throws IOException {
    Random random = new Random(5);
    StringBuilder lines = new StringBuilder();
    for (int i = 1; i <= 2_000; i++) {
      lines.append("%d %d -1 %d 1".formatted(i, i, 1_000_000 + random.nextInt(9_000_000)));
      lines.append(" -1".repeat(13)).append('\n');
    }
    byte[] whole = gzip(lines.toString().getBytes(StandardCharsets.UTF_8));
    Path file = folder.resolve("a.swf.gz");
    Files.write(file, whole);
    List<Job> all = read(file).jobs();
    assertThat(all).hasSize(2_000);
    for (int length : new int[] {whole.length - 1, whole.length - 9, whole.length / 2, 20}) {
      Files.write(file, Arrays.copyOf(whole, length));
      long before = bad.count();
      List<Job> part = read(file).jobs();
      assertThat(part).isEqualTo(all.subList(0, part.size()));
      assertThat(bad.count() - before).as("length %d", length).isEqualTo(1);
    }
    assertThat(bad.named().get(0).place()).isEqualTo("2001");
    assertThat(bad.named().get(0).field()).isEqualTo("file");
    byte[] damaged = whole.clone();
    damaged[whole.length - 5] ^= 1;
    Files.write(file, damaged);
    long before = bad.count();
    assertThat(read(file).jobs()).hasSizeGreaterThan(1_990);
    assertThat(bad.count() - before).as("checksum").isEqualTo(1);
  }

  @Test
  void refusesACompressedWorkflowThatIsCutOff() throws IOException {
    byte[] whole = gzip(WORKFLOW.getBytes(StandardCharsets.UTF_8));
    Path file = folder.resolve("a.json.gz");
    Files.write(file, Arrays.copyOf(whole, whole.length - 12));
    assertThatThrownBy(() -> read(file)).hasMessageContaining("cut off or damaged");
  }

  @Test
  void saysWhatIsWrongWithAFileThatItCannotRead() {
    assertThatThrownBy(() -> read(folder.resolve("none.swf"))).hasMessageContaining("no such file");
    assertThatThrownBy(() -> TraceFormat.ofFile("a.txt")).hasMessageContaining("--format swf");
    assertThatThrownBy(() -> Trace.read(folder, TraceFormat.SWF, Trace.TokenTimes.usual(), bad))
        .hasMessageContaining("is a folder");
    assertThatThrownBy(() -> new Trace.TokenTimes(-1, 1)).hasMessageContaining("context_us=-1");
  }

  @Test
  void cutsAWorkloadToItsLimits() throws IOException {
    Trace trace = read(file("a.swf", SWF));
    Workload all = Workload.of(trace, Workload.Limits.none());
    assertThat(all.jobs()).extracting(Job::name).as("by arrival").containsExactly("2", "1", "3");
    assertThat(all.spanMicros()).isEqualTo(10_500_000);
    assertThat(all.runSeconds()).isEqualTo(107);

    Workload cut = Workload.of(trace, new Workload.Limits(5, 1, 10_500_000, 50_000_000, false));
    assertThat(cut.jobs()).extracting(Job::name).containsExactly("1");
    assertThat(cut.jobs().get(0).submitMicros()).as("of the trace's time").isEqualTo(10_000_000);
    assertThat(cut.jobs().get(0).runMicros()).isEqualTo(50_000_000);
    assertThat(cut.leftOut()).isEqualTo(2);
    assertThat(cut.shortened()).isEqualTo(1);

    Workload each =
        Workload.of(trace, new Workload.Limits(2, 0, Long.MAX_VALUE, Long.MAX_VALUE, true));
    assertThat(each.jobs()).extracting(Job::name).containsExactly("2", "2", "1", "1", "1", "1");
  }

  @Test
  void keepsTheDependenciesOfWhatIsLeftOfAWorkflow() throws IOException {
    Trace trace = read(file("a.json", WORKFLOW));
    Workload cut =
        Workload.of(trace, new Workload.Limits(3, 0, Long.MAX_VALUE, Long.MAX_VALUE, false));
    assertThat(cut.jobs())
        .extracting(Job::parents)
        .containsExactly(List.of(), List.of(0), List.of(0));
  }
}
