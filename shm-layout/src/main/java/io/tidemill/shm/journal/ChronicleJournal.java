package io.tidemill.shm.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
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

  private final JournalSettings settings;
  private final JournalFolder folder;
  private final Path run;
  private final ByteCycles cycles;
  private final BlockReserve reserve;
  private final ForcedFiles forced = new ForcedFiles();
  private final Lock forceLock = new ReentrantLock();
  private final SingleChronicleQueue queue;
  private final ExcerptAppender appender;
  private final ChronicleRun runWriter;
  private volatile long appendedThrough;
  private volatile long forcedThrough;
  private volatile JournalFailure failure;

  private ChronicleJournal(JournalSettings settings) throws IOException {
    this.settings = settings;
    this.folder = new JournalFolder(settings.folder());
    this.reserve = new BlockReserve(settings.keepFreeBytes());
    NavigableMap<Integer, Path> files = folder.files();
    int first = JournalFolder.nextCycle(files);
    folder.deleteEmptyRun(first);
    this.run = Files.createDirectories(folder.run(first));
    this.cycles = new ByteCycles(first);
    requireRoom(Files.getFileStore(run).getUsableSpace() >= OPENING_BYTES, run);
    this.queue = openQueue();
    // Chronicle has written its own file by now; from here on a full disk cannot tear it.
    requireRoom(BlockReserve.allocateWhole(run.resolve(METADATA)), run);
    this.appender = queue.createAppender();
    this.appender.singleThreadedCheckDisabled(true);
    forced.inherit(files.values());
    forced.addFolder(settings.folder().toAbsolutePath().getParent());
    forced.addFolder(settings.folder());
    requireRoom(beginFirstCycle(first), settings.folder());
    this.runWriter = new ChronicleRun(this, appender, reserve, settings.blockBytes());
    this.appendedThrough = Position.of(first, 0);
  }

  /**
   * Opens a journal for writing, making it if there is none. The caller holds the lock that makes
   * this process its only writer.
   *
   * @throws JournalFailure if the folder cannot be written or the disk is full
   */
  public static ChronicleJournal open(JournalSettings settings) {
    ChronicleQuiet.install();
    try {
      Files.createDirectories(settings.folder());
      return new ChronicleJournal(settings);
    } catch (IOException e) {
      throw new JournalFailure("cannot open a journal: folder=" + settings.folder(), e);
    }
  }

  @Override
  public boolean reserve(long bytes) {
    requireSound();
    try {
      int cycle = cycles.cycle();
      long end = runWriter.end(cycle);
      if (end + bytes > settings.cycleBytes() && runWriter.hasWritten(cycle)) {
        return beginCycle(cycle + 1, bytes);
      }
      return reserve.ensure(end + bytes);
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
  void committed(long end) {
    appendedThrough = end;
  }

  @Override
  public void force() {
    forceLock.lock();
    try {
      requireSound();
      long through = appendedThrough;
      forced.force(Position.cycle(through));
      forcedThrough = through;
    } catch (IOException e) {
      throw fail("cannot force a journal to the disk: folder=" + settings.folder(), e);
    } finally {
      forceLock.unlock();
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
    try {
      for (Map.Entry<Integer, Path> file : folder.files().headMap(end, false).entrySet()) {
        freed += DiskBlocks.bytes(file.getValue());
        forced.drop(file.getKey());
        folder.delete(file.getValue());
      }
    } catch (IOException e) {
      throw fail("cannot delete a finished cycle: folder=" + settings.folder(), e);
    }
    return freed;
  }

  @Override
  public void close() {
    queue.close();
    try {
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
  private boolean beginCycle(int next, long bytes) throws IOException {
    if (next > Position.CYCLE_MAX) {
      throw new IOException("all cycle numbers are used up: cycle=" + next);
    }
    Path file = run.resolve(CycleNames.fileName(next));
    if (!reserve.begin(file, bytes + BlockReserve.MARGIN)) {
      return false;
    }
    forced.addCycle(next, file);
    cycles.advanceTo(next);
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

  private static void requireRoom(boolean room, Path path) throws IOException {
    if (!room) {
      throw new IOException(
          "no room for a journal: path="
              + path
              + " available="
              + Files.getFileStore(path).getUsableSpace()
              + "; free some");
    }
  }
}
