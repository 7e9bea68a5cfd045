package io.tidemill.shm.journal;

import com.sun.jna.Pointer;
import io.tidemill.shm.os.PageCache;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import net.openhft.chronicle.core.OS;

/**
 * A stretch of a cycle file, mapped read-only. It never reaches beyond the file's end, where an
 * access would end the process; a file that grew is mapped again.
 */
final class Window {
  private final long key;
  private final long start;
  private final long length;
  private final long address;
  private final ByteBuffer bytes;

  private Window(long key, long start, long length, long address) {
    this(key, start, length, address, new Pointer(address).getByteBuffer(0, length));
  }

  private Window(long key, long start, long length, long address, ByteBuffer bytes) {
    this.key = key;
    this.start = start;
    this.length = length;
    this.address = address;
    this.bytes = bytes.order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The on-heap twin: all of a file, for tests that need no file. Not to be unmapped. */
  static Window onHeap(int cycle, byte[] file) {
    // Direct, since a heap buffer has no atomic access on every JDK.
    ByteBuffer copy = ByteBuffer.allocateDirect(file.length).put(0, file);
    return new Window(Position.of(cycle, 0), 0, file.length, 0, copy);
  }

  /**
   * Maps a file from {@code start} on, for {@code length} bytes or to its end.
   *
   * @param key the cycle as in a {@link Position}, and a number of the caller's
   * @param readAhead all of it is read soon
   * @return null if the file ends before {@code start}
   * @throws java.nio.file.NoSuchFileException if it was deleted
   */
  static Window map(long key, Path file, long start, long length, boolean readAhead)
      throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long mapped = Math.min(length, channel.size() - start);
      if (mapped <= 0) {
        return null;
      }
      long address = OS.map(channel, FileChannel.MapMode.READ_ONLY, start, mapped);
      // Else whoever looks at the newest record makes the pages that its writer comes to next.
      PageCache.onePageAtATime(address, mapped);
      if (readAhead) {
        PageCache.readAhead(address, mapped);
      }
      return new Window(key, start, mapped, address);
    }
  }

  long key() {
    return key;
  }

  int cycle() {
    return Position.cycle(key);
  }

  ByteBuffer bytes() {
    return bytes;
  }

  boolean covers(long offset, long count) {
    return offset >= start && offset + count <= start + length;
  }

  /** Where an offset of the file stands in {@link #bytes}. */
  int index(long offset) {
    return (int) (offset - start);
  }

  void unmap() {
    try {
      OS.unmap(address, length);
    } catch (IOException e) {
      throw new JournalFailure("cannot unmap a cycle: address=" + Long.toHexString(address), e);
    }
  }
}
