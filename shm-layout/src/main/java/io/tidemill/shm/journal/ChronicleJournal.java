package io.tidemill.shm.journal;

import io.tidemill.shm.os.Disk;
import io.tidemill.shm.os.Host;
import io.tidemill.shm.os.PageCache;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;

/**
 * A journal on Chronicle Queue. An opening of it is one incarnation: it begins a new cycle in a
 * folder of its own and never touches the files before, so that it neither waits for nor repairs
 * what a killed one left.
 *
 * <p>A crash at any instruction leaves at most one unfinished document at the end of the newest
 * file, which readers cut, and perhaps a next file without a document.
 */
public final class ChronicleJournal implements Journal {
  private static final long TIMEOUT_MILLIS = 400;

  /** What an incarnation takes before its first record, and some. */
  private static final long OPENING_BYTES = 512 << 10;

  private static final String METADATA = "metadata.cq4t";

  /** What Chronicle maps of it. */
  private static final long METADATA_BYTES = 128 << 10;

  private static final long MARK_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private final JournalSettings settings;
  private final JournalFolder folder;
  private final Path run;
  private final ByteCycles cycles;
  private final BlockReserve reserve;
  private final ForcedFiles forced = new ForcedFiles();
  private final ForcedMark mark;
  private final Lock forceLock = new ReentrantLock();
  private final SingleChronicleQueue queue;
  private final ExcerptAppender appender;
  private final ChronicleRun runWriter;
  private final PeriodicForce periodicForce;
  private long markForcedNanos = System.nanoTime();
  private boolean markIsForced;
  private long behind;
  private volatile boolean cycleEnds;
  private volatile long appendedThrough;
  private volatile long appendedSequence;
  private volatile long forcedThrough;
  private volatile JournalFailure failure;

  private ChronicleJournal(JournalSettings settings, int firstCycleAtLeast) throws IOException {
    this.settings = settings;
    this.folder = new JournalFolder(settings.folder());
    this.reserve = new BlockReserve();
    NavigableMap<Integer, Path> files = folder.files();
    int first = Math.max(firstCycleAtLeast, JournalFolder.nextCycle(files));
    folder.deleteEmptyRun(first);
    this.mark = openMark(files.isEmpty() ? first : files.firstKey(), first);
    deleteResurrected(files);
    this.run = Files.createDirectory(folder.run(first), Disk.PRIVATE_FOLDER);
    this.cycles = new ByteCycles(first);
    requireRoom(availableIn(run) >= OPENING_BYTES, run);
    // Chronicle maps its own file too, and takes one of zeros for a new one.
    requireRoom(BlockReserve.create(run.resolve(METADATA), METADATA_BYTES), run);
    this.queue = openQueue();
    requireRoom(BlockReserve.allocateWhole(run.resolve(METADATA)), run);
    this.appender = queue.createAppender();
    this.appender.singleThreadedCheckDisabled(true);
    forced.inherit(files, mark.state().forced());
    forced.addFolder(settings.folder().toAbsolutePath().getParent());
    forced.addFolder(settings.folder());
    requireRoom(beginFirstCycle(first), settings.folder());
    this.runWriter = new ChronicleRun(this, appender, reserve, settings.blockBytes());
    this.appendedThrough = Position.of(first, 0);
    this.periodicForce = new PeriodicForce(this, settings.forceMillis());
  }

  /**
   * Opens a journal for writing, making it if there is none. The caller holds the lock that makes
   * this process its only writer.
   *
   * @throws JournalFailure if the folder cannot be written or the disk is full
   */
  public static ChronicleJournal open(JournalSettings settings) {
    return open(settings, 1);
  }

  /** The same, for a journal that goes on another one's numbers: its first cycle is not below. */
  static ChronicleJournal open(JournalSettings settings, int firstCycleAtLeast) {
    ChronicleQuiet.install();
    try {
      Files.createDirectories(settings.folder(), Disk.PRIVATE_FOLDER);
      return new ChronicleJournal(settings, firstCycleAtLeast);
    } catch (IOException e) {
      throw new JournalFailure(
          "cannot open a journal: folder=" + settings.folder() + " cause=" + e.getMessage(), e);
    }
  }

  @Override
  public boolean reserve(long bytes) {
    return reserve(bytes, settings.keepFreeBytes());
  }

  @Override
  public boolean reserveToCarry(long bytes) {
    return reserve(bytes, settings.keepFreeBytes() / 2);
  }

  @Override
  public void endCycle() {
    cycleEnds = true;
  }

  private boolean reserve(long bytes, long keepFree) {
    requireSound();
    try {
      int cycle = cycles.cycle();
      long end = runWriter.end(cycle);
      boolean full = cycleEnds || end + bytes > settings.cycleBytes();
      if (full && runWriter.hasWritten(cycle)) {
        return beginCycle(cycle + 1, bytes, keepFree);
      }
      return reserve.ensure(end + bytes, keepFree);
    } catch (IOException e) {
      throw fail("cannot allocate room in a journal: folder=" + settings.folder(), e);
    }
  }

  @Override
  public RunWriter begin() {
    requireSound();
    runWriter.begin(cycles.cycle());
    return runWriter;
  }

  @Override
  public long appendedThrough() {
    return appendedThrough;
  }

  /** The run writer's: everything up to here stands in the file. */
  void committed(long end, long sequence) {
    // In this order: who reads the sequence first finds its record below the position.
    appendedThrough = end;
    appendedSequence = Math.max(appendedSequence, sequence);
  }

  @Override
  public void force() {
    forceLock.lock();
    try {
      requireSound();
      long sequence = appendedSequence;
      long through = appendedThrough;
      forced.force(Position.cycle(through));
      noteForced(through, sequence);
      forcedThrough = through;
    } catch (IOException e) {
      throw fail("cannot force a journal to the disk: folder=" + settings.folder(), e);
    } finally {
      forceLock.unlock();
    }
  }

  /**
   * Starts what was appended on its way to the disk, so that the next force is short. By one thread
   * at a time; the rest of a cycle that has ended is left to the force.
   */
  void writeBehind() {
    long through = appendedThrough;
    int cycle = Position.cycle(through);
    long from = Position.cycle(behind) == cycle ? Position.offset(behind) : 0;
    Path file = run.resolve(CycleNames.fileName(cycle));
    behind = Position.of(cycle, PageCache.writeBehind(file, from, Position.offset(through)));
  }

  /** After the force that it tells of. It is forced itself now and then: late, it claims less. */
  private void noteForced(long through, long sequence) throws IOException {
    if (through > mark.state().forced()) {
      mark.set(mark.state().next(through, sequence));
      markIsForced = false;
    }
    long now = System.nanoTime();
    if (!markIsForced && now - markForcedNanos >= MARK_NANOS) {
      mark.force();
      markIsForced = true;
      markForcedNanos = now;
    }
  }

  @Override
  public long forcedThrough() {
    return forcedThrough;
  }

  @Override
  public int recordBytesMax() {
    return runWriter.recordBytesMax();
  }

  @Override
  public Path folder() {
    return settings.folder();
  }

  @Override
  public long availableBytes() {
    try {
      return Math.max(0, reserve.availableBytes() - settings.keepFreeBytes());
    } catch (IOException e) {
      throw fail("cannot ask how much room a disk has: folder=" + settings.folder(), e);
    }
  }

  @Override
  public List<Cycle> cycles() {
    return folder.cycles();
  }

  @Override
  public long deleteCyclesBefore(int cycle) {
    int end = Math.min(cycle, cycles.cycle());
    long freed = 0;
    NavigableMap<Integer, Path> old = folder.files().headMap(end, false);
    try {
      if (!old.isEmpty()) {
        noteDeleted(end);
      }
      for (Map.Entry<Integer, Path> file : old.entrySet()) {
        long bytes = DiskBlocks.bytes(file.getValue());
        freed += bytes;
        PageCache.letGo(file.getValue(), bytes);
        forced.drop(file.getKey());
        folder.delete(file.getValue());
      }
    } catch (IOException e) {
      throw fail("cannot delete a finished cycle: folder=" + settings.folder(), e);
    }
    return freed;
  }

  /** Before the deletion: what is missing without this was not deleted by us. */
  private void noteDeleted(int before) throws IOException {
    forceLock.lock();
    try {
      mark.set(mark.state().from(before));
      mark.force();
    } finally {
      forceLock.unlock();
    }
  }

  @Override
  public void close() {
    periodicForce.close();
    queue.close();
    try {
      mark.close();
      forced.close();
    } catch (IOException e) {
      throw fail("cannot close a journal: folder=" + settings.folder(), e);
    }
  }

  /** Ends this journal: what the disk holds is not known any more. */
  JournalFailure fail(String message, Throwable cause) {
    JournalFailure first = failure;
    if (first == null) {
      first = new JournalFailure(message + "; the process must stop", cause);
      failure = first;
    }
    return first;
  }

  private void requireSound() {
    if (failure != null) {
      throw failure;
    }
  }

  /** On the disk before the first record, so that no journal with records is without. */
  private ForcedMark openMark(int oldestCycle, int first) throws IOException {
    long boot = Host.bootId();
    if (ForcedMark.read(settings.folder()).isEmpty()) {
      ForcedMark.write(settings.folder(), ForcedMark.State.fresh(boot, oldestCycle, first));
    }
    ForcedMark opened = ForcedMark.open(settings.folder());
    if (opened.state().boot() != boot) {
      opened.set(opened.state().inBoot(boot));
    }
    return opened;
  }

  /** A deletion is not forced, and a loss of power may undo it. */
  private void deleteResurrected(NavigableMap<Integer, Path> files) {
    files.headMap(mark.state().firstCycle(), false).values().forEach(folder::delete);
    files.headMap(mark.state().firstCycle(), false).clear();
  }

  private SingleChronicleQueue openQueue() {
    return SingleChronicleQueueBuilder.binary(run.toFile())
        .rollCycle(cycles)
        .timeProvider(cycles)
        .blockSize(settings.blockBytes())
        .timeoutMS(TIMEOUT_MILLIS)
        .build();
  }

  /**
   * Makes the next cycle's file with its first blocks; Chronicle ends the last one when it finds
   * the clock moved.
   */
  private boolean beginCycle(int next, long bytes, long keepFree) throws IOException {
    if (next > Position.CYCLE_MAX) {
      throw new IOException("all cycle numbers are used up: cycle=" + next);
    }
    Path file = run.resolve(CycleNames.fileName(next));
    if (!reserve.begin(file, bytes + BlockReserve.MARGIN, keepFree)) {
      return false;
    }
    forced.addCycle(next, file);
    cycles.advanceTo(next);
    cycleEnds = false;
    return true;
  }

  private boolean beginFirstCycle(int first) throws IOException {
    Path file = run.resolve(CycleNames.fileName(first));
    if (!reserve.beginFirst(file)) {
      Files.delete(file);
      return false;
    }
    forced.addCycle(first, file);
    return true;
  }

  private static long availableIn(Path folder) throws IOException {
    return Files.getFileStore(folder).getUsableSpace();
  }

  private static void requireRoom(boolean room, Path path) throws IOException {
    if (!room) {
      throw new IOException(
          "no room for a journal: path="
              + path
              + " needed_bytes="
              + OPENING_BYTES
              + " available_bytes="
              + availableIn(path)
              + "; free some");
    }
  }
}
