package io.tidemill.shm.journal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * What the decoders share: a flyweight over a record's bytes, valid as long as the view it was set
 * on.
 */
abstract class RecordDecoder {
  private ByteBuffer buffer;
  private int at;
  private RecordView view;

  final void set(RecordView view, byte kind, byte version) {
    if (view.kind() != kind || view.version() < 1 || view.version() > version) {
      throw new JournalFailure(
          "a record is not what it is read as: position="
              + Position.format(view.position())
              + " kind="
              + view.kind()
              + " version="
              + view.version()
              + " expected="
              + kind
              + " up to "
              + version
              + "; a later version wrote it, or the position is stale");
    }
    buffer = view.buffer();
    at = view.offset();
    this.view = view;
  }

  /**
   * A checksum says that the bytes are what was written, not that they fit together: no length in a
   * record reaches beyond its end.
   *
   * @param fixed where what varies in length begins
   * @param texts the bytes of the texts behind payload or result
   */
  final void checkFits(RecordView view, int fixed, int texts) {
    long blob = view.blobLength();
    if (blob < 0 || fixed + blob + texts > view.length()) {
      throw broken(view, fixed);
    }
  }

  /** Before any field is read. */
  final void checkHeader(RecordView view, int fixed) {
    if (view.length() < fixed) {
      throw broken(view, fixed);
    }
  }

  static JournalFailure broken(RecordView view, int fixed) {
    return new JournalFailure(
        "a record's fields reach beyond its end: position="
            + Position.format(view.position())
            + " kind="
            + view.kind()
            + " bytes="
            + view.length()
            + " fixed="
            + fixed
            + " blob="
            + view.blobLength()
            + "; restore a backup, or move the file away and lose what it holds");
  }

  /** What stands behind everything else in a record that may tell of a task's leases. */
  final PastLeases pastAt(int offset) {
    int length = view.length() - offset;
    PastLeases past = length > 0 ? PastLeases.decode(bytesAt(offset, length)) : PastLeases.NONE;
    if (past == null) {
      throw broken(view, offset);
    }
    return past;
  }

  final long longAt(int offset) {
    return buffer.getLong(at + offset);
  }

  final int intAt(int offset) {
    return buffer.getInt(at + offset);
  }

  final int shortAt(int offset) {
    return Short.toUnsignedInt(buffer.getShort(at + offset));
  }

  final byte byteAt(int offset) {
    return buffer.get(at + offset);
  }

  final int blobLength() {
    return buffer.getInt(at + RecordDescriptor.BLOB_LENGTH_OFFSET);
  }

  final String textAt(int offset, int length) {
    if (length == 0) {
      return "";
    }
    byte[] bytes = new byte[length];
    buffer.get(at + offset, bytes, 0, length);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  final byte[] bytesAt(int offset, int length) {
    byte[] bytes = new byte[length];
    buffer.get(at + offset, bytes, 0, length);
    return bytes;
  }

  final void copyAt(int offset, int length, byte[] target, int to) {
    buffer.get(at + offset, target, to, length);
  }

  final ByteBuffer sliceAt(int offset, int length) {
    return buffer.slice(at + offset, length).asReadOnlyBuffer();
  }

  /** Whether these bytes are equal to the record's, without making a string of them. */
  final boolean equalAt(int offset, int length, byte[] other) {
    if (length != other.length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (buffer.get(at + offset + i) != other[i]) {
        return false;
      }
    }
    return true;
  }
}
