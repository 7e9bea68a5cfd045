package io.tidemill.shm.journal;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** How much of the disk a sparse file takes (statx(2)), which Java does not tell. */
final class DiskBlocks {
  private static final long SYS_STATX = Platform.isARM() ? 291 : 332;
  private static final int AT_FDCWD = -100;
  private static final int STATX_BLOCKS = 0x400;
  private static final int STATX_LENGTH = 256;
  private static final int BLOCKS_OFFSET = 48;
  private static final int BLOCK_BYTES = 512;

  static {
    Native.register(DiskBlocks.class, NativeLibrary.getInstance(Platform.C_LIBRARY_NAME));
  }

  private DiskBlocks() {}

  private static native long syscall(
      long number, long directory, Pointer path, long flags, long mask, Pointer result);

  static long bytes(Path file) throws NoSuchFileException {
    byte[] name = (file.toAbsolutePath() + "\0").getBytes(StandardCharsets.UTF_8);
    try (Memory path = new Memory(name.length);
        Memory result = new Memory(STATX_LENGTH)) {
      path.write(0, name, 0, name.length);
      if (syscall(SYS_STATX, AT_FDCWD, path, 0, STATX_BLOCKS, result) != 0) {
        throw new NoSuchFileException(file.toString());
      }
      return result.getLong(BLOCKS_OFFSET) * BLOCK_BYTES;
    }
  }
}
