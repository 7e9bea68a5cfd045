package io.tidemill.rpc.security;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * The file of a process's audit log: appended to, never rewritten. At its size it is put aside as
 * NAME.1.log, and the oldest of those goes. Used by one thread; a crash leaves whole lines, but for
 * the last.
 */
final class AuditFile implements AutoCloseable {
  private final Path file;
  private final long bytesMax;
  private final int filesMax;
  private FileChannel channel;
  private long bytes;

  /**
   * @param file NAME.log
   * @param filesMax with the one that is written
   * @throws IOException with a sentence, if it cannot be written or is somebody else's
   */
  AuditFile(Path file, long bytesMax, int filesMax) throws IOException {
    this.file = file;
    this.bytesMax = bytesMax;
    this.filesMax = filesMax;
    open();
  }

  private void open() throws IOException {
    if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      PrivateFile.checkOursAlone(file);
    }
    channel =
        FileChannel.open(
            file,
            Set.of(
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                StandardOpenOption.APPEND,
                LinkOption.NOFOLLOW_LINKS),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    bytes = channel.size();
  }

  void append(String lines) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(lines.getBytes(StandardCharsets.US_ASCII));
    if (bytes > 0 && bytes + buffer.remaining() > bytesMax) {
      putAside();
    }
    bytes += buffer.remaining();
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  private void putAside() throws IOException {
    channel.close();
    try {
      for (int i = filesMax - 2; i >= 1; i--) {
        move(aside(i), aside(i + 1));
      }
      if (filesMax > 1) {
        move(file, aside(1));
      } else {
        Files.deleteIfExists(file);
      }
    } finally {
      open();
    }
  }

  private static void move(Path from, Path to) throws IOException {
    if (Files.exists(from, LinkOption.NOFOLLOW_LINKS)) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private Path aside(int number) {
    String name = file.getFileName().toString();
    int dot = name.lastIndexOf('.');
    return file.resolveSibling(name.substring(0, dot) + "." + number + name.substring(dot));
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
