package io.tidemill.shm.journal;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The frame of a record inside the payload of a Chronicle document. Little endian; a record begins
 * at a multiple of 8 in its file (so the first one of a document may stand 4 bytes behind the
 * document's header), the next one behind its padding to 8.
 *
 * <pre>
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +---------------------------------------------------------------+ 0
 *  |                    Length, without padding                    |
 *  +---------------------------------------------------------------+ 4
 *  |        CRC32C of all that follows, xor Position's Hash        |
 *  +---------------+---------------+-------------------------------+ 8
 *  |     Kind      |    Version    |        Marker 0x4d54          |
 *  +---------------+---------------+-------------------------------+ 12
 *  |            Bytes of Payload or Result in the Body             |
 *  +---------------------------------------------------------------+ 16
 *  |                                                               |
 *  |                           Sequence                            |
 *  +---------------------------------------------------------------+ 24
 *  |                            Body ...                           |
 * </pre>
 *
 * <p>The checksum holds at one position only: a record that lies elsewhere, as a part of somebody's
 * payload or as a stale block, is none.
 */
public final class RecordDescriptor {
  public static final int LENGTH_OFFSET = 0;
  public static final int CHECKSUM_OFFSET = LENGTH_OFFSET + Integer.BYTES;
  public static final int KIND_OFFSET = CHECKSUM_OFFSET + Integer.BYTES;
  public static final int VERSION_OFFSET = KIND_OFFSET + Byte.BYTES;
  public static final int MARKER_OFFSET = VERSION_OFFSET + Byte.BYTES;
  public static final int BLOB_LENGTH_OFFSET = MARKER_OFFSET + Short.BYTES;
  public static final int SEQUENCE_OFFSET = BLOB_LENGTH_OFFSET + Integer.BYTES;
  public static final int HEADER_LENGTH = SEQUENCE_OFFSET + Long.BYTES;

  public static final short MARKER = 0x4d54;
  public static final int ALIGNMENT = Long.BYTES;

  /**
   * What a record may take beyond its length: padding, and a document's header with its padding.
   */
  public static final int OVERHEAD_MAX = 4 * ALIGNMENT;

  private RecordDescriptor() {}

  /** The next multiple of {@link #ALIGNMENT}. */
  static long align(long value) {
    return (value + ALIGNMENT - 1) & -ALIGNMENT;
  }

  /** {@link #align(long)} for what is known to be small. */
  static int align(int value) {
    return (value + ALIGNMENT - 1) & -ALIGNMENT;
  }

  /**
   * The checksum that a record of this length has at this position. Moves the buffer's position and
   * limit.
   */
  static int checksum(CRC32C crc, ByteBuffer buffer, int record, int length, long position) {
    buffer.limit(record + length).position(record + KIND_OFFSET);
    crc.reset();
    crc.update(buffer);
    buffer.clear();
    return (int) crc.getValue() ^ hash(position);
  }

  private static int hash(long position) {
    return (int) ((position * 0x9e3779b97f4a7c15L) >>> Integer.SIZE);
  }
}
