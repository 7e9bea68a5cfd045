package io.tidemill.shm.instance;

import io.tidemill.shm.os.Disk;
import io.tidemill.shm.os.OwnFile;
import io.tidemill.shm.region.TaskId;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * The durable count of rebuilds, part of every task id and lease. It is on disk before the first of
 * them is given, so that a remote worker that outlived a reboot never holds a token that is given
 * again.
 */
public final class Epoch {
  private Epoch() {}

  /** 0 if there was none yet. */
  public static int read(Path file) throws IOException {
    if (Files.notExists(file, LinkOption.NOFOLLOW_LINKS)) {
      return 0;
    }
    try {
      OwnFile.check(file, "the epoch file");
      int epoch = Integer.parseInt(Files.readString(file, StandardCharsets.US_ASCII).trim());
      if (epoch > 0 && epoch <= TaskId.EPOCH_MAX) {
        return epoch;
      }
      throw new NumberFormatException("out of range: " + epoch);
    } catch (NumberFormatException | CharacterCodingException e) {
      throw new InstanceException(
          "the epoch file holds no number: path="
              + file
              + " most="
              + TaskId.EPOCH_MAX
              + "; write into it a number above any used before",
          e);
    }
  }

  /**
   * Writes a number that was never used before; it is on the disk when this returns. A crash leaves
   * the old or the new one.
   */
  public static void write(Path file, int next) throws IOException {
    if (next > TaskId.EPOCH_MAX) {
      throw new InstanceException(
          "the mapped files were rebuilt too often: path=" + file + " epoch=" + next);
    }
    Disk.replace(file, (next + "\n").getBytes(StandardCharsets.US_ASCII));
  }
}
