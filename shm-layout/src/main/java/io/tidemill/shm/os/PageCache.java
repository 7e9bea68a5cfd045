package io.tidemill.shm.os;

import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;

/**
 * What the kernel is told of the pages of mapped files: which of them come in, when they go to the
 * disk, and when they are let go. Advice and no more: a kernel that does not know it goes on as it
 * would have, and an error shows itself where it matters, at the next force.
 */
public final class PageCache {
  /** The smallest page there is, and a divisor of all others. */
  private static final long PAGE = 4096;

  private static final int MADV_RANDOM = 1;
  private static final int MADV_WILLNEED = 3;
  private static final int MADV_DONTNEED = 4;
  private static final int MADV_POPULATE_WRITE = 23;
  private static final int POSIX_FADV_DONTNEED = 4;
  private static final int SYNC_FILE_RANGE_WRITE = 2;

  /** The kernel's own read-ahead, unless it was told otherwise: it takes no more at a time. */
  private static final long READ_AHEAD = 128 << 10;

  private static final long STEP = 1 << 20;

  private PageCache() {}

  /**
   * A fault brings in its own page alone. Else the kernel reads ahead, though there is nothing to
   * read in blocks never written, and keeps what it brought in as one piece as large as the disk's
   * read-ahead: at 8 MiB, a store to a new page took 20 to 50 ms, and forcing 64 KiB to the disk
   * wrote 925.
   *
   * @param address of a mapping's first byte
   */
  public static void onePageAtATime(long address, long length) {
    Libc.madvise(address, length, MADV_RANDOM);
  }

  /** All of a mapping is read soon, from its first byte on. */
  public static void readAhead(long address, long length) {
    for (long at = 0; at < length; at += READ_AHEAD) {
      Libc.madvise(address + at, Math.min(READ_AHEAD, length - at), MADV_WILLNEED);
    }
  }

  /**
   * A stretch of a mapping is written soon: its pages come in by one call instead of a fault each.
   * It must have its blocks. From Linux 5.14 on.
   */
  public static void bringInToWrite(long address, long length) {
    long from = address & -PAGE;
    Libc.madvise(from, address + length - from, MADV_POPULATE_WRITE);
  }

  /**
   * A stretch of a mapping is not looked at again, as a rule. What was stored there stays in the
   * page cache, and comes back if it is; but it is no longer counted as this process's memory, nor
   * looked for there when the kernel writes it to the disk.
   *
   * @param address a multiple of the page's size, as is the length
   */
  public static void leaveBehind(long address, long length) {
    Libc.madvise(address, length, MADV_DONTNEED);
  }

  /**
   * Begins to write to the disk what a stretch of a file has, up to the last whole page. It is not
   * on the disk for that: a force makes sure of it, and has less to do.
   *
   * @return the end of what is on its way
   */
  public static long writeBehind(Path file, long from, long through) {
    long end = through & -PAGE;
    int fd = end > from ? Libc.open(file.toString(), Libc.O_RDONLY | Libc.O_CLOEXEC, 0) : -1;
    if (fd < 0) {
      return from;
    }
    Libc.sync_file_range(fd, from, end - from, SYNC_FILE_RANGE_WRITE);
    Libc.close(fd);
    return end;
  }

  /**
   * Lets go of a file's pages, a few at a time, for at most a quarter of a processor's time: to
   * delete a file of 256 MiB with all its pages takes 60 ms without a break.
   */
  public static void letGo(Path file, long length) {
    int fd = Libc.open(file.toString(), Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
    if (fd < 0) {
      return;
    }
    for (long at = 0; at < length && !Thread.currentThread().isInterrupted(); at += STEP) {
      long begun = System.nanoTime();
      Libc.posix_fadvise(fd, at, STEP, POSIX_FADV_DONTNEED);
      LockSupport.parkNanos(3 * (System.nanoTime() - begun));
    }
    Libc.close(fd);
  }
}
