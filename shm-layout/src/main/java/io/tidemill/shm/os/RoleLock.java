package io.tidemill.shm.os;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A lock on a file of its own that says that a process is alive. The kernel frees it with the
 * process, so an unreaped corpse and a reused pid deceive nobody, and a stopped process keeps it.
 * POSIX locks vanish when the process closes any channel on the file: it is opened once, here, and
 * never by the process itself again.
 */
public final class RoleLock implements AutoCloseable {
  private static final int F_GETLK = 5;
  private static final short F_WRLCK = 1;
  private static final short F_UNLCK = 2;
  private static final int FLOCK_BYTES = 32;
  private static final int PID_OFFSET = 24;

  /** What this process holds: asking the kernel for these would free them. */
  private static final Set<Path> HELD_HERE = ConcurrentHashMap.newKeySet();

  private final Path file;
  private final FileChannel channel;
  private final FileLock lock;

  private RoleLock(Path file, FileChannel channel, FileLock lock) {
    this.file = file;
    this.channel = channel;
    this.lock = lock;
    HELD_HERE.add(file.toAbsolutePath());
  }

  /** Takes the lock, or answers empty if another process holds it. */
  public static Optional<RoleLock> tryAcquire(Path file) throws IOException {
    FileChannel channel = open(file);
    try {
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return Optional.of(new RoleLock(file, channel, lock));
      }
    } catch (OverlappingFileLockException e) {
      // Held by this very process: closing the channel would free that lock too, so it stays open.
      return Optional.empty();
    }
    channel.close();
    return Optional.empty();
  }

  /** Takes the lock, waiting for whoever holds it. */
  public static RoleLock acquire(Path file) throws IOException {
    FileChannel channel = open(file);
    return new RoleLock(file, channel, channel.lock());
  }

  /** The pid of the process that holds the lock, or 0. */
  public static int holder(Path file) {
    if (HELD_HERE.contains(file.toAbsolutePath())) {
      return (int) ProcessHandle.current().pid();
    }
    int fd = Libc.open(file.toString(), Libc.O_RDWR | Libc.O_CLOEXEC, 0);
    if (fd < 0) {
      return 0;
    }
    try (Memory flock = new Memory(FLOCK_BYTES)) {
      flock.clear();
      flock.setShort(0, F_WRLCK);
      if (Libc.fcntl(fd, F_GETLK, flock) != 0) {
        throw new IllegalStateException(
            "cannot ask who holds a lock: file=" + file + " errno=" + Native.getLastError());
      }
      return flock.getShort(0) == F_UNLCK ? 0 : flock.getInt(PID_OFFSET);
    } finally {
      Libc.close(fd);
    }
  }

  @Override
  public void close() throws IOException {
    HELD_HERE.remove(file.toAbsolutePath());
    lock.release();
    channel.close();
  }

  private static FileChannel open(Path file) throws IOException {
    if (Files.notExists(file, LinkOption.NOFOLLOW_LINKS)) {
      try {
        Files.createFile(file, Disk.PRIVATE_FILE);
      } catch (FileAlreadyExistsException e) {
        // Another process was first, which is as good.
      }
    }
    OwnFile.check(file, "a lock file");
    return Disk.open(file);
  }
}
