package io.tidemill.shm.journal;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** Tells records from what is none. */
final class Frames {
  /** Above all that a writer can be set to. */
  private static final int LENGTH_MAX = 1 << 28;

  private final Windows windows;
  private final CRC32C crc = new CRC32C();

  Frames(Windows windows) {
    this.windows = windows;
  }

  /**
   * A window with the valid record at this place.
   *
   * @param end the record ends here or before
   * @return null if there is no valid record
   */
  Window valid(int cycle, long offset, long end) {
    Window window = windows.covering(cycle, offset, RecordDescriptor.HEADER_LENGTH);
    if (window == null) {
      return null;
    }
    int length = plausibleLength(window.bytes(), window.index(offset));
    if (length == 0 || length > end - offset) {
      return null;
    }
    window = windows.covering(cycle, offset, length);
    return window != null && checksumHolds(window, cycle, offset, length) ? window : null;
  }

  /**
   * The first valid record of a file at or behind a place that is a multiple of 8, wherever
   * documents begin and end.
   *
   * @return its offset, or -1
   */
  long find(int cycle, long from) {
    long at = from;
    while (true) {
      Window window = windows.covering(cycle, at, RecordDescriptor.HEADER_LENGTH);
      if (window == null) {
        return -1;
      }
      at = nextMarker(window, at);
      if (window.covers(at, RecordDescriptor.HEADER_LENGTH)) {
        if (valid(cycle, at, Long.MAX_VALUE) != null) {
          return at;
        }
        at += RecordDescriptor.ALIGNMENT;
      }
    }
  }

  /** The next place with a marker, or the first one that this window does not cover. */
  private static long nextMarker(Window window, long from) {
    ByteBuffer bytes = window.bytes();
    int last = bytes.capacity() - RecordDescriptor.HEADER_LENGTH;
    int index = window.index(from);
    int start = index;
    while (index <= last
        && bytes.getShort(index + RecordDescriptor.MARKER_OFFSET) != RecordDescriptor.MARKER) {
      index += RecordDescriptor.ALIGNMENT;
    }
    return from + (index - start);
  }

  private static int plausibleLength(ByteBuffer bytes, int at) {
    int length = bytes.getInt(at + RecordDescriptor.LENGTH_OFFSET);
    boolean plausible =
        length >= RecordDescriptor.HEADER_LENGTH
            && length <= LENGTH_MAX
            && bytes.getShort(at + RecordDescriptor.MARKER_OFFSET) == RecordDescriptor.MARKER;
    return plausible ? length : 0;
  }

  private boolean checksumHolds(Window window, int cycle, long offset, int length) {
    int at = window.index(offset);
    int written = window.bytes().getInt(at + RecordDescriptor.CHECKSUM_OFFSET);
    return written
        == RecordDescriptor.checksum(crc, window.bytes(), at, length, Position.of(cycle, offset));
  }
}
