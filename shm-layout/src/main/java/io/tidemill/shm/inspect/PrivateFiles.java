package io.tidemill.shm.inspect;

import io.tidemill.shm.instance.InstanceException;
import io.tidemill.shm.os.Disk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/** Copies that their owner alone can read, on the disk before anything says that they are there. */
final class PrivateFiles {
  private static final FileAttribute<Set<PosixFilePermission>> FOLDER =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
  private static final FileAttribute<Set<PosixFilePermission>> FILE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  private static final int BUFFER_BYTES = 1 << 20;

  /** What was copied. */
  record Copied(long bytes, int checksum) {}

  private PrivateFiles() {}

  /**
   * An empty folder beside the one that it will become. A crash leaves it, under a name of its own.
   */
  static Path draftOf(Path folder) throws IOException {
    Path absolute = folder.toAbsolutePath().normalize();
    if (!Files.isDirectory(absolute.getParent())) {
      throw new InstanceException(
          "there is no such folder: path=" + absolute.getParent() + "; make it first");
    }
    return Files.createTempDirectory(
        absolute.getParent(), absolute.getFileName() + ".partial-", FOLDER);
  }

  /** Copies the first bytes of a file, or all there are if it is shorter, and forces the copy. */
  static Copied copy(Path from, Path to, long bytes) throws IOException {
    Files.createDirectories(to.getParent(), FOLDER);
    CRC32C crc = new CRC32C();
    ByteBuffer buffer = ByteBuffer.allocateDirect((int) Math.max(1, Math.min(bytes, BUFFER_BYTES)));
    long done = 0;
    try (FileChannel source = FileChannel.open(from, StandardOpenOption.READ);
        FileChannel target = create(to)) {
      while (done < bytes) {
        buffer.clear().limit((int) Math.min(bytes - done, buffer.capacity()));
        if (source.read(buffer) < 0) {
          break;
        }
        buffer.flip();
        done += buffer.remaining();
        crc.update(buffer.duplicate());
        writeAll(target, buffer);
      }
      Disk.force(to, target);
    }
    return new Copied(done, (int) crc.getValue());
  }

  static Copied write(Path to, byte[] content) throws IOException {
    CRC32C crc = new CRC32C();
    crc.update(content);
    try (FileChannel target = create(to)) {
      writeAll(target, ByteBuffer.wrap(content));
      Disk.force(to, target);
    }
    return new Copied(content.length, (int) crc.getValue());
  }

  /** Gives a finished folder its name, with all that stands in it on the disk. */
  static void publish(Path draft, Path folder) throws IOException {
    for (Path each : walk(draft)) {
      if (Files.isDirectory(each)) {
        forceFolder(each);
      }
    }
    Files.move(draft, folder, StandardCopyOption.ATOMIC_MOVE);
    forceFolder(folder.toAbsolutePath().getParent());
  }

  static boolean isEmptyFolder(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return false;
    }
    try (DirectoryStream<Path> children = Files.newDirectoryStream(folder)) {
      return !children.iterator().hasNext();
    }
  }

  /** Deletes a draft that came to nothing. */
  static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      for (Path each : walk(folder).stream().sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    }
  }

  private static List<Path> walk(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static FileChannel create(Path file) throws IOException {
    return FileChannel.open(
        file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), FILE);
  }

  private static void writeAll(FileChannel target, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      target.write(buffer);
    }
  }

  private static void forceFolder(Path folder) throws IOException {
    Disk.forceFolder(folder);
  }
}
