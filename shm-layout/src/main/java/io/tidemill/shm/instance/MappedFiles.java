package io.tidemill.shm.instance;

import io.tidemill.shm.config.Settings;
import io.tidemill.shm.journal.JournalReader;
import io.tidemill.shm.journal.JournalSalvage;
import io.tidemill.shm.memory.MappedMemory;
import io.tidemill.shm.os.AllocatedFile;
import io.tidemill.shm.os.Disk;
import io.tidemill.shm.os.Host;
import io.tidemill.shm.os.OwnFile;
import io.tidemill.shm.os.RoleLock;
import io.tidemill.shm.region.RegionHeader;
import io.tidemill.shm.region.RegionHeader.Kind;
import io.tidemill.shm.region.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
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
    PowerLoss powerLoss = new PowerLoss(dir, settings);
    powerLoss.finish();
    int epoch = checkedEpoch();
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
      make(self, unfit.get(), epoch + 1, powerLoss);
    }
    Regions regions = Regions.map(dir, MappedMemory::open);
    if (unfit.isEmpty() && regions.control().epoch() > epoch) {
      int used = regions.control().epoch();
      regions.close();
      throw behind(epoch, used);
    }
    return regions;
  }

  /** Refuses another layout; empty: they can be used. */
  private Optional<String> whyUnfit() throws IOException {
    long stamp = 0;
    for (Kind kind : Kind.values()) {
      Path file = dir.mapped(kind);
      if (Files.notExists(file, LinkOption.NOFOLLOW_LINKS)) {
        return Optional.of(file.getFileName() + " is missing");
      }
      OwnFile.check(file, "a mapped file");
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

  private Optional<Role> otherAlive(Role self) {
    for (Role role : Role.servers()) {
      if (role != self && RoleLock.holder(dir.lock(role)) != 0) {
        return Optional.of(role);
      }
    }
    return Optional.empty();
  }

  /**
   * From the journals. A crash before the seal is followed by another making. The epoch is on the
   * disk before it, and so before the first lease.
   */
  private void make(Role self, String why, int epoch, PowerLoss powerLoss) throws IOException {
    long started = System.nanoTime();
    if (epoch == 1) {
      markJournals();
    }
    powerLoss.settle();
    makeEmpty();
    try (Regions regions = Regions.map(dir, MappedMemory::open);
        JournalReader submissions = Journals.read(dir.submissions());
        JournalReader outcomes = Journals.read(dir.outcomes())) {
      Rebuild rebuild = new Rebuild(regions, powerLoss::found);
      int live = rebuild.fold(epoch, submissions, outcomes);
      if (rebuild.highestEpoch() >= epoch) {
        throw behind(epoch - 1, rebuild.highestEpoch());
      }
      powerLoss.trust(rebuild.lastSequence());
      Epoch.write(dir.epoch(), epoch);
      powerLoss.account().ifPresent(lost -> say(regions, self, lost));
      regions.seal();
      LOG.info(
          "mapped files made: reason=\"{}\" epoch={} live_tasks={} ms={}",
          why,
          epoch,
          live,
          (System.nanoTime() - started) / 1_000_000);
    }
  }

  private InstanceException behind(int epoch, int used) {
    return new InstanceException(
        "the epoch file is behind: path="
            + dir.epoch()
            + " epoch="
            + epoch
            + " used="
            + used
            + "; `scripts/tidemill repair --data DIR` writes a safe one");
  }

  private static void say(Regions regions, Role self, String lost) {
    LOG.warn(lost);
    regions.control().errors().record(self, lost, System.currentTimeMillis());
  }

  /**
   * The epoch so far. Once there is an epoch, there are both, so that neither a lost epoch nor an
   * emptied journal is taken for a new instance.
   */
  private int checkedEpoch() throws IOException {
    int epoch = Epoch.read(dir.epoch());
    for (Path journal : List.of(dir.submissions(), dir.outcomes())) {
      if (epoch > 0 && !JournalSalvage.isMarked(journal)) {
        throw new InstanceException(
            "a journal was emptied or its file \"forced\" deleted: folder="
                + journal
                + "; put it back, or restore a backup; `scripts/tidemill repair --data DIR` says what"
                + " would be lost without");
      }
      JournalSalvage.checkOwned(journal);
      if (epoch == 0) {
        refuseOldRecords(journal);
      }
    }
    return epoch;
  }

  private void refuseOldRecords(Path journal) {
    try (JournalReader reader = Journals.read(journal)) {
      if (!reader.cycles().isEmpty()) {
        throw new InstanceException(
            "the epoch file is missing: path="
                + dir.epoch()
                + "; put it back, or write into it a number above any used before, so that no token"
                + " repeats; `scripts/tidemill repair --data DIR` writes one");
      }
    }
  }

  private void markJournals() throws IOException {
    for (Path journal : List.of(dir.submissions(), dir.outcomes())) {
      if (!JournalSalvage.isMarked(journal)) {
        JournalSalvage.mark(journal);
      }
    }
    Disk.forceFolder(dir.journals());
    Disk.forceFolder(dir.root().toAbsolutePath().getParent());
  }

  private void makeEmpty() throws IOException {
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
  }
}
