package io.tidemill.shm.journal;

import static io.tidemill.shm.journal.FuzzedRecord.require;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/** Any bytes as a submission record: refused, or within their bounds and the same again. */
public final class SubmissionFuzz {
  private SubmissionFuzz() {}

  /** What the fuzzer calls, and the replay of its seeds. */
  public static void fuzzerTestOneInput(byte[] input) {
    RecordView view = FuzzedRecord.of(input);
    if (view == null) {
      return;
    }
    SubmissionDecoder record = new SubmissionDecoder();
    try {
      record.wrap(view);
    } catch (JournalFailure refused) {
      return;
    }
    checkBounds(record, view.length());
    SubmissionEncoder encoder;
    try {
      encoder = encoderOf(record);
    } catch (IllegalArgumentException tooLong) {
      return; // No writer of ours makes such a text.
    }
    List<Object> fields = fields(record);
    List<Object> again = fields(new SubmissionDecoder().wrap(FuzzedRecord.of(encoder)));
    require(fields.equals(again), "a submission is another one when it is written again");
  }

  private static void checkBounds(SubmissionDecoder record, int length) {
    byte[] payload = record.payloadBytes();
    byte[] type = record.typeBytes();
    require(payload.length == record.payloadLength(), "payload length");
    require(payload.length + type.length < length, "payload and type are longer than the record");
    require(record.requestId().length() <= length, "the request id is longer than the record");
    Terms terms = record.terms();
    int texts = record.lane().length() + terms.texts().key().length() + terms.extra().remaining();
    require(texts < length, "the terms are longer than the record");
    require(record.payload().equals(ByteBuffer.wrap(payload)), "two payloads");
    require(record.typeEquals(type), "two types");
    byte[] copy = new byte[payload.length + 1];
    record.copyPayload(copy, 1);
    require(Arrays.equals(copy, 1, copy.length, payload, 0, payload.length), "another payload");
  }

  private static SubmissionEncoder encoderOf(SubmissionDecoder record) {
    SubmissionEncoder encoder = new SubmissionEncoder();
    encoder
        .task(record.taskId(), record.submittedMillis(), record.type(), record.priority())
        .session(record.sessionId(), record.sessionNumber())
        .requestId(record.requestId())
        .terms(record.executionTimeoutMillis(), record.maxAttempts(), record.durability())
        .payload(record.payload());
    return record.hasTerms() ? encoder.terms(record.terms()) : encoder;
  }

  private static List<Object> fields(SubmissionDecoder record) {
    return List.of(
        record.taskId(),
        record.submittedMillis(),
        record.type(),
        record.priority(),
        record.sessionId(),
        record.sessionNumber(),
        record.requestId(),
        record.executionTimeoutMillis(),
        record.maxAttempts(),
        record.durability(),
        record.terms(),
        record.lane(),
        ByteBuffer.wrap(record.payloadBytes()));
  }
}
