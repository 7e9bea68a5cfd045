package io.tidemill.plm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.Status;
import io.tidemill.rpc.RpcErrors;
import io.tidemill.shm.region.TaskId;
import io.tidemill.v1.Durability;
import io.tidemill.v1.OpenSession;
import io.tidemill.v1.SessionRequest;
import io.tidemill.v1.SubmitRun;
import io.tidemill.v1.TaskResult;
import io.tidemill.v1.TaskSpec;
import io.tidemill.v1.TaskState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SessionTest {
  @TempDir Path folder;
  private TestPlm plm;
  private FakeCluster cluster;

  @BeforeEach
  void start() throws Exception {
    plm = TestPlm.start(folder.resolve("data"), "log.interval.seconds", "3600");
    cluster = new FakeCluster(plm.instance());
  }

  @AfterEach
  void stop() throws Exception {
    plm.close();
    cluster.close();
  }

  private static void awaitAcks(TestSession session, long through) {
    await().atMost(Duration.ofSeconds(30)).until(() -> session.ackedThrough() >= through);
  }

  private static void awaitResults(TestSession session, int count) {
    await().atMost(Duration.ofSeconds(30)).until(() -> session.resultCount() >= count);
  }

  private static List<Long> ids(TestSession session, long from, long to) {
    return LongStream.rangeClosed(from, to).map(session::idOf).boxed().toList();
  }

  private static Set<Long> resultIds(TestSession session) {
    Set<Long> ids = new HashSet<>();
    session.results().forEach(result -> ids.add(result.getTaskId()));
    return ids;
  }

  @Test
  void acknowledgesInOrderAndDeliversEachResultOnce() {
    cluster.run();
    TestSession session = TestSession.open(plm, 7);
    for (int run = 0; run < 40; run++) {
      session.submit(1 + 500L * run, Specs.specs(500));
    }
    awaitAcks(session, 20_000);
    awaitResults(session, 20_000);
    assertThat(session.opened().getResumed()).isFalse();
    assertThat(session.opened().getSubmitWindow()).isEqualTo(65_536);
    assertThat(session.opened().getPayloadBytesMax()).isEqualTo(1 << 20);
    assertThat(session.refusals()).isEmpty();
    assertThat(session.results()).hasSize(20_000);
    assertThat(resultIds(session)).hasSize(20_000);
    for (TaskResult result : session.results()) {
      assertThat(result.getTaskId()).isEqualTo(session.idOf(result.getNumber()));
      assertThat(result.getState()).isEqualTo(TaskState.TASK_STATE_SUCCEEDED);
      assertThat(result.getResult().toByteArray())
          .isEqualTo(FakeCluster.resultOf(result.getTaskId()));
    }
  }

  @Test
  void knowsItsNumbersAgainAfterABreak() {
    TestSession first = TestSession.open(plm, 8);
    first.submit(1, Specs.specs(100));
    awaitAcks(first, 100);
    first.cancel();

    TestSession second = TestSession.open(plm, 8);
    second.submit(51, Specs.specs(100));
    awaitAcks(second, 150);
    assertThat(second.opened().getResumed()).isTrue();
    assertThat(second.duplicates()).isEqualTo(50);
    assertThat(ids(second, 51, 100)).isEqualTo(ids(first, 51, 100));
    assertThat(plm.instance().control().count(io.tidemill.shm.region.Counter.ACCEPTED))
        .isEqualTo(150);

    second.await(ids(first, 1, 50));
    second.submit(151, Specs.specs(1));
    awaitAcks(second, 151);
    cluster.run();
    awaitResults(second, 151);
    assertThat(resultIds(second)).hasSize(151);
    assertThat(second.results()).hasSize(151);
  }

  @Test
  void deliversEndsThatCameWhileTheStreamWasBroken() {
    TestSession first = TestSession.open(plm, 9);
    first.submit(1, Specs.specs(10));
    awaitAcks(first, 10);
    first.cancel();
    cluster.run();
    await().until(() -> plm.instance().regions().tasks().wordOf(first.idOf(10)) == -1);

    TestSession second = TestSession.open(plm, 9);
    second.await(ids(first, 1, 10));
    awaitResults(second, 10);
    assertThat(second.results()).hasSize(10);
    assertThat(second.results().get(3).getNumber()).isEqualTo(4);
  }

  @Test
  void answersAwaitsOfTasksThatAreNotKnownOrAnothers() {
    TestSession other = TestSession.open(plm, 10);
    other.submit(1, Specs.specs(2));
    awaitAcks(other, 2);
    TestSession session = TestSession.open(plm, 11);
    session.await(List.of(4711L, other.idOf(1), other.idOf(2)));
    awaitResults(session, 1);
    assertThat(session.results().get(0).getState()).isEqualTo(TaskState.TASK_STATE_UNSPECIFIED);
    assertThat(session.results().get(0).getTaskId()).isEqualTo(4711);
    assertThat(session.results().get(0).getError()).isNotEmpty();
    cluster.run();
    awaitResults(session, 3);
    awaitResults(other, 2);
    assertThat(session.results().get(1).getNumber()).isZero();
  }

  @Test
  void streamsNoResultsWhereNoneAreWantedButThoseAwaited() {
    OpenSession open = OpenSession.newBuilder().setSessionId(12).setNoResults(true).build();
    TestSession session = TestSession.open(plm, open, true);
    session.submit(1, Specs.specs(3));
    awaitAcks(session, 3);
    session.await(List.of(session.idOf(2)));
    await()
        .until(() -> plm.instance().control().count(io.tidemill.shm.region.Counter.ACCEPTED) == 3);
    cluster.run();
    awaitResults(session, 1);
    await().until(() -> plm.instance().regions().tasks().wordOf(session.idOf(3)) == -1);
    assertThat(session.results()).hasSize(1);
    assertThat(session.results().get(0).getNumber()).isEqualTo(2);
  }

  @Test
  void givesTheSessionToItsSecondStream() {
    TestSession first = TestSession.open(plm, 13);
    first.submit(1, Specs.specs(1));
    awaitAcks(first, 1);
    TestSession second = TestSession.open(plm, 13);
    await().until(() -> first.ended() != null);
    assertThat(first.ended().getCode()).isEqualTo(Status.Code.ABORTED);
    assertThat(RpcErrors.reason(first.error())).isEqualTo("SESSION_OPENED_ELSEWHERE");
    second.submit(2, Specs.specs(1));
    awaitAcks(second, 2);
  }

  @Test
  void breaksStreamsThatBreakTheRules() {
    assertBroken("SESSION_NOT_OPEN", session -> session.submit(1, Specs.specs(1)), false);
    assertBroken(
        "SESSION_ID_ZERO",
        session ->
            session.send(
                SessionRequest.newBuilder().setOpen(OpenSession.getDefaultInstance()).build()),
        false);
    assertBroken(
        "SESSION_OPEN_TWICE",
        session ->
            session.send(
                SessionRequest.newBuilder()
                    .setOpen(OpenSession.newBuilder().setSessionId(20))
                    .build()),
        true);
    assertBroken(
        "SESSION_MESSAGE_UNKNOWN",
        session -> session.send(SessionRequest.getDefaultInstance()),
        true);
    assertBroken("NUMBER_OUT_OF_RANGE", session -> session.submit(0, Specs.specs(1)), true);
    assertBroken("NUMBER_OUT_OF_RANGE", session -> session.submit(-5, Specs.specs(1)), true);
    assertBroken(
        "NUMBER_OUT_OF_ORDER",
        session -> {
          session.submit(1, Specs.specs(2));
          session.submit(4, Specs.specs(1));
        },
        true);
    List<TaskSpec> many = Collections.nCopies(65_537, TaskSpec.getDefaultInstance());
    assertBroken("SUBMIT_WINDOW_EXCEEDED", session -> session.submit(1, many), true);
  }

  private long nextSession = 1_000;

  private void assertBroken(
      String reason, java.util.function.Consumer<TestSession> wrong, boolean open) {
    TestSession session;
    if (open) {
      session = TestSession.open(plm, nextSession++);
    } else {
      session = TestSession.unopened(plm);
    }
    wrong.accept(session);
    await().until(() -> session.ended() != null);
    assertThat(RpcErrors.reason(session.error())).isEqualTo(reason);
    assertThat(session.ended().getDescription()).contains("; ");
  }

  @Test
  void refusesNumbersThatItHasForgotten() {
    TestSession first = TestSession.open(plm, 14);
    first.submit(200_000, Specs.specs(10));
    awaitAcks(first, 200_009);
    first.cancel();
    TestSession second = TestSession.open(plm, 14);
    second.submit(100_000, Specs.specs(2));
    await().until(() -> second.ended() != null);
    assertThat(RpcErrors.reason(second.error())).isEqualTo("NUMBER_FORGOTTEN");
  }

  @Test
  void refusesSingleSubmissionsInTheirPlace() {
    TestSession session = TestSession.open(plm, 15);
    List<TaskSpec> specs = new ArrayList<>(Specs.specs(3));
    specs.set(1, TaskSpec.getDefaultInstance());
    session.submit(1, specs);
    awaitAcks(session, 3);
    assertThat(session.idOf(1)).isNotZero();
    assertThat(session.idOf(2)).isZero();
    assertThat(session.idOf(3)).isNotZero();
    assertThat(session.refusals()).hasSize(1);
    assertThat(session.refusals().get(0).getNumber()).isEqualTo(2);
    assertThat(session.refusals().get(0).getReason()).isEqualTo("TYPE_INVALID");
  }

  @Test
  void keepsAcknowledgementsInOrderWhereDurabilitiesAreMixed() {
    TestSession session = TestSession.open(plm, 16);
    TaskSpec disk = Specs.spec().toBuilder().setDurability(Durability.DURABILITY_DISK).build();
    TaskSpec named = Specs.spec().toBuilder().setRequestId("named").build();
    for (int i = 0; i < 200; i += 4) {
      session.submit(1 + i, List.of(Specs.spec()));
      session.submit(2 + i, List.of(disk));
      session.submit(3 + i, List.of(named));
      session.submit(4 + i, List.of(disk));
    }
    awaitAcks(session, 200);
    assertThat(session.ended()).isNull();
    assertThat(session.duplicates()).isEqualTo(49);
    assertThat(new HashSet<>(ids(session, 1, 200))).hasSize(151);
    cluster.run();
    await()
        .until(
            () -> {
              cluster.force();
              return session.resultCount() == 151;
            });
  }

  @Test
  void completesAfterAHalfCloseOnceEverythingIsDelivered() {
    TestSession session = TestSession.open(plm, 17);
    session.submit(1, Specs.specs(50));
    session.halfClose();
    awaitAcks(session, 50);
    assertThat(session.ended()).isNull();
    cluster.run();
    await().until(() -> session.ended() != null);
    assertThat(session.ended().isOk()).isTrue();
    assertThat(session.results()).hasSize(50);
  }

  @Test
  void lastsForOthersWhileOneDoesNotReadItsResults() {
    cluster.resultBytes(4_096);
    cluster.run();
    TestSession slow = TestSession.openUnread(plm, 18);
    TestSession quick = TestSession.open(plm, 19);
    slow.submit(1, Specs.specs(2_000));
    for (int run = 0; run < 4; run++) {
      quick.submit(1 + 1_000L * run, Specs.specs(1_000));
    }
    awaitResults(quick, 4_000);
    assertThat(slow.resultCount()).isZero();
    slow.read(100_000);
    awaitResults(slow, 2_000);
    assertThat(resultIds(slow)).hasSize(2_000);
  }

  @Test
  void doesNotReadSubmissionsOfAClientThatDoesNotReadItsAnswers() {
    TestSession slow = TestSession.openUnread(plm, 21);
    int run = 0;
    while (slow.isReady() && run < 100_000) {
      SubmitRun none =
          SubmitRun.newBuilder().setFirstNumber(1 + run).addTasks(Specs.spec()).build();
      slow.send(SessionRequest.newBuilder().setSubmit(none).build());
      run++;
    }
    long accepted = plm.instance().control().count(io.tidemill.shm.region.Counter.ACCEPTED);
    assertThat(accepted).isLessThanOrEqualTo(run);
    slow.read(1_000_000);
    awaitAcks(slow, run);
  }

  @Test
  void slotsComeRoundInTheOrderOfTheirRelease() {
    cluster.run();
    TestSession session = TestSession.open(plm, 22);
    for (int run = 0; run < 60; run++) {
      session.submit(1 + 1_000L * run, Specs.specs(1_000));
      awaitResults(session, 1_000 * (run + 1));
    }
    Set<Integer> slots = new HashSet<>();
    ids(session, 1, 20_000).forEach(id -> slots.add(TaskId.slot(id)));
    assertThat(slots).hasSize(20_000);
    assertThat(TaskId.generation(session.idOf(60_000))).isEqualTo(3);
  }
}
