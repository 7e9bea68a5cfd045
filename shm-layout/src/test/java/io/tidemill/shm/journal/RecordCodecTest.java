package io.tidemill.shm.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordCodecTest {
  private static final int MIB = 1 << 20;

  @TempDir Path folder;

  @Test
  void returnsEachFieldOfSubmission() {
    SubmissionEncoder encoder =
        new SubmissionEncoder()
            .task(Long.MIN_VALUE, 1_700_000_000_123L, "word/count", Integer.MIN_VALUE)
            .session(-2, Long.MAX_VALUE)
            .requestId("Auftrag \u00fc \ud83d\ude80")
            .terms(-1, 1000, (byte) 2)
            .payload(ByteBuffer.wrap(new byte[] {9, 1, 2, 3, 9}, 1, 3));
    through(
        encoder,
        77,
        view -> {
          SubmissionDecoder record = new SubmissionDecoder().wrap(view);
          assertThat(view.kind()).isEqualTo(RecordKind.SUBMISSION);
          assertThat(view.sequence()).isEqualTo(77);
          assertThat(view.blobLength()).isEqualTo(3);
          assertThat(record.taskId()).isEqualTo(Long.MIN_VALUE);
          assertThat(record.submittedMillis()).isEqualTo(1_700_000_000_123L);
          assertThat(record.type()).isEqualTo("word/count");
          assertThat(record.typeEquals(new byte[] {'w'})).isFalse();
          assertThat(record.typeEquals(record.typeBytes())).isTrue();
          assertThat(record.priority()).isEqualTo(Integer.MIN_VALUE);
          assertThat(record.sessionId()).isEqualTo(-2);
          assertThat(record.sessionNumber()).isEqualTo(Long.MAX_VALUE);
          assertThat(record.requestId()).isEqualTo("Auftrag \u00fc \ud83d\ude80");
          assertThat(record.executionTimeoutMillis()).isEqualTo(-1);
          assertThat(record.maxAttempts()).isEqualTo(1000);
          assertThat(record.durability()).isEqualTo((byte) 2);
          assertThat(record.payloadLength()).isEqualTo(3);
          assertThat(record.payloadBytes()).containsExactly(1, 2, 3);
          assertThat(record.payload()).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2, 3}));
        });
  }

  @Test
  void takesSubmissionAtAllItsLimits() {
    byte[] payload = new byte[MIB];
    new Random(1).nextBytes(payload);
    String type = "t".repeat(128);
    String requestId = "\ud83d\ude80".repeat(128);
    SubmissionEncoder encoder =
        new SubmissionEncoder()
            .task(1, 2, type, Integer.MAX_VALUE)
            .requestId(requestId)
            .terms(1, 65_535, (byte) 1)
            .payload(payload, 0, payload.length);
    through(
        encoder,
        1,
        view -> {
          SubmissionDecoder record = new SubmissionDecoder().wrap(view);
          assertThat(record.type()).isEqualTo(type);
          assertThat(record.requestId()).isEqualTo(requestId);
          assertThat(record.maxAttempts()).isEqualTo(65_535);
          byte[] copy = new byte[MIB + 1];
          record.copyPayload(copy, 1);
          assertThat(ByteBuffer.wrap(copy, 1, MIB)).isEqualTo(ByteBuffer.wrap(payload));
        });
  }

  private static final Terms TERMS =
      new Terms(
          new Terms.Times(1_800_000_000_001L, 1_800_000_000_002L, 3, Long.MAX_VALUE),
          new Terms.Backoff(100, Integer.MAX_VALUE, 65_535, 100),
          255,
          new Terms.Texts("echo@mail zone=a", "k\u00fcche", "acme", "cache:17"),
          65_535,
          ByteBuffer.wrap(new byte[] {8, 1, 2, 8}, 1, 2));

  @Test
  void returnsTermsOfSubmission() {
    SubmissionEncoder encoder =
        new SubmissionEncoder()
            .task(1, 2, "echo", 3)
            .requestId("r")
            .payload(new byte[] {7}, 0, 1)
            .terms(TERMS);
    through(
        encoder,
        1,
        view -> {
          assertThat(view.version()).isEqualTo((byte) 2);
          SubmissionDecoder record = new SubmissionDecoder().wrap(view);
          assertThat(record.hasTerms()).isTrue();
          assertThat(record.terms()).isEqualTo(TERMS);
          assertThat(record.lane()).isEqualTo("echo@mail zone=a");
          assertThat(record.type()).isEqualTo("echo");
          assertThat(record.requestId()).isEqualTo("r");
          assertThat(record.payloadBytes()).containsExactly(7);
        });
  }

  @Test
  void writesPlainSubmissionAsBefore() {
    SubmissionEncoder encoder = new SubmissionEncoder().task(1, 2, "first", 3).terms(TERMS);
    through(
        encoder.task(1, 2, "echo", 3),
        1,
        view -> {
          assertThat(view.version()).isEqualTo((byte) 1);
          assertThat(view.length()).isEqualTo(72 + "echo".length());
          SubmissionDecoder record = new SubmissionDecoder().wrap(view);
          assertThat(record.hasTerms()).isFalse();
          assertThat(record.terms()).isEqualTo(Terms.NONE);
          assertThat(record.lane()).isEqualTo("echo");
        });
  }

  @Test
  void refusesTermsThatAreTooLong() {
    SubmissionEncoder encoder = new SubmissionEncoder().task(1, 2, "echo", 3);
    int room = 65_535 - 52;
    through(
        encoder.terms(Terms.NONE.withExtra(ByteBuffer.allocate(room))),
        1,
        view ->
            assertThat(new SubmissionDecoder().wrap(view).terms().extra().remaining())
                .isEqualTo(room));
    assertThatThrownBy(() -> encoder.terms(Terms.NONE.withExtra(ByteBuffer.allocate(room + 1))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("bytes=65536");
  }

  @Test
  void emptiesWhatNextSubmissionDoesNotSet() {
    SubmissionEncoder encoder =
        new SubmissionEncoder()
            .task(1, 2, "first", 3)
            .session(4, 5)
            .requestId("first")
            .payload(new byte[9], 0, 9);
    through(
        encoder.task(6, 7, "", 8),
        1,
        view -> {
          SubmissionDecoder record = new SubmissionDecoder().wrap(view);
          assertThat(record.sessionId()).isZero();
          assertThat(record.sessionNumber()).isZero();
          assertThat(record.type()).isEmpty();
          assertThat(record.requestId()).isEmpty();
          assertThat(record.payloadLength()).isZero();
        });
  }

  @Test
  void refusesTextsThatAreTooLong() {
    SubmissionEncoder encoder = new SubmissionEncoder();
    assertThatThrownBy(() -> encoder.task(1, 2, "t".repeat(129), 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("field=type characters=129");
    assertThatThrownBy(() -> encoder.requestId("r".repeat(129)))
        .hasMessageContaining("field=request_id characters=129");
    assertThatThrownBy(() -> new OutcomeEncoder().task(1, 2, (byte) 5, 3, "w".repeat(65)))
        .hasMessageContaining("field=worker_id");
  }

  @Test
  void returnsEachFieldOfOutcome() {
    byte[] result = {5, 6, 7};
    OutcomeEncoder encoder =
        new OutcomeEncoder()
            .task(11, -12, (byte) 9, 13, "worker-1")
            .times(14, 15, 16)
            .counts(65_535, 40_000)
            .error("no such f\u00efle")
            .result(result, 1, 2);
    through(
        encoder,
        -1,
        view -> {
          OutcomeDecoder record = new OutcomeDecoder().wrap(view);
          assertThat(view.kind()).isEqualTo(RecordKind.OUTCOME);
          assertThat(view.sequence()).isEqualTo(-1);
          assertThat(record.taskId()).isEqualTo(11);
          assertThat(record.lease()).isEqualTo(-12);
          assertThat(record.state()).isEqualTo((byte) 9);
          assertThat(record.endedMillis()).isEqualTo(13);
          assertThat(record.assignedMillis()).isEqualTo(14);
          assertThat(record.startedMillis()).isEqualTo(15);
          assertThat(record.runMicros()).isEqualTo(16);
          assertThat(record.attempt()).isEqualTo(65_535);
          assertThat(record.returns()).isEqualTo(40_000);
          assertThat(record.workerId()).isEqualTo("worker-1");
          assertThat(record.error()).isEqualTo("no such f\u00efle");
          assertThat(record.resultLength()).isEqualTo(2);
          assertThat(record.resultBytes()).containsExactly(6, 7);
          assertThat(record.result()).isEqualTo(ByteBuffer.wrap(new byte[] {6, 7}));
        });
  }

  @Test
  void cutsErrorAfterFourThousandCharacters() {
    String rocket = "\ud83d\ude80";
    OutcomeEncoder outcome =
        new OutcomeEncoder()
            .task(1, 2, (byte) 6, 3, "w".repeat(64))
            .error(rocket.repeat(5_000))
            .result(ByteBuffer.wrap(new byte[MIB]));
    through(
        outcome,
        1,
        view -> {
          OutcomeDecoder record = new OutcomeDecoder().wrap(view);
          assertThat(record.error()).isEqualTo(rocket.repeat(4_000));
          assertThat(record.workerId()).hasSize(64);
          assertThat(record.resultLength()).isEqualTo(MIB);
        });
    AttemptEncoder attempt =
        new AttemptEncoder().task(1, 2, 3, 4, (byte) 5, "").error("x".repeat(4_001));
    through(
        attempt,
        1,
        view -> assertThat(new AttemptDecoder().wrap(view).error()).isEqualTo("x".repeat(4_000)));
  }

  @Test
  void returnsEachFieldOfAttempt() {
    AttemptEncoder encoder =
        new AttemptEncoder().task(21, 22, 23, 24, (byte) 25, "worker-2").error("exit code 1");
    through(
        encoder,
        3,
        view -> {
          AttemptDecoder record = new AttemptDecoder().wrap(view);
          assertThat(view.kind()).isEqualTo(RecordKind.ATTEMPT);
          assertThat(view.blobLength()).isZero();
          assertThat(record.taskId()).isEqualTo(21);
          assertThat(record.lease()).isEqualTo(22);
          assertThat(record.millis()).isEqualTo(23);
          assertThat(record.attempt()).isEqualTo(24);
          assertThat(record.cause()).isEqualTo((byte) 25);
          assertThat(record.workerId()).isEqualTo("worker-2");
          assertThat(record.error()).isEqualTo("exit code 1");
        });
  }

  @Test
  void returnsEachFieldOfDefinition() {
    String name = "\ud83d\ude80".repeat(128);
    DefinitionEncoder encoder =
        new DefinitionEncoder().definition((byte) 31, name, 32, new byte[] {33, 34});
    through(
        encoder,
        4,
        view -> {
          DefinitionDecoder record = new DefinitionDecoder().wrap(view);
          assertThat(view.kind()).isEqualTo(RecordKind.DEFINITION);
          assertThat(view.blobLength()).isEqualTo(2);
          assertThat(record.definition()).isEqualTo((byte) 31);
          assertThat(record.name()).isEqualTo(name);
          assertThat(record.millis()).isEqualTo(32);
          assertThat(record.body()).containsExactly(33, 34);
        });
  }

  @Test
  void refusesToReadRecordAsAnotherKind() {
    AttemptEncoder encoder = new AttemptEncoder().task(1, 2, 3, 4, (byte) 5, "w");
    through(
        encoder,
        1,
        view ->
            assertThatThrownBy(() -> new OutcomeDecoder().wrap(view))
                .isInstanceOf(JournalFailure.class)
                .hasMessageContaining("kind=3"));
  }

  private void through(RecordEncoder encoder, long sequence, Consumer<RecordView> check) {
    long position;
    try (Journal journal = ChronicleJournal.open(JournalSettings.of(folder))) {
      RunWriter run = journal.begin();
      position = run.append(sequence, encoder);
      run.commit();
      assertThat(position % 8).isZero();
    }
    try (JournalReader reader = new MappedJournalReader(folder)) {
      RecordView view = new RecordView();
      assertThat(reader.read(position, view)).isTrue();
      assertThat(view.position()).isEqualTo(position);
      assertThat(view.length()).isEqualTo(encoder.length());
      check.accept(view);
    }
  }
}
