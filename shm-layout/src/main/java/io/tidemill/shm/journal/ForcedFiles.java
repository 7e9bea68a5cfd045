package io.tidemill.shm.journal;

import io.tidemill.shm.os.Disk;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Which files and folders still have to be forced. A cycle's file is opened as it begins and stays
 * open until all of it is forced, so that an error of a write-back in between is reported to us.
 * Thread-safe; the slow part runs outside the lock under which the writer adds its next cycle.
 */
final class ForcedFiles implements AutoCloseable {
  private final List<Path> folders = new ArrayList<>();
  private final List<Path> inherited = new ArrayList<>();
  private final List<Open> cycles = new ArrayList<>();

  private record Open(int cycle, Path file, FileChannel channel) {}

  /** Files of earlier incarnations: they may have died between writing and forcing. */
  synchronized void inherit(Collection<Path> files) {
    inherited.addAll(files);
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
    for (Path file : take(inherited)) {
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

  private synchronized List<Path> take(List<Path> paths) {
    List<Path> taken = List.copyOf(paths);
    paths.clear();
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

  private static void forceInherited(Path file) throws IOException {
    try (FileChannel channel = Disk.open(file)) {
      Disk.force(file, channel);
    } catch (NoSuchFileException e) {
      return; // Deleted since, so nothing in it is needed.
    }
    forceFolder(file.getParent());
  }

  private static void forceFolder(Path folder) throws IOException {
    try {
      Disk.forceFolder(folder);
    } catch (NoSuchFileException e) {
      // An incarnation's folder, deleted since with the last file in it.
    }
  }
}
