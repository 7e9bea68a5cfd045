package io.tidemill.shm.journal;

import static io.tidemill.shm.journal.DefinitionDescriptor.BODY_OFFSET;
import static io.tidemill.shm.journal.DefinitionDescriptor.DEFINITION_OFFSET;
import static io.tidemill.shm.journal.DefinitionDescriptor.NAME_CHARACTERS_MAX;
import static io.tidemill.shm.journal.DefinitionDescriptor.NAME_LENGTH_OFFSET;
import static io.tidemill.shm.journal.DefinitionDescriptor.RESERVED_INT_OFFSET;
import static io.tidemill.shm.journal.DefinitionDescriptor.RESERVED_OFFSET;
import static io.tidemill.shm.journal.DefinitionDescriptor.TIME_OFFSET;
import static io.tidemill.shm.journal.DefinitionDescriptor.VERSION;

import java.nio.ByteBuffer;

/** Writes {@link RecordKind#DEFINITION} records. Reused. */
public final class DefinitionEncoder implements RecordEncoder {
  private final Utf8Field name =
      new Utf8Field("name", NAME_CHARACTERS_MAX, 4 * NAME_CHARACTERS_MAX);
  private final Blob body = new Blob();
  private byte definition;
  private long millis;

  /**
   * Begins a new record. Refers to the bytes until it is appended.
   *
   * @param kind the number of a {@link DefinitionKind}
   * @param content empty: it is removed
   */
  public DefinitionEncoder definition(byte kind, String called, long at, byte[] content) {
    definition = kind;
    name.set(called);
    millis = at;
    body.set(content, 0, content.length);
    return this;
  }

  @Override
  public byte kind() {
    return RecordKind.DEFINITION;
  }

  @Override
  public byte version() {
    return VERSION;
  }

  @Override
  public int length() {
    return BODY_OFFSET + body.length() + name.length();
  }

  @Override
  public int blobLength() {
    return body.length();
  }

  @Override
  public void encode(ByteBuffer target, int record) {
    target.putLong(record + TIME_OFFSET, millis);
    target.put(record + DEFINITION_OFFSET, definition);
    target.put(record + RESERVED_OFFSET, (byte) 0);
    target.putShort(record + NAME_LENGTH_OFFSET, (short) name.length());
    target.putInt(record + RESERVED_INT_OFFSET, 0);
    name.put(target, body.put(target, record + BODY_OFFSET));
  }
}
