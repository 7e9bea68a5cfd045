package io.tidemill.plm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.grpc.Status;
import io.tidemill.rpc.RpcErrors;
import io.tidemill.shm.journal.DefinitionKind;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskState;
import io.tidemill.v1.Duplicate;
import io.tidemill.v1.DuplicateReason;
import io.tidemill.v1.Durability;
import io.tidemill.v1.GetTaskRequest;
import io.tidemill.v1.Schedule;
import io.tidemill.v1.StoredSchedule;
import io.tidemill.v1.SubmitTaskRequest;
import io.tidemill.v1.SubmitTaskResponse;
import io.tidemill.v1.SubmitTasksRequest;
import io.tidemill.v1.SubmitTasksResponse;
import io.tidemill.v1.Task;
import io.tidemill.v1.TaskSpec;
import io.tidemill.v1.UniqueUntil;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class UniqueKeyTest {
  private static final long HOUR = TimeUnit.HOURS.toMillis(1);

  @TempDir Path folder;
  private Path data;

  @BeforeEach
  void name() {
    data = folder.resolve("data");
  }

  private static TaskSpec.Builder unique(String key) {
    return Specs.spec().toBuilder().setUniqueKey(key);
  }

  private static TaskSpec.Builder untilStart(String key) {
    return unique(key).setUniqueUntil(UniqueUntil.UNIQUE_UNTIL_START);
  }

  private static SubmitTaskResponse submit(TestPlm plm, TaskSpec.Builder spec) {
    return plm.calls().submitTask(SubmitTaskRequest.newBuilder().setTask(spec).build());
  }

  /** A submission that is to become a task. */
  private static long accepted(TestPlm plm, TaskSpec.Builder spec) {
    SubmitTaskResponse answer = submit(plm, spec);
    assertThat(answer.getDuplicate()).isFalse();
    assertThat(answer.getDuplicateReason()).isEqualTo(DuplicateReason.DUPLICATE_REASON_UNSPECIFIED);
    return answer.getTaskId();
  }

  private static void assertHeld(TestPlm plm, TaskSpec.Builder spec, long by) {
    SubmitTaskResponse answer = submit(plm, spec);
    assertThat(answer.getTaskId()).isEqualTo(by);
    assertThat(answer.getDuplicate()).isTrue();
    assertThat(answer.getDuplicateReason()).isEqualTo(DuplicateReason.DUPLICATE_REASON_UNIQUE_KEY);
  }

  private static void end(TestPlm plm, FakeCluster cluster, long id) {
    cluster.end(id, TaskState.SUCCEEDED, new byte[] {1});
    cluster.wakePlm();
    await().until(() -> plm.instance().regions().tasks().wordOf(id) == -1);
  }

  private void deleteMappedFiles() throws Exception {
    try (var files = Files.list(data.resolve("shm"))) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
  }

  @Test
  void aKeyIsHeldUntilTheEnd() throws Exception {
    try (TestPlm plm = TestPlm.start(data);
        FakeCluster cluster = new FakeCluster(plm.instance())) {
      long first = accepted(plm, unique("k"));
      long other = accepted(plm, unique("other"));
      assertThat(other).isNotEqualTo(first);
      assertHeld(plm, unique("k"), first);
      cluster.assign(first);
      assertHeld(plm, unique("k"), first);
      cluster.start(first);
      assertHeld(plm, unique("k").setType("another").setPriority(9), first);
      end(plm, cluster, first);
      long second = accepted(plm, unique("k"));
      assertThat(second).isNotEqualTo(first);
      assertHeld(plm, unique("k"), second);
      Task view =
          plm.calls().getTask(GetTaskRequest.newBuilder().setTaskId(second).build()).getTask();
      assertThat(view.getUniqueKey()).isEqualTo("k");
      assertThat(view.getUniqueUntil()).isEqualTo(UniqueUntil.UNIQUE_UNTIL_END);
    }
  }

  /** A loss of power would make it live again. */
  @Test
  void aKeyIsHeldUntilTheEndIsWhereItWasPromisedToBe() throws Exception {
    try (TestPlm plm = TestPlm.start(data);
        FakeCluster cluster = new FakeCluster(plm.instance())) {
      TaskSpec.Builder disk = unique("k").setDurability(Durability.DURABILITY_DISK);
      long first = accepted(plm, disk);
      cluster.end(first, TaskState.SUCCEEDED, new byte[] {1});
      cluster.wakePlm();
      assertHeld(plm, disk, first);
      long untilStart = accepted(plm, untilStart("s").setDurability(Durability.DURABILITY_DISK));
      cluster.end(untilStart, TaskState.SUCCEEDED, new byte[] {1});
      assertThat(accepted(plm, untilStart("s"))).isNotEqualTo(untilStart);
      cluster.force();
      assertThat(accepted(plm, disk)).isNotEqualTo(first);
    }
  }

  /** What happens after the start may not have been seen by the task: it needs another one. */
  @Test
  void aKeyIsGivenUpAtTheStartAndHeldAgainByWhatComesBack() throws Exception {
    try (TestPlm plm = TestPlm.start(data);
        FakeCluster cluster = new FakeCluster(plm.instance())) {
      long first = accepted(plm, untilStart("k"));
      assertHeld(plm, untilStart("k"), first);
      cluster.assign(first);
      cluster.requeue(first);
      assertHeld(plm, untilStart("k"), first);
      cluster.assign(first);
      long second = accepted(plm, untilStart("k"));
      assertThat(second).isNotEqualTo(first);
      // The one that comes back does not take it from the one that holds it now.
      cluster.requeue(first);
      assertHeld(plm, untilStart("k"), second);
    }
  }

  /** Whatever the holder is, the one that comes has to live with how long that holds its key. */
  @Test
  void theHolderSaysHowLong() throws Exception {
    try (TestPlm plm = TestPlm.start(data);
        FakeCluster cluster = new FakeCluster(plm.instance())) {
      long first = accepted(plm, unique("k"));
      cluster.assign(first);
      assertHeld(plm, untilStart("k"), first);
      end(plm, cluster, first);
      long second = accepted(plm, untilStart("k"));
      cluster.assign(second);
      accepted(plm, unique("k"));
    }
  }

  @Test
  void aKeyIsHeldForAWhileAfterTheEnd() throws Exception {
    long first;
    try (TestPlm plm = TestPlm.start(data, "result.keep.seconds", "0");
        FakeCluster cluster = new FakeCluster(plm.instance())) {
      first = accepted(plm, unique("k").setUniqueForMs(HOUR));
      assertHeld(plm, unique("k"), first);
      end(plm, cluster, first);
      assertHeld(plm, unique("k"), first);
      assertThat(plm.definitions().all(DefinitionKind.UNIQUE_HOLD)).containsOnlyKeys("k");
      // It is long gone otherwise.
      await()
          .untilAsserted(
              () ->
                  assertThat(
                          RpcErrors.reason(
                              catchThrowable(
                                  () ->
                                      plm.calls()
                                          .getTask(
                                              GetTaskRequest.newBuilder()
                                                  .setTaskId(first)
                                                  .build()))))
                      .isEqualTo("TASK_EXPIRED"));
    }
    try (TestPlm plm = TestPlm.start(data, "result.keep.seconds", "0")) {
      assertHeld(plm, unique("k"), first);
    }
    deleteMappedFiles();
    try (TestPlm plm = TestPlm.start(data, "result.keep.seconds", "0")) {
      assertHeld(plm, unique("k"), first);
    }
  }

  @Test
  void whatIsOverIsForgotten() throws Exception {
    try (TestPlm plm = TestPlm.start(data);
        FakeCluster cluster = new FakeCluster(plm.instance())) {
      long first = accepted(plm, unique("k").setUniqueForMs(300));
      end(plm, cluster, first);
      await()
          .untilAsserted(
              () -> assertThat(plm.definitions().all(DefinitionKind.UNIQUE_HOLD)).isEmpty());
      accepted(plm, unique("k"));
    }
  }

  /** The end comes while there is no PLM, in its slot ... */
  @Test
  void aHoldBeginsWithAnEndThatAStartFindsInItsSlot() throws Exception {
    long first = endedWhileThereWasNone();
    try (TestPlm plm = TestPlm.start(data)) {
      assertHeld(plm, unique("k"), first);
      await().until(() -> plm.instance().regions().tasks().wordOf(first) == -1);
      assertHeld(plm, unique("k"), first);
    }
  }

  /** ... or, after a reboot, in the journal alone. */
  @Test
  void aHoldBeginsWithAnEndThatAStartFindsInTheJournal() throws Exception {
    long first = endedWhileThereWasNone();
    deleteMappedFiles();
    try (TestPlm plm = TestPlm.start(data)) {
      assertThat(plm.instance().regions().tasks().wordOf(first)).isEqualTo(-1);
      await()
          .untilAsserted(
              () ->
                  assertThat(plm.definitions().all(DefinitionKind.UNIQUE_HOLD))
                      .containsOnlyKeys("k"));
      assertHeld(plm, unique("k"), first);
    }
  }

  private long endedWhileThereWasNone() throws Exception {
    FakeCluster cluster;
    long first;
    try (TestPlm plm = TestPlm.start(data)) {
      first = accepted(plm, unique("k").setUniqueForMs(HOUR));
      cluster = new FakeCluster(plm.instance());
      cluster.assign(first);
    }
    cluster.end(first, TaskState.SUCCEEDED, new byte[] {9}, false);
    cluster.close();
    return first;
  }

  @Test
  void keysAreHeldAcrossRestartsAndRebuilds() throws Exception {
    long running;
    long waiting;
    long ended;
    long whole;
    try (TestPlm plm = TestPlm.start(data);
        FakeCluster cluster = new FakeCluster(plm.instance())) {
      running = accepted(plm, untilStart("k"));
      cluster.assign(running);
      waiting = accepted(plm, untilStart("k"));
      whole = accepted(plm, unique("whole"));
      cluster.assign(whole);
      ended = accepted(plm, unique("ended"));
      end(plm, cluster, ended);
    }
    for (int start = 0; start < 2; start++) {
      try (TestPlm plm = TestPlm.start(data)) {
        assertHeld(plm, untilStart("k"), waiting);
        assertHeld(plm, unique("whole"), whole);
        if (start == 0) {
          long next = accepted(plm, unique("ended"));
          assertThat(next).isNotEqualTo(ended);
          ended = next;
        }
        assertHeld(plm, unique("ended"), ended);
      }
      deleteMappedFiles();
    }
    assertThat(running).isNotEqualTo(waiting);
  }

  /** Its leases are void: the one that had begun comes back, beside the one that took its key. */
  @Test
  void aRebuildLeavesTwoTasksOfAKeyThatWasGivenUpAtTheStart() throws Exception {
    long first;
    long second;
    try (TestPlm plm = TestPlm.start(data);
        FakeCluster cluster = new FakeCluster(plm.instance())) {
      first = accepted(plm, untilStart("k"));
      cluster.assign(first);
      second = accepted(plm, untilStart("k"));
    }
    deleteMappedFiles();
    try (TestPlm plm = TestPlm.start(data);
        FakeCluster cluster = new FakeCluster(plm.instance())) {
      assertThat(List.of(state(plm, first), state(plm, second))).containsOnly(TaskState.READY);
      assertHeld(plm, untilStart("k"), second);
      cluster.assign(second);
      assertThat(accepted(plm, untilStart("k"))).isNotIn(first, second);
      assertThat(state(plm, first)).isEqualTo(TaskState.READY);
    }
  }

  private static TaskState state(TestPlm plm, long id) {
    return StateWord.state(plm.instance().regions().tasks().wordOf(id));
  }

  /** Those that come together are decided by their order, not by how fast the first one starts. */
  @Test
  void theFirstOfABatchHoldsTheKey() throws Exception {
    try (TestPlm plm = TestPlm.start(data);
        FakeCluster cluster = new FakeCluster(plm.instance()).run()) {
      SubmitTasksRequest.Builder request = SubmitTasksRequest.newBuilder();
      request.addTasks(unique("bad").setType("not a type"));
      for (int i = 0; i < 50; i++) {
        request.addTasks(untilStart("k"));
        request.addTasks(Specs.spec());
        request.addTasks(unique("bad"));
      }
      SubmitTasksResponse answer = plm.calls().submitTasks(request.build());
      assertThat(answer.getDuplicates()).isEqualTo(98);
      assertThat(answer.getRefusalsList()).hasSize(1);
      assertThat(answer.getDuplicateTasksList())
          .hasSize(98)
          .allMatch(each -> each.getReason() == DuplicateReason.DUPLICATE_REASON_UNIQUE_KEY)
          .contains(
              Duplicate.newBuilder()
                  .setNumber(4)
                  .setReason(DuplicateReason.DUPLICATE_REASON_UNIQUE_KEY)
                  .setDuplicateOf(answer.getTaskIds(1))
                  .build());
      for (int i = 1; i <= 150; i += 3) {
        assertThat(answer.getTaskIds(i)).isEqualTo(answer.getTaskIds(1));
        assertThat(answer.getTaskIds(i + 2)).isEqualTo(answer.getTaskIds(3));
      }
      assertThat(answer.getTaskIdsList().stream().distinct()).hasSize(1 + 2 + 50);
    }
  }

  @Test
  void anAtomicCallWithAHeldKeyMakesNoTask() throws Exception {
    try (TestPlm plm = TestPlm.start(data)) {
      long holder = accepted(plm, unique("k"));
      SubmitTasksResponse answer =
          plm.calls()
              .submitTasks(
                  SubmitTasksRequest.newBuilder()
                      .setAtomic(true)
                      .addTasks(Specs.spec())
                      .addTasks(unique("k"))
                      .addTasks(unique("free"))
                      .build());
      assertThat(answer.getTaskIdsList()).containsExactly(0L, holder, 0L);
      assertThat(answer.getDuplicateTasksList()).hasSize(1);
      assertThat(answer.getDuplicateTasks(0).getNumber()).isEqualTo(1);
      assertThat(answer.getDuplicateTasks(0).getDuplicateOf()).isEqualTo(holder);
      assertThat(answer.getRefusalsList())
          .hasSize(2)
          .allMatch(each -> each.getReason().equals("ATOMIC_REFUSED"));
      accepted(plm, unique("free"));

      SubmitTasksResponse twice =
          plm.calls()
              .submitTasks(
                  SubmitTasksRequest.newBuilder()
                      .setAtomic(true)
                      .addTasks(unique("new"))
                      .addTasks(unique("new"))
                      .build());
      assertThat(twice.getTaskIdsList()).containsExactly(0L, 0L);
      assertThat(twice.getRefusalsList().stream().map(each -> each.getReason()))
          .containsExactlyInAnyOrder("ATOMIC_REFUSED", "UNIQUE_KEY_TWICE");
      accepted(plm, unique("new"));
    }
  }

  @Test
  void aSessionIsToldWhichTaskHoldsTheKey() throws Exception {
    try (TestPlm plm = TestPlm.start(data);
        FakeCluster cluster = new FakeCluster(plm.instance())) {
      TestSession session = TestSession.open(plm, 7);
      session.submit(1, List.of(unique("k").build(), Specs.spec(), unique("k").build()));
      await().until(() -> session.ackedThrough() == 3);
      assertThat(session.idOf(3)).isEqualTo(session.idOf(1));
      assertThat(session.duplicateTasks())
          .containsExactly(
              Duplicate.newBuilder()
                  .setNumber(3)
                  .setReason(DuplicateReason.DUPLICATE_REASON_UNIQUE_KEY)
                  .setDuplicateOf(session.idOf(1))
                  .build());
      long first = session.idOf(1);
      end(plm, cluster, first);
      // Its number names the same task, though its key is free by now.
      TestSession again = TestSession.open(plm, 7);
      again.submit(1, List.of(unique("k").build()));
      await().until(() -> again.ackedThrough() == 1);
      assertThat(again.idOf(1)).isEqualTo(first);
      assertThat(again.duplicateTasks()).isEmpty();
      again.submit(2, List.of(Specs.spec()));
      accepted(plm, unique("k"));
    }
  }

  /** Another submission with the same request id is not another submission. */
  @Test
  void aRequestIdNamesTheTaskThoughItsKeyIsFree() throws Exception {
    try (TestPlm plm = TestPlm.start(data);
        FakeCluster cluster = new FakeCluster(plm.instance())) {
      long first = accepted(plm, unique("k").setRequestId("r"));
      assertThat(submit(plm, unique("k").setRequestId("r")).getDuplicateReason())
          .isEqualTo(DuplicateReason.DUPLICATE_REASON_REQUEST_ID);
      end(plm, cluster, first);
      assertThat(submit(plm, unique("k").setRequestId("r")).getTaskId()).isEqualTo(first);
      long second = accepted(plm, unique("k"));
      // Nor does the answer to it take the key from the one that holds it.
      assertThat(submit(plm, unique("k").setRequestId("r")).getTaskId()).isEqualTo(first);
      assertHeld(plm, unique("k"), second);
    }
  }

  @Test
  void anOccurrenceOfAScheduleIsSkippedWhileItsKeyIsHeld() throws Exception {
    try (TestPlm plm = TestPlm.start(data)) {
      StoredSchedule stored =
          StoredSchedule.newBuilder()
              .setScheduleId(5)
              .setSchedule(Schedule.newBuilder().setName("s").setTask(unique("k")))
              .build();
      Batch first = plm.submitOccurrence(stored, 1_000);
      assertThat(first.accepted()).isEqualTo(1);
      Batch second = plm.submitOccurrence(stored, 2_000);
      assertThat(second.accepted()).isZero();
      assertThat(second.id(0)).isEqualTo(first.id(0));
      assertThat(second.duplicates()).isEqualTo(1);
    }
  }

  static List<Arguments> badSpecs() {
    return List.of(
        bad("UNIQUE_KEY_INVALID", "unique_key", spec -> spec.setUniqueKey("a b")),
        bad("UNIQUE_KEY_INVALID", "unique_key", spec -> spec.setUniqueKey("x".repeat(129))),
        bad("UNIQUE_UNTIL_UNKNOWN", "unique_until=9", spec -> spec.setUniqueUntilValue(9)),
        bad("UNIQUE_KEY_MISSING", "unique_for_ms=5", spec -> spec.clearUniqueKey()),
        bad(
            "UNIQUE_KEY_MISSING",
            "unique_until=1",
            spec -> spec.clearUniqueKey().clearUniqueForMs().setUniqueUntilValue(1)),
        bad("TIME_OUT_OF_RANGE", "unique_for_ms", spec -> spec.setUniqueForMs(-1)),
        bad(
            "UNIQUE_FOR_UNTIL_START",
            "unique_for_ms=5",
            spec -> spec.setUniqueUntil(UniqueUntil.UNIQUE_UNTIL_START)));
  }

  private static Arguments bad(
      String reason, String named, UnaryOperator<TaskSpec.Builder> change) {
    return Arguments.of(reason, named, change.apply(unique("k").setUniqueForMs(5)));
  }

  @ParameterizedTest
  @MethodSource("badSpecs")
  void refusesBadFieldAndNamesIt(String reason, String named, TaskSpec.Builder spec)
      throws Exception {
    try (TestPlm plm = TestPlm.start(data)) {
      Throwable error = catchThrowable(() -> submit(plm, spec));
      assertThat(Status.fromThrowable(error).getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
      assertThat(RpcErrors.reason(error)).isEqualTo(reason);
      assertThat(Status.fromThrowable(error).getDescription()).contains(named).contains("; ");
    }
  }
}
