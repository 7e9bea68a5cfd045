package io.tidemill.shm.instance;

import io.tidemill.shm.region.TaskId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * The durable count of rebuilds, part of every task id and lease. It is on disk before the first of
 * them is given, so that a remote worker that outlived a reboot never holds a token that is given
 * again.
 */
public final class Epoch {
  private Epoch() {}

  /** 0 if there was none yet. */
  public static int read(Path file) throws IOException {
    try {
      return Integer.parseInt(Files.readString(file, StandardCharsets.US_ASCII).trim());
    } catch (NoSuchFileException e) {
      return 0;
    } catch (NumberFormatException e) {
      throw new InstanceException(
          "the epoch file holds no number: path="
              + file
              + "; write into it a number above any used before",
          e);
    }
  }

  /**
   * Writes the next number beside, forces it, and moves it into place. A crash leaves the old or
   * the new number.
   */
  static int raise(Path file) throws IOException {
    int next = read(file) + 1;
    write(file, next);
    return next;
  }

  /** Writes a number that was never used before, as {@link #raise} does. */
  public static void write(Path file, int next) throws IOException {
    if (next > TaskId.EPOCH_MAX) {
      throw new InstanceException(
          "the mapped files were rebuilt too often: path=" + file + " epoch=" + next);
    }
    Path draft = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(draft);
    try (FileChannel channel =
        FileChannel.open(
            draft,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      channel.write(ByteBuffer.wrap((next + "\n").getBytes(StandardCharsets.US_ASCII)));
      channel.force(true);
    }
    Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    try (FileChannel folder = FileChannel.open(file.getParent(), StandardOpenOption.READ)) {
      folder.force(true);
    }
  }
}
