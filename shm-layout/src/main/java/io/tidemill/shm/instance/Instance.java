package io.tidemill.shm.instance;

import io.tidemill.shm.config.Key;
import io.tidemill.shm.config.Settings;
import io.tidemill.shm.memory.MappedMemory;
import io.tidemill.shm.os.Host;
import io.tidemill.shm.os.RoleLock;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.RegionHeader;
import io.tidemill.shm.region.RegionHeader.Kind;
import io.tidemill.shm.region.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * An instance as one of its processes has it open: the role's lock, the mapped files, the settings.
 */
public final class Instance implements AutoCloseable {
  private final DataDir dir;
  private final Settings settings;
  private final Role role;
  private final RoleLock lock;
  private final Regions regions;
  private final InstanceJournals journals;
  private final Halt halt;
  private final long incarnation;

  /** Ends this process at once, for good. */
  @FunctionalInterface
  public interface Halt {
    void halt(Throwable cause);
  }

  private Instance(
      DataDir dir,
      Settings settings,
      Role role,
      RoleLock lock,
      Regions regions,
      InstanceJournals journals,
      Halt halt) {
    this.dir = dir;
    this.settings = settings;
    this.role = role;
    this.lock = lock;
    this.regions = regions;
    this.journals = journals;
    this.halt = halt;
    Control control = regions.control();
    this.incarnation = control.enter(role, ProcessHandle.current().pid(), control.nowMillis());
  }

  /**
   * Enters as a server that is no process of its own and has no lock: its memory, its journals and
   * its end are whatever the caller says. For simulations.
   */
  public static Instance simulated(
      DataDir dir,
      Settings settings,
      Role role,
      Regions regions,
      InstanceJournals journals,
      Halt halt) {
    return new Instance(dir, settings, role, null, regions, journals, halt);
  }

  /**
   * Enters as a server: takes the role's lock, for as long as the process lives, and opens the
   * mapped files or makes them from the journals.
   *
   * @throws InstanceException with a sentence for the user
   */
  public static Instance enter(Path data, Settings settings, Role role) {
    DataDir dir = new DataDir(data, settings.text(Key.SHM_DIR));
    dir.prepare();
    // The open lock first: who waits for it holds no role, and is not taken for one that has the
    // files.
    try (RoleLock open = RoleLock.acquire(dir.openLock())) {
      RoleLock lock = RoleLock.tryAcquire(dir.lock(role)).orElseThrow(() -> alreadyRuns(dir, role));
      Regions regions = openOrMake(dir, settings, role, lock);
      return new Instance(
          dir,
          settings,
          role,
          lock,
          regions,
          InstanceJournals.in(dir, settings),
          cause -> Runtime.getRuntime().halt(Fatal.EXIT_STATUS));
    } catch (IOException e) {
      throw new InstanceException(
          "cannot open the instance: data=" + dir.root() + " cause=" + e.getMessage(), e);
    }
  }

  /**
   * Looks at the mapped files, which may be in use or left behind, without being able to change
   * them.
   *
   * @throws InstanceException if there are none, or they are damaged or of another layout, with a
   *     sentence for the user
   */
  public static Regions observe(DataDir dir) {
    try {
      RegionFile.readSet(dir);
      return Regions.map(dir, MappedMemory::openReadOnly);
    } catch (IOException e) {
      throw new InstanceException("cannot read the mapped files: " + e.getMessage(), e);
    }
  }

  /**
   * Joins mapped files that others have in use, without a role: for the supervisor, which asks for
   * sweeps after a death, and for whoever waits for the servers. Empty: there are none, or not yet;
   * ask again later.
   */
  public static synchronized Optional<Regions> attach(DataDir dir) {
    try {
      Optional<RoleLock> open = RoleLock.tryAcquire(dir.openLock());
      if (open.isEmpty()) {
        return Optional.empty(); // Somebody looks at them or makes them just now.
      }
      try (RoleLock held = open.get()) {
        return areUsable(dir)
            ? Optional.of(Regions.map(dir, MappedMemory::visit))
            : Optional.empty();
      }
    } catch (IOException e) {
      throw new InstanceException("cannot open the mapped files: " + e.getMessage(), e);
    }
  }

  /** Whether all files are there, finished, of our layout and of this boot. */
  private static boolean areUsable(DataDir dir) throws IOException {
    for (Kind kind : Kind.values()) {
      Path file = dir.mapped(kind);
      if (Files.notExists(file) || Files.size(file) < RegionHeader.BYTES) {
        return false;
      }
      try (MappedMemory memory = MappedMemory.openReadOnly(file)) {
        if (!RegionHeader.sealed(memory)
            || RegionHeader.version(memory) != RegionHeader.VERSION
            || RegionHeader.boot(memory) != Host.bootId()) {
          return false;
        }
      }
    }
    return true;
  }

  /** A failure leaves the role free. */
  private static Regions openOrMake(DataDir dir, Settings settings, Role role, RoleLock lock)
      throws IOException {
    try {
      return new MappedFiles(dir, settings).openOrMake(role);
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  private static InstanceException alreadyRuns(DataDir dir, Role role) {
    return new InstanceException(
        "another process of this role has the instance: role="
            + role.label()
            + " pid="
            + RoleLock.holder(dir.lock(role))
            + " data="
            + dir.root()
            + "; stop it, or name another folder with --data");
  }

  /**
   * After a start has settled what its own role left: the others look for what they may have
   * missed.
   */
  public void askOthersToSweep() {
    for (Role other : Role.servers()) {
      if (other != role) {
        regions.control().askSweep(other);
        regions.wakeUp(other).wake();
      }
    }
  }

  public DataDir dir() {
    return dir;
  }

  public Settings settings() {
    return settings;
  }

  public Role role() {
    return role;
  }

  public Regions regions() {
    return regions;
  }

  public InstanceJournals journals() {
    return journals;
  }

  public Control control() {
    return regions.control();
  }

  /** By {@link Fatal}. */
  void halt(Throwable cause) {
    halt.halt(cause);
  }

  /** Counts the starts of this role on these mapped files. */
  public long incarnation() {
    return incarnation;
  }

  /**
   * Leaves in good order. The mappings stay until the process ends: a thread that is late would die
   * of their absence.
   */
  @Override
  public void close() {
    control().phase(role, Control.Phase.STOPPED);
    if (lock == null) {
      return;
    }
    try {
      lock.close();
    } catch (IOException e) {
      throw new InstanceException("cannot free the role's lock: " + e.getMessage(), e);
    }
  }
}
