package io.tidemill.shm.journal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A record of whatever bytes, as its reader hands it on: the frame is sound (a checksum that holds,
 * a length within the file), and nothing is known of what is in it.
 */
final class FuzzedRecord {
  /** What stands around the record, so that reading it shows. */
  private static final int MARGIN = 64;

  private static final byte STRANGE = (byte) 0xA5;

  private FuzzedRecord() {}

  /** Null: too short for a frame. */
  static RecordView of(byte[] bytes) {
    if (bytes.length < RecordDescriptor.HEADER_LENGTH) {
      return null;
    }
    ByteBuffer file = file(bytes.length);
    file.put(MARGIN, bytes);
    file.putInt(MARGIN + RecordDescriptor.LENGTH_OFFSET, bytes.length);
    return view(file);
  }

  static RecordView of(RecordEncoder encoder) {
    ByteBuffer file = file(encoder.length());
    file.putInt(MARGIN + RecordDescriptor.LENGTH_OFFSET, encoder.length());
    file.put(MARGIN + RecordDescriptor.KIND_OFFSET, encoder.kind());
    file.put(MARGIN + RecordDescriptor.VERSION_OFFSET, encoder.version());
    file.putInt(MARGIN + RecordDescriptor.BLOB_LENGTH_OFFSET, encoder.blobLength());
    encoder.encode(file, MARGIN);
    return view(file);
  }

  static byte[] bytes(RecordEncoder encoder) {
    RecordView view = of(encoder);
    byte[] bytes = new byte[view.length()];
    view.buffer().get(view.offset(), bytes);
    return bytes;
  }

  private static ByteBuffer file(int length) {
    ByteBuffer file = ByteBuffer.allocate(MARGIN + length + MARGIN).order(ByteOrder.LITTLE_ENDIAN);
    java.util.Arrays.fill(file.array(), STRANGE);
    return file;
  }

  private static RecordView view(ByteBuffer file) {
    RecordView view = new RecordView();
    view.wrap(file, MARGIN, Position.of(1, MARGIN));
    return view;
  }

  static void require(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }
}
