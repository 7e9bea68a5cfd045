package io.tidemill.shm.journal;

import io.tidemill.shm.journal.ScanResult.Flaw;
import io.tidemill.shm.os.Disk;
import io.tidemill.shm.os.Host;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Puts a sound journal into the place of one that has holes: the cycles before the first hole as
 * they are, and behind them, in an incarnation of its own, a copy of every valid record. The caller
 * sees to it that nobody has the journal open, and that its mapped files are made anew, since
 * records get new positions.
 *
 * <p>The new journal is made whole under the name {@code .draft}, then renamed to {@code .new}, the
 * old one aside, and the new one into its place. A crash leaves the old one in its place, or {@code
 * .new} to be put there by {@link #finish}.
 */
public final class JournalSalvage {
  /** Bytes of records in one run of the copy. */
  private static final long RUN_BYTES = 1 << 20;

  private static final String DRAFT = ".draft";
  private static final String FINISHED = ".new";

  private final JournalSettings settings;
  private final Path folder;
  private final Path draft;
  private ChronicleJournal copy;
  private RunWriter run;
  private long runBytes;
  private long copied;

  /**
   * What was done.
   *
   * @param copied records from the first damaged cycle on
   * @param damage what was found there
   * @param aside where the damaged files are kept
   */
  public record Result(long copied, List<Flaw> damage, Path aside) {}

  private JournalSalvage(JournalSettings settings) {
    this.settings = settings;
    this.folder = settings.folder();
    this.draft = beside(folder, DRAFT);
  }

  /**
   * Refuses a journal with files or folders that are not ours.
   *
   * @throws IOException with a sentence for the user
   */
  public static void checkOwned(Path folder) throws IOException {
    new JournalFolder(folder).checkOwned();
  }

  /** Whether a journal was written last before the host was booted. */
  public static boolean isOfAnotherBoot(Path folder) {
    return ForcedMark.read(folder).map(mark -> mark.boot() != Host.bootId()).orElse(false);
  }

  /** What is wrong with the file that says how far a journal is forced; empty: nothing. */
  public static Optional<String> flawOfMark(Path folder) {
    try {
      return ForcedMark.read(folder).isPresent()
          ? Optional.empty()
          : Optional.of(
              "the file that says how far a journal is forced is missing: file="
                  + folder.resolve(ForcedMark.NAME));
    } catch (JournalFailure e) {
      return Optional.of(e.getMessage());
    }
  }

  /** Whether a journal has the file that says how far it is forced. */
  public static boolean isMarked(Path folder) {
    return Files.exists(folder.resolve(ForcedMark.NAME), LinkOption.NOFOLLOW_LINKS);
  }

  /** The sequence up to which all records of a journal are known to have been forced. */
  public static long forcedSequence(Path folder) {
    return ForcedMark.readIfSound(folder).map(ForcedMark.State::sequence).orElse(0L);
  }

  /** Position up to which a journal is known to have been forced. */
  public static long forcedThrough(Path folder) {
    return ForcedMark.read(folder).map(ForcedMark.State::forced).orElse(Position.NONE);
  }

  /** Gives a journal without one the mark that everything in it is of unknown origin. */
  public static void mark(Path folder) throws IOException {
    NavigableMap<Integer, Path> files = new JournalFolder(folder).files();
    int next = JournalFolder.nextCycle(files);
    int first = files.isEmpty() ? next : files.firstKey();
    ForcedMark.write(folder, ForcedMark.State.fresh(Host.bootId(), first, next));
  }

  /**
   * After a boot, when everything in a journal was read and found good: what was read then came
   * from the disk.
   */
  public static void trust(Path folder, long lastSequence) throws IOException {
    int next = JournalFolder.nextCycle(new JournalFolder(folder).files());
    Optional<ForcedMark.State> mark = ForcedMark.read(folder);
    if (mark.isPresent()) {
      ForcedMark.State now = mark.get().inBoot(Host.bootId());
      ForcedMark.write(folder, now.next(Position.of(next, 0), lastSequence));
    }
  }

  /** The first thing that a loss of power tore in what was not forced; empty: nothing. */
  public static Optional<Flaw> findLoss(Path folder) {
    long forced = forcedThrough(folder);
    try (MappedJournalReader reader = new MappedJournalReader(folder)) {
      List<Cycle> cycles = reader.cycles();
      if (cycles.isEmpty()) {
        return Optional.empty();
      }
      int from = Math.max(Position.cycle(forced), cycles.get(0).number());
      return reader.scanAsForced(from).damage().stream()
          .filter(flaw -> flaw.position() >= forced)
          .findFirst();
    }
  }

  /** Puts a finished copy into its place if a crash left it beside. */
  public static void finish(Path folder, String why) throws IOException {
    Path finished = beside(folder, FINISHED);
    if (Files.isDirectory(finished, LinkOption.NOFOLLOW_LINKS)) {
      exchange(folder, finished, why);
    }
  }

  /**
   * Does it.
   *
   * @param settings of the journal, as it is written
   * @param fromCycle the first one with a hole
   * @param why names the folder that the old files are kept in
   */
  public static Result replace(JournalSettings settings, int fromCycle, String why)
      throws IOException {
    JournalSalvage salvage = new JournalSalvage(settings);
    List<Flaw> damage = salvage.write(fromCycle);
    Path finished = beside(salvage.folder, FINISHED);
    Files.move(salvage.draft, finished, StandardCopyOption.ATOMIC_MOVE);
    Disk.forceFolder(salvage.folder.toAbsolutePath().getParent());
    return new Result(salvage.copied, damage, exchange(salvage.folder, finished, why));
  }

  private List<Flaw> write(int fromCycle) throws IOException {
    deleteAll(draft);
    Files.createDirectory(draft, Disk.PRIVATE_FOLDER);
    ForcedMark.State old = ForcedMark.readIfSound(folder).orElse(null);
    NavigableMap<Integer, Path> sound = new JournalFolder(folder).files().headMap(fromCycle, false);
    for (Map.Entry<Integer, Path> file : sound.entrySet()) {
      if (old == null || file.getKey() >= old.firstCycle()) {
        link(file.getValue());
      }
    }
    List<Flaw> damage = copyRecords(fromCycle);
    int oldest = sound.isEmpty() ? fromCycle : sound.firstKey();
    int first = old == null ? oldest : Math.min(old.firstCycle(), fromCycle);
    int since = old == null ? fromCycle : Math.min(old.since(), fromCycle);
    ForcedMark.State written = ForcedMark.read(draft).orElseThrow();
    long sequence = Math.max(written.sequence(), old == null ? 0 : old.sequence());
    ForcedMark.write(
        draft, new ForcedMark.State(1, Host.bootId(), written.forced(), sequence, first, since));
    forceFolders();
    return damage;
  }

  private void link(Path file) throws IOException {
    Path run = draft.resolve(file.getParent().getFileName());
    if (!Files.isDirectory(run)) {
      Files.createDirectory(run, Disk.PRIVATE_FOLDER);
    }
    Files.createLink(run.resolve(file.getFileName()), file);
  }

  private List<Flaw> copyRecords(int fromCycle) throws IOException {
    JournalSettings target =
        new JournalSettings(draft, settings.cycleBytes(), settings.blockBytes(), 0);
    try (ChronicleJournal opened = ChronicleJournal.open(target, fromCycle);
        MappedJournalReader reader = new MappedJournalReader(folder)) {
      copy = opened;
      ScanResult result = reader.salvage(fromCycle, this::copy);
      endRun();
      opened.force();
      verify(opened, fromCycle);
      return result.damage();
    }
  }

  private void copy(RecordView record) {
    long bytes = (long) record.length() + RecordDescriptor.OVERHEAD_MAX;
    if (run == null || runBytes + bytes > RUN_BYTES) {
      endRun();
      if (!copy.reserve(Math.max(RUN_BYTES, bytes))) {
        throw new JournalFailure(
            "no room to copy the sound records of a journal: folder="
                + folder
                + " available_bytes="
                + copy.availableBytes()
                + "; free some and start again");
      }
      run = copy.begin();
      runBytes = 0;
    }
    run.copy(record);
    runBytes += bytes;
    copied++;
  }

  private void endRun() {
    if (run != null) {
      run.commit();
      run = null;
    }
  }

  private void verify(ChronicleJournal written, int fromCycle) {
    try (MappedJournalReader reader = new MappedJournalReader(draft)) {
      ScanResult result = reader.scan(Position.of(fromCycle, 0), record -> {});
      if (!result.intact() || result.records() != copied) {
        throw new JournalFailure(
            "the copy of a journal is not as its source: folder="
                + written.folder()
                + " records="
                + result.records()
                + " expected="
                + copied
                + "; look after the disk");
      }
    }
  }

  private void forceFolders() throws IOException {
    try (DirectoryStream<Path> runs = Files.newDirectoryStream(draft, Files::isDirectory)) {
      for (Path each : runs) {
        Disk.forceFolder(each);
      }
    }
    Disk.forceFolder(draft);
  }

  /** Each step is on the disk before the next one. */
  private static Path exchange(Path folder, Path finished, String why) throws IOException {
    Path parent = folder.toAbsolutePath().getParent();
    Path aside = free(folder, why);
    if (isEmpty(folder)) {
      Files.delete(folder); // Made by a start that found none.
    }
    if (Files.isDirectory(folder)) {
      Files.move(folder, aside, StandardCopyOption.ATOMIC_MOVE);
      Disk.forceFolder(parent);
    }
    Files.move(finished, folder, StandardCopyOption.ATOMIC_MOVE);
    Disk.forceFolder(parent);
    dropLinked(aside);
    return aside;
  }

  private static boolean isEmpty(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return false;
    }
    try (DirectoryStream<Path> children = Files.newDirectoryStream(folder)) {
      return !children.iterator().hasNext();
    }
  }

  private static Path free(Path folder, String why) {
    int number = 1;
    while (Files.exists(beside(folder, "." + why + "-" + number), LinkOption.NOFOLLOW_LINKS)) {
      number++;
    }
    return beside(folder, "." + why + "-" + number);
  }

  /** What stands in the new journal too is not kept twice: it would keep its blocks for ever. */
  private static void dropLinked(Path aside) throws IOException {
    for (Path file : new JournalFolder(aside).files().values()) {
      if ((Integer) Files.getAttribute(file, "unix:nlink", LinkOption.NOFOLLOW_LINKS) > 1) {
        Files.delete(file);
      }
    }
  }

  private static void deleteAll(Path top) throws IOException {
    if (Files.notExists(top, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    List<Path> all = new ArrayList<>();
    try (Stream<Path> walk = Files.walk(top)) {
      walk.sorted(Comparator.reverseOrder()).forEach(all::add);
    }
    for (Path each : all) {
      Files.delete(each);
    }
  }

  private static Path beside(Path folder, String suffix) {
    return folder.resolveSibling(folder.getFileName() + suffix);
  }
}
