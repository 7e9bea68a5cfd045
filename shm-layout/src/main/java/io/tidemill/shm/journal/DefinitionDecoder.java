package io.tidemill.shm.journal;

import static io.tidemill.shm.journal.DefinitionDescriptor.BODY_OFFSET;
import static io.tidemill.shm.journal.DefinitionDescriptor.DEFINITION_OFFSET;
import static io.tidemill.shm.journal.DefinitionDescriptor.NAME_LENGTH_OFFSET;
import static io.tidemill.shm.journal.DefinitionDescriptor.TIME_OFFSET;
import static io.tidemill.shm.journal.DefinitionDescriptor.VERSION;

/**
 * Reads {@link RecordKind#DEFINITION} records. Valid as long as the view that it was wrapped
 * around.
 */
public final class DefinitionDecoder extends RecordDecoder {
  public DefinitionDecoder wrap(RecordView view) {
    set(view, RecordKind.DEFINITION, VERSION);
    checkHeader(view, BODY_OFFSET);
    checkFits(view, BODY_OFFSET, nameLength());
    return this;
  }

  public long millis() {
    return longAt(TIME_OFFSET);
  }

  /** The number of a {@link DefinitionKind}, which a later release may have given. */
  public byte definition() {
    return byteAt(DEFINITION_OFFSET);
  }

  public String name() {
    return textAt(BODY_OFFSET + blobLength(), nameLength());
  }

  /** Empty: it was removed. */
  public byte[] body() {
    return bytesAt(BODY_OFFSET, blobLength());
  }

  private int nameLength() {
    return shortAt(NAME_LENGTH_OFFSET);
  }
}
