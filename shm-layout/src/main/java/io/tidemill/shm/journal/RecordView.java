package io.tidemill.shm.journal;

import java.nio.ByteBuffer;

/**
 * A record where it stands in a mapped file. One object is moved from record to record; what it
 * shows is valid until the reader that set it is called again.
 */
public final class RecordView {
  private ByteBuffer buffer;
  private int at;
  private long position;
  private int length;

  /** Shows the record that begins at {@code at}; its frame has been checked. */
  void wrap(ByteBuffer buffer, int at, long position) {
    this.buffer = buffer;
    this.at = at;
    this.position = position;
    this.length = buffer.getInt(at + RecordDescriptor.LENGTH_OFFSET);
  }

  public long position() {
    return position;
  }

  /** Bytes of the whole record, without padding. */
  public int length() {
    return length;
  }

  /** One of {@link RecordKind}; others come from later versions. */
  public byte kind() {
    return buffer.get(at + RecordDescriptor.KIND_OFFSET);
  }

  public byte version() {
    return buffer.get(at + RecordDescriptor.VERSION_OFFSET);
  }

  public long sequence() {
    return buffer.getLong(at + RecordDescriptor.SEQUENCE_OFFSET);
  }

  /** Bytes of the payload or result. */
  public int blobLength() {
    return buffer.getInt(at + RecordDescriptor.BLOB_LENGTH_OFFSET);
  }

  /**
   * Little endian; {@link #offset} tells where the record begins in it. Not to be written, nor its
   * position moved.
   */
  ByteBuffer buffer() {
    return buffer;
  }

  int offset() {
    return at;
  }
}
