package io.tidemill.shm.journal;

import io.tidemill.shm.os.AllocatedFile;
import io.tidemill.shm.os.Disk;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Allocates the blocks of the cycle file that is being written, ahead of the writing: a store to a
 * hole on a full disk would be lost without a word or kill the process.
 */
final class BlockReserve {
  /**
   * Kept allocated behind the last record for what Chronicle adds of itself: headers, index pages,
   * the end mark.
   */
  static final long MARGIN = 64 << 10;

  private static final long STEP_MIN = 1 << 20;
  private static final long STEP_MAX = 16 << 20;

  /** What the system calls it; Java passes no number on. */
  private static final String NO_ROOM = "No space left on device";

  private Path file;
  private long allocated;

  /**
   * Makes the first file of an incarnation. It may use the room to be kept free: a process that
   * cannot open its journal cannot make room either.
   */
  boolean beginFirst(Path first) throws IOException {
    Disk.create(first).close();
    file = first;
    return allocate(2 * MARGIN, 0);
  }

  /** Makes the file of a new cycle. False, and no file, if there is no room for the first bytes. */
  boolean begin(Path next, long bytes, long keepFree) throws IOException {
    if (!create(next)) {
      return false;
    }
    Path previous = file;
    long previouslyAllocated = allocated;
    file = next;
    allocated = 0;
    if (ensure(bytes, keepFree)) {
      return true;
    }
    Files.delete(next);
    file = previous;
    allocated = previouslyAllocated;
    return false;
  }

  /** False if the disk has not even room for the name. */
  private static boolean create(Path next) throws IOException {
    try {
      Disk.create(next).close();
      return true;
    } catch (FileSystemException e) {
      if (NO_ROOM.equals(e.getReason())) {
        return false;
      }
      throw e;
    }
  }

  /** Makes a file with all its blocks. False if there is no room for it. */
  static boolean create(Path whole, long bytes) throws IOException {
    return create(whole) && AllocatedFile.allocate(whole, 0, bytes) == 0;
  }

  /** Gives blocks to all of a file that stands already. */
  static boolean allocateWhole(Path whole) throws IOException {
    return AllocatedFile.allocate(whole, 0, Files.size(whole)) == 0;
  }

  /**
   * Gives the file blocks up to {@code end} and some beyond. False if there is no room for that.
   *
   * @param keepFree what the disk must have left then
   */
  boolean ensure(long end, long keepFree) throws IOException {
    long needed = end + MARGIN;
    if (needed <= allocated) {
      return true;
    }
    // In proportion to the file, so that a short-lived writer leaves no large empty tail.
    long step = Math.max(STEP_MIN, Math.min(STEP_MAX, allocated));
    return allocate(Math.max(needed, allocated + step), keepFree) || allocate(needed, keepFree);
  }

  /** Up to where the file has its blocks. */
  long allocated() {
    return allocated;
  }

  private boolean allocate(long end, long keepFree) throws IOException {
    long length = pages(end) - allocated;
    if (availableBytes() < length + keepFree
        || AllocatedFile.allocate(file, allocated, length) != 0) {
      return false;
    }
    allocated += length;
    return true;
  }

  long availableBytes() throws IOException {
    return Files.getFileStore(file).getUsableSpace();
  }

  private static long pages(long bytes) {
    return (bytes + 4095) & -4096L;
  }
}
