package io.tidemill.shm.inspect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.shm.inspect.InstanceReport.Finding;
import io.tidemill.shm.inspect.InstanceReport.Queued;
import io.tidemill.shm.instance.InstanceException;
import io.tidemill.shm.region.Counter;
import io.tidemill.shm.region.RegionHeader;
import io.tidemill.shm.region.RegionHeader.Kind;
import io.tidemill.shm.region.Role;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class InspectorTest {
  @TempDir Path temp;

  @Test
  void readsARunningInstance() throws IOException {
    try (TestInstance test = new TestInstance(temp.resolve("data"))) {
      long low = test.accept(0, -5);
      long high = test.accept(1, 9);
      long held = test.accept(2, 20);
      test.enterWorker(3, "w1");
      test.assign(2, 3);
      test.regions().control().count(Counter.ACCEPTED, 3);
      test.regions().control().errors().record(Role.PLM, "disk on fire", TestInstance.NOW);
      test.regions().rings().plmToScheduler().offer(1, 2);

      InstanceReport report = inspect(test.data());
      assertThat(report.header().thisBoot()).isTrue();
      assertThat(report.header().epoch()).isEqualTo(1);
      assertThat(report.header().slotsUsed()).isEqualTo(3);
      assertThat(report.processes().get(0).alive()).isTrue();
      assertThat(report.processes().get(0).pid()).isEqualTo(ProcessHandle.current().pid());
      assertThat(report.processes().get(1).alive()).isFalse();
      assertThat(report.slots())
          .containsEntry(TaskState.READY, 2L)
          .containsEntry(TaskState.ASSIGNED, 1L)
          .containsEntry(TaskState.FREE, TestInstance.TASKS - 3L);
      assertThat(report.lanes()).hasSize(1);
      assertThat(report.lanes().get(0).best())
          .extracting(Queued::id)
          .containsExactly(Hex.of(held), Hex.of(high), Hex.of(low));
      assertThat(report.lanes().get(0).best())
          .extracting(Queued::stale)
          .containsExactly(true, false, false);
      assertThat(report.workers()).hasSize(1);
      assertThat(report.workers().get(0).id()).isEqualTo("w1");
      assertThat(report.workers().get(0).held()).isEqualTo(1);
      assertThat(report.held()).hasSize(1);
      assertThat(report.held().get(0).workerId()).isEqualTo("w1");
      assertThat(report.held().get(0).lease()).isEqualTo(1);
      assertThat(report.rings().get(0).size()).isEqualTo(1);
      assertThat(report.counters()).containsEntry(Counter.ACCEPTED, 3L);
      assertThat(report.errors().get(0).text()).isEqualTo("disk on fire");
      assertThat(report.journals().get(0).records()).isEqualTo(3);
      assertThat(report.journals().get(1).records()).isZero();
      assertThat(report.findings()).isEmpty();
    }
  }

  @Test
  void asksNobodyForALockThatItWouldLose() throws IOException {
    try (TestInstance test = new TestInstance(temp.resolve("data"))) {
      inspect(test.data());
      assertThat(inspect(test.data()).processes().get(0).alive()).isTrue();
    }
  }

  @Test
  void changesNothing() throws IOException {
    Path data = stopped();
    byte[] before = Files.readAllBytes(data.resolve("shm").resolve("tasks"));
    inspect(data);
    assertThat(Files.readAllBytes(data.resolve("shm").resolve("tasks"))).isEqualTo(before);
  }

  @Test
  void namesOneTypeOnlyWhenAsked() throws IOException {
    Path data = stopped();
    assertThat(Inspector.inspect(data, TestInstance.settings(data), 10, "echo").lanes()).hasSize(1);
    assertThat(Inspector.inspect(data, TestInstance.settings(data), 10, "other").lanes()).isEmpty();
  }

  @Test
  void findsWhatACrashLeft() throws IOException {
    try (TestInstance test = new TestInstance(temp.resolve("data"))) {
      TaskTable tasks = test.regions().tasks();
      test.accept(0, 0);
      test.accept(1, 0);
      test.accept(2, 0);
      test.accept(3, 0);
      tasks.fill(4, tasks.word(4));
      test.regions().control().slotsUsed(5);
      tasks.record(0, tasks.word(0));
      tasks.assign(1, tasks.word(1), 3);
      test.regions().mapping().hold(2, 3, 1);
      tasks.id(3, 12345);
      assertThat(inspect(test.data()).findings())
          .extracting(Finding::kind)
          .containsExactlyInAnyOrder(
              "slot_filling",
              "slot_recording",
              "leased_without_mapping",
              "mapping_without_lease",
              "slot_id");
    }
  }

  @Test
  void countsSlotsThatTakeNoMoreTasks() throws IOException {
    try (TestInstance test = new TestInstance(temp.resolve("data"))) {
      test.accept(0, 0);
      test.regions().control().slotsUsed(2);
      test.regions()
          .tasks()
          .restore(
              1, StateWord.of(TaskState.FREE, StateWord.NO_WORKER, 0, StateWord.GENERATION_MAX));
      assertThat(inspect(test.data()).findings())
          .extracting(finding -> finding.kind() + " " + finding.count())
          .containsExactly("slots_retired 1");
    }
  }

  @Test
  void saysThatThereIsNoInstance() throws IOException {
    assertThatThrownBy(() -> inspect(temp))
        .isInstanceOf(InstanceException.class)
        .hasMessageContaining("no instance here");
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void saysWhichFileIsCutOff(Kind kind) throws IOException {
    Path file = stopped().resolve("shm").resolve(kind.fileName());
    for (long length : new long[] {Files.size(file) - 1, RegionHeader.BYTES, 3, 0}) {
      try (RandomAccessFile cut = new RandomAccessFile(file.toFile(), "rw")) {
        cut.setLength(length);
      }
      assertThatThrownBy(() -> inspect(temp.resolve("data")))
          .isInstanceOf(InstanceException.class)
          .hasMessageContaining(file.toString());
    }
  }

  @Test
  void refusesAnotherLayoutByItsVersion() throws IOException {
    Path data = stopped();
    put(data, Kind.RINGS, 8, 99);
    assertThatThrownBy(() -> inspect(data)).hasMessageContaining("version=99 ours=");
  }

  @Test
  void refusesACapacityThatTheFileHasNoRoomFor() throws IOException {
    Path data = stopped();
    for (int capacity : new int[] {-1, 0, 999, 1_001, Integer.MAX_VALUE}) {
      put(data, Kind.TASKS, 24, capacity);
      assertThatThrownBy(() -> inspect(data)).isInstanceOf(InstanceException.class);
    }
  }

  /** Whatever stands behind the headers, a report comes out. */
  @Test
  void survivesGarbageInEveryRegion() throws IOException {
    Path data = stopped();
    Random random = new Random(1);
    for (Kind kind : Kind.values()) {
      Path file = data.resolve("shm").resolve(kind.fileName());
      byte[] garbage = new byte[(int) Math.min(2 << 20, Files.size(file) - RegionHeader.BYTES)];
      random.nextBytes(garbage);
      try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
        open.seek(RegionHeader.BYTES);
        open.write(garbage);
      }
      assertThat(inspect(data).findings()).isNotNull();
    }
    assertThat(inspect(data).findings()).isNotEmpty();
  }

  private Path stopped() throws IOException {
    Path data = temp.resolve("data");
    try (TestInstance test = new TestInstance(data)) {
      test.accept(0, 1);
    }
    return data;
  }

  private static InstanceReport inspect(Path data) throws IOException {
    return Inspector.inspect(data, TestInstance.settings(data), 10, null);
  }

  private static void put(Path data, Kind kind, long offset, int value) throws IOException {
    try (RandomAccessFile file =
        new RandomAccessFile(data.resolve("shm").resolve(kind.fileName()).toFile(), "rw")) {
      file.seek(offset);
      file.writeInt(Integer.reverseBytes(value));
    }
  }
}
