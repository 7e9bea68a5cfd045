package io.tidemill.shm.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * Makes files whose every byte has its block on the disk, so that a store to their mapping cannot
 * fail.
 */
public final class AllocatedFile {
  private static final int ENOSPC = 28;

  private AllocatedFile() {}

  /**
   * Creates a file of zeros, mode 0600. It must not exist; no link is followed.
   *
   * @throws IOException if there is no room, naming the path and the bytes; the file is gone again
   *     then
   */
  public static void create(Path file, long size) throws IOException {
    Files.newByteChannel(
            file,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))
        .close();
    int error = allocate(file, 0, size);
    if (error != 0) {
      Files.delete(file);
      throw new IOException(
          (error == ENOSPC ? "no room for a mapped file" : "cannot allocate a mapped file")
              + ": path="
              + file
              + " bytes="
              + size
              + " available="
              + Files.getFileStore(file.getParent()).getUsableSpace()
              + (error == ENOSPC
                  ? "; free some, or set tasks.max lower"
                  : " errno=" + error + "; the file system must support posix_fallocate"));
    }
  }

  /**
   * Gives blocks to a stretch of an existing file, making it longer where needed.
   *
   * @return 0, or the error number
   */
  public static int allocate(Path file, long offset, long length) {
    int fd = Libc.open(file.toString(), Libc.O_RDWR | Libc.O_CLOEXEC, 0);
    if (fd < 0) {
      return 5;
    }
    try {
      return Libc.posix_fallocate(fd, offset, length);
    } finally {
      Libc.close(fd);
    }
  }
}
