package io.tidemill.shm.journal;

import static io.tidemill.shm.journal.FuzzedRecord.require;

import java.nio.ByteBuffer;
import java.util.List;

/** Any bytes as an outcome record: refused, or within their bounds and the same again. */
public final class OutcomeFuzz {
  private OutcomeFuzz() {}

  /** What the fuzzer calls, and the replay of its seeds. */
  public static void fuzzerTestOneInput(byte[] input) {
    RecordView view = FuzzedRecord.of(input);
    if (view == null) {
      return;
    }
    OutcomeDecoder record = new OutcomeDecoder();
    try {
      record.wrap(view);
      require(record.past().leases().size() <= PastLeases.LEASES_MAX, "too many leases");
    } catch (JournalFailure refused) {
      return;
    }
    byte[] result = record.resultBytes();
    int texts = record.workerId().length() + record.error().length();
    require(result.length + texts < view.length(), "its fields are longer than the record");
    require(record.result().equals(ByteBuffer.wrap(result)), "two results");
    OutcomeEncoder encoder;
    try {
      encoder = encoderOf(record);
    } catch (IllegalArgumentException tooLong) {
      return; // No writer of ours makes such a text.
    }
    boolean cut = !ErrorText.cut(record.error()).equals(record.error());
    List<Object> again = fields(new OutcomeDecoder().wrap(FuzzedRecord.of(encoder)));
    require(cut || fields(record).equals(again), "an outcome is another one when written again");
  }

  private static OutcomeEncoder encoderOf(OutcomeDecoder record) {
    return new OutcomeEncoder()
        .task(
            record.taskId(),
            record.lease(),
            record.state(),
            record.endedMillis(),
            record.workerId())
        .times(record.assignedMillis(), record.startedMillis(), record.runMicros())
        .counts(record.attempt(), record.returns())
        .error(record.error())
        .result(record.result());
  }

  private static List<Object> fields(OutcomeDecoder record) {
    return List.of(
        record.taskId(),
        record.lease(),
        record.state(),
        record.endedMillis(),
        record.workerId(),
        record.assignedMillis(),
        record.startedMillis(),
        record.runMicros(),
        record.attempt(),
        record.returns(),
        record.error(),
        ByteBuffer.wrap(record.resultBytes()));
  }
}
