package io.tidemill.shm.journal;

import static io.tidemill.shm.journal.FuzzedRecord.require;

import java.nio.ByteBuffer;
import java.util.List;

/** Any bytes as a definition record: refused, or within their bounds and the same again. */
public final class DefinitionFuzz {
  private DefinitionFuzz() {}

  /** What the fuzzer calls, and the replay of its seeds. */
  public static void fuzzerTestOneInput(byte[] input) {
    RecordView view = FuzzedRecord.of(input);
    if (view == null) {
      return;
    }
    DefinitionDecoder record = new DefinitionDecoder();
    try {
      record.wrap(view);
    } catch (JournalFailure refused) {
      return;
    }
    int bytes = record.body().length + record.name().length();
    require(bytes < view.length(), "its fields are longer than the record");
    DefinitionFold fold = new DefinitionFold();
    fold.read(view);
    require(fold.live().isEmpty() == (record.body().length == 0), "an empty one removes");
    DefinitionEncoder encoder;
    try {
      encoder = encoderOf(record);
    } catch (IllegalArgumentException tooLong) {
      return; // No writer of ours makes such a name.
    }
    List<Object> fields = fields(record);
    List<Object> again = fields(new DefinitionDecoder().wrap(FuzzedRecord.of(encoder)));
    require(fields.equals(again), "a definition is another one when it is written again");
  }

  private static DefinitionEncoder encoderOf(DefinitionDecoder record) {
    return new DefinitionEncoder()
        .definition(record.definition(), record.name(), record.millis(), record.body());
  }

  private static List<Object> fields(DefinitionDecoder record) {
    return List.of(
        record.definition(), record.name(), record.millis(), ByteBuffer.wrap(record.body()));
  }
}
