package io.tidemill.shm.os;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * What is done to the disk for a loss of power: every promise that something is on it goes through
 * here. So a test can keep an account of what was promised, and let the disk fail.
 */
public final class Disk {
  /** What forces; the kernel, unless a test says otherwise. */
  public interface Sync {
    /** Forces a file's content and length. */
    default void file(Path file, FileChannel channel) throws IOException {
      channel.force(false);
    }

    /** Forces a folder's entries: which names there are in it, and what they stand for. */
    default void folder(Path folder) throws IOException {
      try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  public static final FileAttribute<Set<PosixFilePermission>> PRIVATE_FILE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  public static final FileAttribute<Set<PosixFilePermission>> PRIVATE_FOLDER =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private static final Sync KERNEL = new Sync() {};
  private static volatile Sync sync = KERNEL;

  private Disk() {}

  /** For tests; null is the kernel again. */
  public static void sync(Sync other) {
    sync = other == null ? KERNEL : other;
  }

  public static void force(Path file, FileChannel channel) throws IOException {
    sync.file(file, channel);
  }

  public static void forceFolder(Path folder) throws IOException {
    sync.folder(folder);
  }

  /** Makes a file that must not exist, for its owner alone. */
  public static FileChannel create(Path file) throws IOException {
    return FileChannel.open(
        file,
        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE),
        PRIVATE_FILE);
  }

  /** Opens a file of ours to write in it; a link is not followed. */
  public static FileChannel open(Path file) throws IOException {
    return FileChannel.open(
        file, Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS));
  }

  /**
   * Writes a small file beside, forces it, and moves it into place. A crash or a loss of power
   * leaves the old content or the new one.
   */
  public static void replace(Path file, byte[] content) throws IOException {
    Path draft = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(draft);
    try (FileChannel channel = create(draft)) {
      ByteBuffer bytes = ByteBuffer.wrap(content);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      force(draft, channel);
    }
    Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    forceFolder(file.toAbsolutePath().getParent());
  }
}
