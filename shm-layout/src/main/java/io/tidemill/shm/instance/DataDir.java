package io.tidemill.shm.instance;

import io.tidemill.shm.os.Host;
import io.tidemill.shm.region.RegionHeader;
import io.tidemill.shm.region.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Where things stand in an instance's data folder. */
public final class DataDir {
  private static final Set<PosixFilePermission> PRIVATE =
      PosixFilePermissions.fromString("rwx------");

  private final Path root;
  private final Path mapped;

  /**
   * @param shmDir the setting shm.dir; empty for the default
   */
  public DataDir(Path root, String shmDir) {
    this.root = root.toAbsolutePath().normalize();
    this.mapped = shmDir.isEmpty() ? this.root.resolve("shm") : Path.of(shmDir);
  }

  /** Makes the folders that are missing, and refuses ones that somebody else could write to. */
  public void prepare() {
    for (Path folder :
        new Path[] {root, run(), logs(), mapped, journals(), submissions(), outcomes()}) {
      if (!folder.equals(root) && Files.isSymbolicLink(folder)) {
        throw new InstanceException(
            "a folder of the instance is a link: path=" + folder + "; put a folder there");
      }
      prepare(folder);
    }
  }

  public Path root() {
    return root;
  }

  /** Locks and pid files. */
  public Path run() {
    return root.resolve("run");
  }

  public Path logs() {
    return root.resolve("logs");
  }

  /** The mapped files. */
  public Path mapped() {
    return mapped;
  }

  public Path mapped(RegionHeader.Kind kind) {
    return mapped.resolve(kind.fileName());
  }

  public Path journals() {
    return root.resolve("journal");
  }

  public Path submissions() {
    return journals().resolve("submissions");
  }

  public Path outcomes() {
    return journals().resolve("outcomes");
  }

  /** How often the mapped files were rebuilt, durably. */
  public Path epoch() {
    return root.resolve("epoch");
  }

  /** What says that a role's process is alive. */
  public Path lock(Role role) {
    return run().resolve(role.label() + ".lock");
  }

  /** Held while the mapped files are looked at or made. */
  public Path openLock() {
    return run().resolve("open.lock");
  }

  private static void prepare(Path folder) {
    try {
      if (Files.notExists(folder, LinkOption.NOFOLLOW_LINKS)) {
        Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(PRIVATE));
      }
      if (!Files.isDirectory(folder)) {
        throw new InstanceException(
            "not a folder: path=" + folder + "; name another one with --data");
      }
      if (!Files.isWritable(folder)) {
        throw new InstanceException(
            "folder is not writable: path="
                + folder
                + "; change its owner, or name another one with --data");
      }
      checkPrivate(folder);
    } catch (IOException e) {
      throw new InstanceException(
          "cannot make or read a folder: path="
              + folder
              + " cause="
              + e
              + "; name another one with --data",
          e);
    }
  }

  private static void checkPrivate(Path folder) throws IOException {
    int owner = (Integer) Files.getAttribute(folder, "unix:uid");
    if (owner != Host.uid()) {
      throw new InstanceException(
          "folder belongs to another user: path="
              + folder
              + " owner="
              + owner
              + " we="
              + Host.uid()
              + "; run chown on it, or name another one with --data");
    }
    Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(folder);
    if (!PRIVATE.containsAll(permissions)) {
      throw new InstanceException(
          "folder is open to others: path="
              + folder
              + " mode="
              + PosixFilePermissions.toString(permissions)
              + "; run chmod 700 on it");
    }
  }
}
