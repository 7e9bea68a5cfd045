package io.tidemill.shm.instance;

import io.tidemill.shm.config.Settings;
import io.tidemill.shm.journal.JournalReader;
import io.tidemill.shm.memory.MappedMemory;
import io.tidemill.shm.os.AllocatedFile;
import io.tidemill.shm.os.Host;
import io.tidemill.shm.os.RoleLock;
import io.tidemill.shm.region.RegionHeader;
import io.tidemill.shm.region.RegionHeader.Kind;
import io.tidemill.shm.region.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides whether an instance's mapped files can be used as they are, and makes them anew if not:
 * after a crash of processes they are right, after a reboot they are not trusted.
 */
final class MappedFiles {
  private static final Logger LOG = LoggerFactory.getLogger(MappedFiles.class);

  private final DataDir dir;
  private final Settings settings;

  MappedFiles(DataDir dir, Settings settings) {
    this.dir = dir;
    this.settings = settings;
  }

  /** To be called under the open lock. */
  Regions openOrMake(Role self) throws IOException {
    Optional<String> unfit = whyUnfit();
    if (unfit.isPresent()) {
      Optional<Role> alive = otherAlive(self);
      if (alive.isPresent()) {
        throw new InstanceException(
            "the mapped files cannot be used and another process has them: reason="
                + unfit.get()
                + " process="
                + alive.get().label()
                + "; stop the whole instance first");
      }
      make(unfit.get());
    }
    return Regions.map(dir, false);
  }

  /** Refuses another layout; empty: they can be used. */
  private Optional<String> whyUnfit() throws IOException {
    long stamp = 0;
    for (Kind kind : Kind.values()) {
      Path file = dir.mapped(kind);
      if (Files.notExists(file, LinkOption.NOFOLLOW_LINKS)) {
        return Optional.of(file.getFileName() + " is missing");
      }
      checkOwner(file);
      if (Files.size(file) < RegionHeader.BYTES) {
        return Optional.of(file.getFileName() + " is cut off");
      }
      try (MappedMemory memory = MappedMemory.openReadOnly(file)) {
        Optional<String> unfit = whyUnfit(kind, memory);
        if (unfit.isPresent()) {
          return unfit;
        }
        if (stamp != 0 && stamp != RegionHeader.stamp(memory)) {
          return Optional.of(kind.fileName() + " is of another set");
        }
        stamp = RegionHeader.stamp(memory);
      }
    }
    return Optional.empty();
  }

  private Optional<String> whyUnfit(Kind kind, MappedMemory memory) {
    String name = kind.fileName();
    if (!RegionHeader.sealed(memory)) {
      return Optional.of(name + " was never finished");
    }
    if (RegionHeader.version(memory) != RegionHeader.VERSION) {
      throw new InstanceException(
          "the mapped files have another layout: path="
              + dir.mapped(kind)
              + " version="
              + RegionHeader.version(memory)
              + " ours="
              + RegionHeader.VERSION
              + "; start the release that made them and stop it, then delete "
              + dir.mapped()
              + ": they are rebuilt from the journals");
    }
    if (RegionHeader.boot(memory) != Host.bootId()) {
      return Optional.of("the host has been booted since");
    }
    boolean asSet =
        RegionHeader.isKind(memory, kind)
            && RegionHeader.capacity(memory) == Regions.capacity(kind, settings)
            && memory.size() == Regions.bytes(kind, settings);
    return asSet ? Optional.empty() : Optional.of(name + " has another size than is set");
  }

  private static void checkOwner(Path file) throws IOException {
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new InstanceException("a mapped file is no plain file: path=" + file + "; remove it");
    }
    int owner = (Integer) Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    int mode = (Integer) Files.getAttribute(file, "unix:mode", LinkOption.NOFOLLOW_LINKS);
    if (owner != Host.uid() || (mode & 077) != 0) {
      throw new InstanceException(
          "a mapped file is open to others: path="
              + file
              + " owner="
              + owner
              + " mode="
              + Integer.toOctalString(mode & 0777)
              + "; run chown and chmod 600 on it, or remove it");
    }
  }

  private Optional<Role> otherAlive(Role self) {
    for (Role role : Role.servers()) {
      if (role != self && RoleLock.holder(dir.lock(role)) != 0) {
        return Optional.of(role);
      }
    }
    return Optional.empty();
  }

  private void make(String why) throws IOException {
    long started = System.nanoTime();
    int epoch = Epoch.raise(dir.epoch());
    long stamp = ThreadLocalRandom.current().nextLong() | 1;
    for (Kind kind : Kind.values()) {
      Files.deleteIfExists(dir.mapped(kind));
    }
    for (Kind kind : Kind.values()) {
      AllocatedFile.create(dir.mapped(kind), Regions.bytes(kind, settings));
      try (MappedMemory memory = MappedMemory.open(dir.mapped(kind))) {
        RegionHeader.prepare(memory, kind, Regions.capacity(kind, settings), stamp, Host.bootId());
      }
    }
    try (Regions regions = Regions.map(dir, false);
        JournalReader submissions = Journals.read(dir.submissions());
        JournalReader outcomes = Journals.read(dir.outcomes())) {
      int live = Rebuild.fill(regions, epoch, submissions, outcomes);
      LOG.info(
          "mapped files made: reason=\"{}\" epoch={} live_tasks={} ms={}",
          why,
          epoch,
          live,
          (System.nanoTime() - started) / 1_000_000);
    }
  }
}
