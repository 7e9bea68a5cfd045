package io.tidemill.rpc.security;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;

/**
 * Looks at files that hold secrets: whose they are, who may read them, and whether they changed.
 */
final class PrivateFile {
  private static final int OTHERS = 0007;
  private static final int GROUP_WRITES = 0020;
  private static final int GROUP = 0070;
  private static final int BYTES_MAX = 4 << 20;

  /** Changes whenever a file's content may have. */
  record Stamp(Object inode, Object bytes, Object changed) {}

  private PrivateFile() {}

  /** Of what stands there, through links; of a missing file, one that no file has. */
  static Stamp stamp(Path file) {
    try {
      Map<String, Object> is = Files.readAttributes(file, "unix:ino,size,ctime");
      return new Stamp(is.get("ino"), is.get("size"), is.get("ctime"));
    } catch (IOException e) {
      return new Stamp(-1, -1, -1);
    }
  }

  /** All of a file of reasonable size. */
  static byte[] read(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(BYTES_MAX + 1);
      if (bytes.length > BYTES_MAX) {
        throw new IOException("file is too long: path=" + file + " limit=" + BYTES_MAX);
      }
      return bytes;
    } catch (NoSuchFileException e) {
      throw new IOException("there is no such file: path=" + file, e);
    }
  }

  /** Ours or root's, a file itself and no link to one, and nobody else's to read. */
  static void checkOursAlone(Path file) throws IOException {
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException("there is no such file, or it is a link: path=" + file);
    }
    checkOwner(file);
    check(file, OTHERS | GROUP, "600");
  }

  /** A secret that may be handed in by a link, and to a group. */
  static void checkHidden(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IOException("there is no such file: path=" + file);
    }
    check(file, OTHERS | GROUP_WRITES, "600");
  }

  private static void checkOwner(Path file) throws IOException {
    int owner = (Integer) Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    int we = uid();
    if (owner != we && owner != 0) {
      throw new IOException(
          "file belongs to another user: path=" + file + " owner=" + owner + " we=" + we);
    }
  }

  /** The user that this process runs as. */
  static int uid() throws IOException {
    return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
  }

  private static void check(Path file, int forbidden, String advice) throws IOException {
    int mode = (Integer) Files.getAttribute(file, "unix:mode") & 0777;
    if ((mode & forbidden) != 0) {
      throw new IOException(
          "file is open to others: path="
              + file
              + " mode="
              + Integer.toOctalString(mode)
              + "; run chmod "
              + advice
              + " on it");
    }
  }
}
