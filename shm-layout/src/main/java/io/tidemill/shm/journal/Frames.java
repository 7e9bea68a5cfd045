package io.tidemill.shm.journal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.zip.CRC32C;

/** Tells records from what is none. */
final class Frames {
  /** Above all that a writer can be set to. */
  private static final int LENGTH_MAX = 1 << 28;

  private static final int ALIGNMENT = RecordDescriptor.ALIGNMENT;
  private static final int CHUNK_LENGTH = 1 << 16;
  private static final long NOT_FOUND = -1;

  private final Windows windows;
  private final CRC32C crc = new CRC32C();
  private final ByteBuffer chunk = ByteBuffer.allocate(CHUNK_LENGTH).order(ByteOrder.LITTLE_ENDIAN);

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
    // Read, not mapped: a mapped hole wants a page when it is looked at, and tmpfs may have none.
    try (FileChannel channel = windows.open(cycle)) {
      return channel == null ? NOT_FOUND : find(channel, cycle, from);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read a journal: cycle=" + cycle, e);
    }
  }

  private long find(FileChannel channel, int cycle, long from) throws IOException {
    long start = from;
    int count = fill(channel, start);
    while (count >= RecordDescriptor.HEADER_LENGTH) {
      for (int i = 0; i + RecordDescriptor.HEADER_LENGTH <= count; i += ALIGNMENT) {
        if (plausibleLength(chunk, i) > 0 && valid(cycle, start + i, Long.MAX_VALUE) != null) {
          return start + i;
        }
      }
      // The last header may stand in this chunk and the next one.
      start += (count - RecordDescriptor.HEADER_LENGTH) / ALIGNMENT * ALIGNMENT + ALIGNMENT;
      count = fill(channel, start);
    }
    return NOT_FOUND;
  }

  private int fill(FileChannel channel, long start) throws IOException {
    chunk.clear();
    while (chunk.hasRemaining() && channel.read(chunk, start + chunk.position()) > 0) {
      // Until it is full, or the file ends.
    }
    return chunk.position();
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
