package io.tidemill.shm.journal;

import java.nio.ByteBuffer;

/**
 * A payload or result on its way into a record: refers to the caller's bytes until the record is
 * written.
 */
final class Blob {
  private static final byte[] NONE = {};

  private byte[] array = NONE;
  private ByteBuffer buffer;
  private int from;
  private int length;

  void clear() {
    set(NONE, 0, 0);
  }

  void set(byte[] source, int offset, int count) {
    array = source;
    buffer = null;
    from = offset;
    length = count;
  }

  /** Takes what remains in the buffer, whose position is not moved. */
  void set(ByteBuffer source) {
    array = NONE;
    buffer = source;
    from = source.position();
    length = source.remaining();
  }

  int length() {
    return length;
  }

  /** Writes the bytes and returns where they end. */
  int put(ByteBuffer target, int at) {
    if (buffer == null) {
      target.put(at, array, from, length);
    } else {
      target.put(at, buffer, from, length);
    }
    return at + length;
  }
}
