package io.tidemill.shm.journal;

import java.nio.ByteBuffer;

/** A record that can be appended: knows its kind and length, and writes its body. */
public interface RecordEncoder {
  /** One of {@link RecordKind}. */
  byte kind();

  /** The version of the body's format. */
  byte version();

  /**
   * Bytes of the whole record, {@link RecordDescriptor#HEADER_LENGTH} included, padding excluded.
   */
  int length();

  /** Bytes of the payload or result, repeated in the record's header; 0 if it has none. */
  int blobLength();

  /**
   * Writes the body.
   *
   * @param target little endian; its position and limit mean nothing and may be moved
   * @param record where the record begins; the body begins {@link RecordDescriptor#HEADER_LENGTH}
   *     further
   */
  void encode(ByteBuffer target, int record);
}
