package io.tidemill.shm.journal;

import static io.tidemill.shm.journal.FuzzedRecord.require;

import java.util.List;

/** Any bytes as an attempt record: refused, or within their bounds and the same again. */
public final class AttemptFuzz {
  private AttemptFuzz() {}

  /** What the fuzzer calls, and the replay of its seeds. */
  public static void fuzzerTestOneInput(byte[] input) {
    RecordView view = FuzzedRecord.of(input);
    if (view == null) {
      return;
    }
    AttemptDecoder record = new AttemptDecoder();
    try {
      record.wrap(view);
      require(record.past().leases().size() <= PastLeases.LEASES_MAX, "too many leases");
    } catch (JournalFailure refused) {
      return;
    }
    int texts = record.workerId().length() + record.error().length();
    require(texts < view.length(), "its fields are longer than the record");
    AttemptEncoder encoder;
    try {
      encoder = encoderOf(record);
    } catch (IllegalArgumentException tooLong) {
      return; // No writer of ours makes such a text.
    }
    boolean cut = !ErrorText.cut(record.error()).equals(record.error());
    List<Object> again = fields(new AttemptDecoder().wrap(FuzzedRecord.of(encoder)));
    require(cut || fields(record).equals(again), "an attempt is another one when written again");
  }

  private static AttemptEncoder encoderOf(AttemptDecoder record) {
    return new AttemptEncoder()
        .task(
            record.taskId(),
            record.lease(),
            record.millis(),
            record.attempt(),
            record.cause(),
            record.workerId())
        .error(record.error());
  }

  private static List<Object> fields(AttemptDecoder record) {
    return List.of(
        record.taskId(),
        record.lease(),
        record.millis(),
        record.attempt(),
        record.cause(),
        record.workerId(),
        record.error());
  }
}
