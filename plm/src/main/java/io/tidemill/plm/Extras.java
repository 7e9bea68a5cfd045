package io.tidemill.plm;

import com.google.protobuf.InvalidProtocolBufferException;
import io.tidemill.shm.journal.Terms;
import io.tidemill.v1.StoredExtra;

/** The part of a task's terms that only the PLM understands, as it stands in the journal. */
final class Extras {
  private Extras() {}

  /** What is in a record's terms; nothing, if they have none. */
  static StoredExtra of(Terms terms) {
    try {
      return StoredExtra.parseFrom(terms.extra());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(
          "the extra part of a submission's terms cannot be read: bytes="
              + terms.extra().remaining(),
          e);
    }
  }
}
