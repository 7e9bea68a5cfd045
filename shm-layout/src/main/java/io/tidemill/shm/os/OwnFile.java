package io.tidemill.shm.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;

/**
 * Whether a file is what it is taken for before it is opened: a plain one, ours, closed to others.
 * A link that somebody laid would lead our writes elsewhere.
 */
public final class OwnFile {
  private static final int OTHERS = 077;
  private static final int MODE_BITS = 0777;

  private OwnFile() {}

  /**
   * Refuses a file that is none of ours.
   *
   * @param what in a few words, for people: "a mapped file"
   * @throws IOException with a sentence for the user
   */
  public static void check(Path file, String what) throws IOException {
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException(what + " is no plain file: path=" + file + "; remove it");
    }
    checkOwner(file, what, "chmod 600");
  }

  /** The same for a folder. */
  public static void checkFolder(Path folder, String what) throws IOException {
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException(what + " is no folder: path=" + folder + "; remove it");
    }
    checkOwner(folder, what, "chmod 700");
  }

  private static void checkOwner(Path path, String what, String remedy) throws IOException {
    Map<String, Object> found =
        Files.readAttributes(path, "unix:uid,mode", LinkOption.NOFOLLOW_LINKS);
    int owner = (Integer) found.get("uid");
    int mode = (Integer) found.get("mode") & MODE_BITS;
    if (owner != Host.uid() || (mode & OTHERS) != 0) {
      throw new IOException(
          what
              + " is open to others: path="
              + path
              + " owner="
              + owner
              + " we="
              + Host.uid()
              + " mode="
              + Integer.toOctalString(mode)
              + "; run chown and "
              + remedy
              + " on it, or remove it");
    }
  }
}
