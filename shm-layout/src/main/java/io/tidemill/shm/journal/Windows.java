package io.tidemill.shm.journal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The mappings that one reader holds: at most so many windows of equal size, the least recently
 * used of which goes first. A document that is longer than what windows share with the next one
 * gets a longer window.
 */
class Windows {
  static final long SIZE = 16 << 20;

  /** What a window shows of the next one, so that few records stand in no window whole. */
  private static final long OVERLAP = 2 << 20;

  private final JournalFolder folder;
  private final Window[] windows;
  private final long[] keys;
  private final long[] lastUse;
  private NavigableMap<Integer, Path> files = new TreeMap<>();
  private Window last;
  private boolean readAhead;
  private long clock;

  Windows(JournalFolder folder, int count) {
    this.folder = folder;
    this.windows = new Window[count];
    this.keys = new long[count];
    this.lastUse = new long[count];
  }

  /** Whether what is mapped from now on is read from the front to the end. */
  void readAhead(boolean ahead) {
    readAhead = ahead;
  }

  /** The cycle files, listed anew. */
  NavigableMap<Integer, Path> refresh() {
    files = folder.files();
    return files;
  }

  /**
   * A window that shows this stretch of a cycle's file.
   *
   * @return null if there is no such file, or it is shorter
   */
  Window covering(int cycle, long offset, long length) {
    Window window = last;
    if (window != null && window.cycle() == cycle && window.covers(offset, length)) {
      return window;
    }
    window = find(cycle, offset, length);
    last = window;
    return window;
  }

  private Window find(int cycle, long offset, long length) {
    if (cycle == 0) {
      return null; // No cycle, and the mark of an empty slot.
    }
    long key = Position.of(cycle, offset / SIZE);
    int oldest = 0;
    for (int i = 0; i < keys.length; i++) {
      if (keys[i] == key) {
        lastUse[i] = ++clock;
        return windows[i].covers(offset, length) ? windows[i] : replace(i, cycle, offset, length);
      }
      if (lastUse[i] < lastUse[oldest]) {
        oldest = i;
      }
    }
    return replace(oldest, cycle, offset, length);
  }

  /** A cycle's file, to be read without mapping it; null if there is none (any more). */
  FileChannel open(int cycle) throws IOException {
    Path file = file(cycle);
    try {
      return file == null ? null : FileChannel.open(file, StandardOpenOption.READ);
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  void forgetBefore(int cycle) {
    unmap(cycle);
    files = new TreeMap<>(files.tailMap(cycle, true));
  }

  void unmapAll() {
    unmap(Position.CYCLE_MAX + 1);
  }

  private void unmap(int beforeCycle) {
    last = null;
    for (int i = 0; i < windows.length; i++) {
      if (windows[i] != null && windows[i].cycle() < beforeCycle) {
        windows[i].unmap();
        windows[i] = null;
        keys[i] = Position.NONE;
        lastUse[i] = 0;
      }
    }
  }

  private Window replace(int slot, int cycle, long offset, long length) {
    Path file = file(cycle);
    if (file == null) {
      return null;
    }
    long index = offset / SIZE;
    long start = index * SIZE;
    Window fresh;
    try {
      fresh =
          Window.map(
              Position.of(cycle, index),
              file,
              start,
              Math.max(SIZE + OVERLAP, offset + length - start),
              readAhead);
    } catch (NoSuchFileException e) {
      files.remove(cycle);
      return null;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot map a journal: file=" + file, e);
    }
    if (fresh == null) {
      return null;
    }
    if (windows[slot] != null) {
      windows[slot].unmap();
    }
    windows[slot] = fresh;
    keys[slot] = fresh.key();
    lastUse[slot] = ++clock;
    return fresh.covers(offset, length) ? fresh : null;
  }

  private Path file(int cycle) {
    Path file = files.get(cycle);
    return file != null ? file : refresh().get(cycle);
  }
}
