package io.tidemill.system;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A file system of a few megabytes, in memory, that can be filled up by a file of nobody's. Where
 * this user may not mount, the test that asks for it is skipped, and says so.
 */
final class SmallDisk implements AutoCloseable {
  private static final int STEP = 1 << 16;

  private final Path folder;
  private final Path filler;

  private SmallDisk(Path folder) {
    this.folder = folder;
    this.filler = folder.resolve("filler");
  }

  static SmallDisk mount(Path folder, int megabytes) throws IOException {
    Files.createDirectory(folder);
    int status =
        run(
            List.of(
                "mount",
                "-t",
                "tmpfs",
                "-o",
                "mode=700,size=" + megabytes + "m",
                "tmpfs",
                "" + folder));
    assumeTrue(status == 0, "skipped: this user cannot mount a small file system");
    return new SmallDisk(folder);
  }

  Path folder() {
    return folder;
  }

  long freeBytes() {
    return folder.toFile().getUsableSpace();
  }

  /** Takes all but so much. */
  void leave(long bytes) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(filler.toFile(), "rw")) {
      byte[] zeros = new byte[STEP];
      file.seek(file.length());
      while (freeBytes() > bytes) {
        file.write(zeros, 0, (int) Math.min(STEP, freeBytes() - bytes));
      }
    } catch (IOException e) {
      if (freeBytes() > bytes) {
        throw e; // Otherwise somebody else took the last of it.
      }
    }
  }

  /** Gives all of it back. */
  void free() throws IOException {
    Files.deleteIfExists(filler);
  }

  private static int run(List<String> command) throws IOException {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getInputStream().readAllBytes();
      return process.waitFor();
    } catch (InterruptedException e) {
      throw new IOException("interrupted: " + command, e);
    }
  }

  /** Whoever is still in there does not keep it mounted for others. */
  @Override
  public void close() throws IOException {
    if (run(List.of("umount", "" + folder)) != 0) {
      run(List.of("umount", "-l", "" + folder));
    }
  }
}
