package io.tidemill.shm.journal;

import io.tidemill.shm.os.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;

/**
 * Which files and folders still have to be forced. A cycle's file is opened as it begins and stays
 * open until all of it is forced, so that an error of a write-back in between is reported to us.
 * Thread-safe; the slow part runs outside the lock under which the writer adds its next cycle.
 */
final class ForcedFiles implements AutoCloseable {
  private static final int PAGE = 4096;
  private static final ByteBuffer ZEROS = ByteBuffer.allocate(PAGE).asReadOnlyBuffer();

  private final List<Path> folders = new ArrayList<>();
  private final List<Inherited> inherited = new ArrayList<>();
  private final List<Open> cycles = new ArrayList<>();

  /** From where on a file may not be on the disk. */
  private record Inherited(Path file, long from) {}

  private record Open(int cycle, Path file, FileChannel channel) {}

  /**
   * Files of earlier incarnations: they may have died between writing and forcing, or of an error
   * of forcing. Linux reports that once, and takes the pages for written: forcing them again would
   * say nothing. So they are written again first.
   *
   * @param forcedThrough what stands below this position is on the disk
   */
  synchronized void inherit(NavigableMap<Integer, Path> files, long forcedThrough) {
    int last = Position.cycle(forcedThrough);
    files
        .tailMap(last, true)
        .forEach(
            (cycle, file) ->
                inherited.add(
                    new Inherited(file, cycle == last ? Position.offset(forcedThrough) : 0)));
  }

  synchronized void addFolder(Path folder) {
    folders.add(folder);
  }

  synchronized void addCycle(int cycle, Path file) throws IOException {
    folders.add(file.getParent());
    cycles.add(new Open(cycle, file, Disk.open(file)));
  }

  /** A deleted file need not be forced. */
  synchronized void drop(int cycle) throws IOException {
    for (Open open : List.copyOf(cycles)) {
      if (open.cycle() == cycle) {
        open.channel().close();
        cycles.remove(open);
      }
    }
  }

  /**
   * Forces all there is; the cycles before {@code current} are done with then. One thread at a
   * time.
   */
  void force(int current) throws IOException {
    for (Inherited file : take(inherited)) {
      forceInherited(file);
    }
    List<Open> open = open(current);
    for (Open cycle : open) {
      forceUnlessDropped(cycle);
    }
    // After the files: their entries are no good without what they hold.
    for (Path folder : take(folders)) {
      forceFolder(folder);
    }
    closeBefore(current, open);
  }

  @Override
  public synchronized void close() throws IOException {
    for (Open open : cycles) {
      open.channel().close();
    }
    cycles.clear();
  }

  private synchronized <T> List<T> take(List<T> list) {
    List<T> taken = List.copyOf(list);
    list.clear();
    return taken;
  }

  private synchronized List<Open> open(int current) {
    return cycles.stream().filter(open -> open.cycle() <= current).toList();
  }

  private synchronized void closeBefore(int current, List<Open> forced) throws IOException {
    for (Open open : forced) {
      if (open.cycle() < current && cycles.remove(open)) {
        open.channel().close();
      }
    }
  }

  private void forceUnlessDropped(Open open) throws IOException {
    try {
      Disk.force(open.file(), open.channel());
    } catch (ClosedChannelException e) {
      synchronized (this) {
        if (cycles.contains(open)) {
          throw e;
        }
      }
    }
  }

  private static void forceInherited(Inherited inherited) throws IOException {
    Path file = inherited.file();
    try (FileChannel channel = Disk.open(file)) {
      writeAgain(channel, inherited.from());
      Disk.force(file, channel);
    } catch (NoSuchFileException e) {
      return; // Deleted since, so nothing in it is needed.
    }
    forceFolder(file.getParent());
  }

  /** As it stands there, so that a crash changes nothing. Pages of zeros are left out. */
  private static void writeAgain(FileChannel channel, long from) throws IOException {
    ByteBuffer page = ByteBuffer.allocate(PAGE);
    long size = channel.size();
    for (long at = from / PAGE * PAGE; at < size; at += PAGE) {
      page.clear();
      if (channel.read(page, at) > 0 && !isZero(page.flip())) {
        while (page.hasRemaining()) {
          channel.write(page, at + page.position());
        }
      }
    }
  }

  private static boolean isZero(ByteBuffer page) {
    return page.mismatch(ZEROS.duplicate().limit(page.limit())) < 0;
  }

  private static void forceFolder(Path folder) throws IOException {
    try {
      Disk.forceFolder(folder);
    } catch (NoSuchFileException e) {
      // An incarnation's folder, deleted since with the last file in it.
    }
  }
}
