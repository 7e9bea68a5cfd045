package io.tidemill.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.tidemill.v1.DuplicateReason;
import io.tidemill.v1.Refusal;
import io.tidemill.v1.TaskResult;
import io.tidemill.v1.TaskSpec;
import io.tidemill.v1.TaskState;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class TaskSessionTest {
  private static final Duration LONG = Duration.ofSeconds(60);

  private final FakePlm plm = new FakePlm();
  private final TidemillClient client = TidemillClient.connect(plm.address());
  private final Recorder recorder = new Recorder();

  @AfterEach
  void close() {
    client.close();
    plm.close();
  }

  /** Counts every callback of every handle. */
  private static final class Recorder implements ResultListener {
    final Map<Long, AtomicInteger> ends = new ConcurrentHashMap<>();
    final Map<Long, AtomicInteger> accepts = new ConcurrentHashMap<>();
    final Map<Long, TaskResult> results = new ConcurrentHashMap<>();
    final Map<Long, Refusal> refusals = new ConcurrentHashMap<>();
    final Map<Long, Long> abandoned = new ConcurrentHashMap<>();
    final Map<Long, Long> duplicates = new ConcurrentHashMap<>();

    private static void count(Map<Long, AtomicInteger> map, long handle) {
      map.computeIfAbsent(handle, h -> new AtomicInteger()).incrementAndGet();
    }

    @Override
    public void duplicate(long handle, long taskId, DuplicateReason reason) {
      assertThat(reason).isEqualTo(DuplicateReason.DUPLICATE_REASON_REQUEST_ID);
      assertThat(accepts).doesNotContainKey(handle);
      duplicates.put(handle, taskId);
    }

    @Override
    public void accepted(long handle, long taskId, long latencyNanos) {
      count(accepts, handle);
    }

    @Override
    public void ended(long handle, TaskResult result, long latencyNanos) {
      count(ends, handle);
      results.put(handle, result);
    }

    @Override
    public void refused(long handle, Refusal refusal) {
      count(ends, handle);
      refusals.put(handle, refusal);
    }

    @Override
    public void abandoned(long handle, long taskId, String why) {
      count(ends, handle);
      abandoned.put(handle, taskId);
    }
  }

  private static TaskSpec spec(long n) {
    return TaskSpec.newBuilder()
        .setType("echo")
        .setPayload(ByteString.copyFromUtf8("payload " + n))
        .build();
  }

  private void submitAndAwait(TaskSession session, int count) throws InterruptedException {
    for (int n = 1; n <= count; n++) {
      assertThat(session.submit(spec(n), recorder)).isEqualTo(n);
    }
    assertThat(session.awaitQuiet(LONG)).isTrue();
  }

  private void assertEachEndedOnceWithItsOwnResult(int count) {
    assertThat(recorder.ends).hasSize(count);
    assertThat(recorder.ends.values()).allMatch(n -> n.get() == 1);
    assertThat(recorder.accepts).hasSize(count);
    assertThat(recorder.accepts.values()).allMatch(n -> n.get() == 1);
    recorder.results.forEach(
        (handle, result) ->
            assertThat(result.getResult().toStringUtf8()).isEqualTo("payload " + handle));
    assertThat(plm.taskCount()).isEqualTo(count);
  }

  @Test
  void deliversEachResultOnceToItsListener() throws Exception {
    try (TaskSession session = client.openSession()) {
      submitAndAwait(session, 20_000);
      assertEachEndedOnceWithItsOwnResult(20_000);
      assertThat(session.status().repeatedResults()).isZero();
      assertThat(plm.breaks).hasValue(0);
    }
  }

  @Test
  void batchesWhatGathersWhileMessagesAreUnderWay() throws Exception {
    try (TaskSession session = client.openSession()) {
      submitAndAwait(session, 20_000);
      assertThat(plm.runs.get()).isLessThan(20_000);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 512, 900})
  void losesAndDoublesNothingWhenStreamBreaksBeforeAcknowledging(int every) throws Exception {
    plm.breakAfterAccepted(every);
    int count = every < 10 ? 40 : 5_000;
    try (TaskSession session = client.openSession()) {
      submitAndAwait(session, count);
      assertEachEndedOnceWithItsOwnResult(count);
      assertThat(plm.breaks).hasPositiveValue();
      assertThat(session.status().contradictions()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 700})
  void losesAndDoublesNothingWhenStreamBreaksAfterAcknowledging(int every) throws Exception {
    plm.breakAfterAcks(every);
    int count = every < 10 ? 40 : 5_000;
    try (TaskSession session = client.openSession()) {
      submitAndAwait(session, count);
      assertEachEndedOnceWithItsOwnResult(count);
      assertThat(plm.breaks).hasPositiveValue();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 700})
  void losesAndDoublesNothingWhenStreamBreaksAfterResults(int every) throws Exception {
    plm.breakAfterResults(every);
    int count = every < 10 ? 40 : 5_000;
    try (TaskSession session = client.openSession()) {
      submitAndAwait(session, count);
      assertEachEndedOnceWithItsOwnResult(count);
      assertThat(plm.breaks).hasPositiveValue();
    }
  }

  @Test
  void goesOnWhenServerIsKilledAndStartedAgainOnTheSamePort() throws Exception {
    plm.endsAtOnce(false);
    try (TaskSession session = client.openSession()) {
      for (int n = 1; n <= 3_000; n++) {
        session.submit(spec(n), recorder);
        if (n == 1_000) {
          await().atMost(LONG).until(() -> plm.taskCount() > 0);
          plm.kill();
        } else if (n == 2_000) {
          await().atMost(LONG).until(() -> session.status().brokenSinceMillis() > 0);
          plm.start();
        }
      }
      await().atMost(LONG).until(() -> recorder.accepts.size() == 3_000);
      plm.kill();
      plm.endAll();
      plm.start();
      assertThat(session.awaitQuiet(LONG)).isTrue();
      assertEachEndedOnceWithItsOwnResult(3_000);
    }
  }

  @Test
  void awaitsMoreThanTenThousandTasksAfterBreakInSeveralMessages() throws Exception {
    plm.endsAtOnce(false);
    try (TaskSession session = client.openSession()) {
      for (int n = 1; n <= 25_000; n++) {
        session.submit(spec(n), recorder);
      }
      await().atMost(LONG).until(() -> recorder.accepts.size() == 25_000);
      plm.kill();
      plm.endAll();
      plm.start();
      assertThat(session.awaitQuiet(LONG)).isTrue();
      assertEachEndedOnceWithItsOwnResult(25_000);
    }
  }

  @Test
  void servesManySubmittersWhileStreamsBreakAndTasksAreRefused() throws Exception {
    AtomicLong asked = new AtomicLong();
    plm.breakAfterAccepted(900)
        .resultsTwice(true)
        .refuser(
            spec ->
                asked.incrementAndGet() % 10 == 0
                    ? Refusal.newBuilder().setReason("TASKS_FULL").setCode(8).setRetryAfterMs(2)
                    : null);
    SessionOptions options = SessionOptions.defaults().withOutstandingMax(500);
    try (TaskSession session = client.openSession(options)) {
      List<CompletableFuture<Void>> submitters =
          IntStream.range(0, 4)
              .mapToObj(t -> CompletableFuture.runAsync(() -> submitMany(session, 2_000)))
              .toList();
      for (CompletableFuture<Void> submitter : submitters) {
        submitter.get(60, TimeUnit.SECONDS);
      }
      assertThat(session.awaitQuiet(LONG)).isTrue();
      assertThat(recorder.ends).hasSize(8_000);
      assertThat(recorder.ends.values()).allMatch(n -> n.get() == 1);
      assertThat(recorder.refusals).isEmpty();
      assertThat(plm.taskCount()).isEqualTo(8_000);
      assertThat(plm.breaks).hasPositiveValue();
    }
  }

  private void submitMany(TaskSession session, int count) {
    for (int n = 0; n < count; n++) {
      assertThat(submitted(session, n)).isPositive();
    }
  }

  @Test
  void takesResultsThatOvertakeTheirAcknowledgement() throws Exception {
    plm.resultsFirst(true).breakAfterAcks(300);
    try (TaskSession session = client.openSession()) {
      submitAndAwait(session, 2_000);
      assertEachEndedOnceWithItsOwnResult(2_000);
    }
  }

  @Test
  void dropsResultsThatComeTwice() throws Exception {
    plm.resultsTwice(true);
    try (TaskSession session = client.openSession()) {
      submitAndAwait(session, 1_000);
      assertEachEndedOnceWithItsOwnResult(1_000);
      await().atMost(LONG).until(() -> session.status().repeatedResults() == 1_000);
      assertThat(session.status().contradictions()).isZero();
    }
  }

  @Test
  void retriesRefusalsThatMayPassUnderTheSameHandle() throws Exception {
    AtomicLong refused = new AtomicLong();
    plm.refuser(
        spec ->
            refused.incrementAndGet() % 3 == 0
                ? Refusal.newBuilder().setReason("TASKS_FULL").setCode(8).setRetryAfterMs(5)
                : null);
    try (TaskSession session = client.openSession()) {
      submitAndAwait(session, 500);
      assertEachEndedOnceWithItsOwnResult(500);
      assertThat(recorder.refusals).isEmpty();
    }
  }

  @Test
  void surfacesRefusalsThatWillNotPass() throws Exception {
    plm.refuser(
        spec ->
            spec.getPayload().toStringUtf8().endsWith("3")
                ? Refusal.newBuilder().setReason("TYPE_INVALID").setCode(3)
                : null);
    try (TaskSession session = client.openSession()) {
      submitAndAwait(session, 100);
      assertThat(recorder.ends).hasSize(100);
      assertThat(recorder.refusals).hasSize(10).containsKeys(3L, 13L, 93L);
      assertThat(recorder.refusals.get(3L).getReason()).isEqualTo("TYPE_INVALID");
    }
  }

  @Test
  void refusesPayloadAboveServersLimitWithoutBreakingTheStream() throws Exception {
    plm.payloadBytesMax(10);
    try (TaskSession session = client.openSession()) {
      submitAndAwait(session, 200);
      assertThat(recorder.refusals).hasSize(101);
      assertThat(recorder.refusals.get(100L).getReason()).isEqualTo("PAYLOAD_TOO_LARGE");
      assertThat(plm.breaks).hasValue(0);
    }
  }

  @Test
  void keepsToServersSubmitWindow() throws Exception {
    plm.submitWindow(3);
    try (TaskSession session = client.openSession()) {
      submitAndAwait(session, 500);
      assertEachEndedOnceWithItsOwnResult(500);
      assertThat(plm.breaks).hasValue(0);
    }
  }

  @Test
  void blocksSubmitterWhileWindowOfResultsIsFull() throws Exception {
    plm.endsAtOnce(false);
    SessionOptions options = SessionOptions.defaults().withOutstandingMax(10);
    try (TaskSession session = client.openSession(options)) {
      for (int n = 1; n <= 10; n++) {
        session.submit(spec(n), recorder);
      }
      assertThat(session.tryOffer(spec(11), recorder)).isZero();
      CompletableFuture<Long> blocked = CompletableFuture.supplyAsync(() -> submitted(session, 11));
      await().atMost(LONG).until(() -> plm.taskCount() == 10);
      assertThat(blocked).isNotDone();
      plm.endAll();
      assertThat(blocked.get(60, TimeUnit.SECONDS)).isEqualTo(11);
      await().atMost(LONG).until(() -> plm.taskCount() == 11);
      plm.endAll();
      assertThat(session.awaitQuiet(LONG)).isTrue();
    }
  }

  private long submitted(TaskSession session, long n) {
    try {
      return session.submit(spec(n), recorder);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void givesOneTaskToBothSubmissionsWithTheSameRequestId() throws Exception {
    TaskSpec named = spec(1).toBuilder().setRequestId("r").build();
    plm.endsAtOnce(false);
    try (TaskSession session = client.openSession()) {
      session.submit(named, recorder);
      session.submit(named, recorder);
      await().atMost(LONG).until(() -> recorder.accepts.size() == 2);
      plm.endAll();
      assertThat(session.awaitQuiet(LONG)).isTrue();
      session.submit(named, recorder);
      assertThat(session.awaitQuiet(LONG)).isTrue();
      assertThat(recorder.results).hasSize(3);
      assertThat(recorder.ends.values()).allMatch(n -> n.get() == 1);
      assertThat(recorder.duplicates).hasSize(2);
      assertThat(recorder.duplicates.values()).containsOnly(plm.allTasks().get(0).getTaskId());
      assertThat(plm.taskCount()).isEqualTo(1);
    }
  }

  @Test
  void saysSoWhenResultIsNoLongerKept() throws Exception {
    plm.endsAtOnce(false);
    try (TaskSession session = client.openSession()) {
      session.submit(spec(1), recorder);
      await().atMost(LONG).until(() -> recorder.accepts.size() == 1);
      plm.kill();
      plm.forget(plm.allTasks().get(0).getTaskId());
      plm.start();
      assertThat(session.awaitQuiet(LONG)).isTrue();
      assertThat(recorder.results.get(1L).getState()).isEqualTo(TaskState.TASK_STATE_UNSPECIFIED);
      assertThat(recorder.results.get(1L).getError()).contains("not known");
    }
  }

  @Test
  void endsAtAcknowledgementWithoutResults() throws Exception {
    plm.breakAfterAccepted(150);
    SessionOptions options = SessionOptions.defaults().withResults(false);
    try (TaskSession session = client.openSession(options)) {
      submitAndAwait(session, 1_000);
      assertThat(recorder.accepts).hasSize(1_000);
      assertThat(recorder.accepts.values()).allMatch(n -> n.get() == 1);
      assertThat(recorder.ends).isEmpty();
      assertThat(plm.taskCount()).isEqualTo(1_000);
    }
  }

  @Test
  void abandonsWhatHasNoEndWhenClosed() throws Exception {
    plm.endsAtOnce(false);
    TaskSession session = client.openSession();
    session.submit(spec(1), recorder);
    await().atMost(LONG).until(() -> recorder.accepts.size() == 1);
    session.close();
    assertThat(recorder.abandoned).containsEntry(1L, plm.allTasks().get(0).getTaskId());
    assertThatThrownBy(() -> session.submit(spec(2), recorder))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void givesFuturesOnTopOfCallbacks() throws Exception {
    try (TaskSession session = client.openSession()) {
      TaskResult result = session.submitAsync(spec(5)).get(60, TimeUnit.SECONDS);
      assertThat(result.getResult().toStringUtf8()).isEqualTo("payload 5");
    }
  }

  @Test
  void letsListenerOfferTheNextTask() throws Exception {
    try (TaskSession session =
        client.openSession(SessionOptions.defaults().withOutstandingMax(1))) {
      session.submit(spec(1), new Chain(session, 50));
      await().atMost(LONG).until(() -> plm.taskCount() == 50);
      assertThat(session.awaitQuiet(LONG)).isTrue();
    }
  }

  /** Offers the next task when one has ended. */
  private static final class Chain implements ResultListener {
    private final TaskSession session;
    private final int count;

    Chain(TaskSession session, int count) {
      this.session = session;
      this.count = count;
    }

    @Override
    public void ended(long handle, TaskResult result, long latencyNanos) {
      if (handle < count) {
        assertThat(session.tryOffer(spec(handle + 1), this)).isEqualTo(handle + 1);
      }
    }

    @Override
    public void refused(long handle, Refusal refusal) {
      throw new AssertionError(refusal);
    }
  }

  @Test
  void saysThatServerCannotBeReached() throws Exception {
    plm.kill();
    try (TaskSession session = client.openSession()) {
      session.submit(spec(1), recorder);
      assertThat(session.awaitOpened(Duration.ofMillis(300))).isFalse();
      await()
          .atMost(LONG)
          .untilAsserted(
              () ->
                  assertThat(session.status().lastError())
                      .hasMessageContaining("cannot reach the PLM")
                      .hasMessageContaining(plm.address()));
      plm.start();
      assertThat(session.awaitQuiet(LONG)).isTrue();
      assertEachEndedOnceWithItsOwnResult(1);
    }
  }
}
