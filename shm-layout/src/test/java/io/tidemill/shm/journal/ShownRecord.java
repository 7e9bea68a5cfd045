package io.tidemill.shm.journal;

import static io.tidemill.shm.journal.FuzzedRecord.require;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/** What holds of every record that a reader shows, whatever its file holds. */
final class ShownRecord {
  private ShownRecord() {}

  static void check(RecordView view, long fileBytes) {
    long offset = Position.offset(view.position());
    require(offset + view.length() <= fileBytes, "a record reaches beyond its file");
    require(
        view.buffer().getInt(view.offset() + RecordDescriptor.CHECKSUM_OFFSET)
            == checksum(view.buffer(), view.offset(), view.length(), view.position()),
        "a record whose checksum does not hold");
    decode(view);
  }

  /** As a start does with all that it is shown. */
  private static void decode(RecordView view) {
    try {
      switch (view.kind()) {
        case RecordKind.SUBMISSION -> {
          SubmissionDecoder record = new SubmissionDecoder().wrap(view);
          require(record.payloadBytes().length < view.length(), "a payload without an end");
          require(record.type().length() + record.requestId().length() < view.length(), "texts");
        }
        case RecordKind.OUTCOME -> {
          OutcomeDecoder record = new OutcomeDecoder().wrap(view);
          require(record.past().leases().size() <= PastLeases.LEASES_MAX, "too many leases");
          require(record.resultBytes().length < view.length(), "a result without an end");
          require(record.workerId().length() + record.error().length() < view.length(), "texts");
        }
        case RecordKind.ATTEMPT -> {
          AttemptDecoder record = new AttemptDecoder().wrap(view);
          require(record.past().leases().size() <= PastLeases.LEASES_MAX, "too many leases");
          require(record.workerId().length() + record.error().length() < view.length(), "texts");
        }
        case RecordKind.DEFINITION -> {
          DefinitionDecoder record = new DefinitionDecoder().wrap(view);
          require(record.body().length < view.length(), "a body without an end");
          require(record.name().length() < view.length(), "a name without an end");
        }
        default -> require(view.length() >= RecordDescriptor.HEADER_LENGTH, "no header");
      }
    } catch (JournalFailure refused) {
      require(refused.getMessage().contains("position="), "a refusal that does not say where");
    }
  }

  /**
   * Makes the checksums hold wherever a record seems to begin: from the end, so that a record that
   * lies in another one is sealed before it.
   */
  static void seal(byte[] bytes, int cycle) {
    ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int last = (bytes.length - RecordDescriptor.HEADER_LENGTH) / 8 * 8;
    for (int at = last; at >= 0; at -= RecordDescriptor.ALIGNMENT) {
      int length = file.getInt(at + RecordDescriptor.LENGTH_OFFSET);
      boolean seemsOne =
          length >= RecordDescriptor.HEADER_LENGTH
              && length <= bytes.length - at
              && file.getShort(at + RecordDescriptor.MARKER_OFFSET) == RecordDescriptor.MARKER;
      if (seemsOne) {
        file.putInt(
            at + RecordDescriptor.CHECKSUM_OFFSET,
            checksum(file, at, length, Position.of(cycle, at)));
      }
    }
  }

  private static int checksum(ByteBuffer buffer, int record, int length, long position) {
    return RecordDescriptor.checksum(new CRC32C(), buffer.duplicate(), record, length, position);
  }
}
