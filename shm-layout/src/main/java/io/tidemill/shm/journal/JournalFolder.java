package io.tidemill.shm.journal;

import io.tidemill.shm.os.OwnFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * What stands where in a journal's folder.
 *
 * <pre>
 * FOLDER/run-00000001/               one incarnation of the writer, named after its first cycle
 *          metadata.cq4t             Chronicle's; not read by us
 *          19700101-0001.cq4         cycle 1: Chronicle names files by time, and our clock makes one cycle a minute
 *          19700101-0002.cq4
 *        run-00000003/               the next incarnation: it never touches the files before it
 *          ...
 * </pre>
 *
 * <p>Each incarnation has a queue of its own so that it neither waits for what a killed one left (a
 * held lock, an unfinished document, a half made file) nor repairs it. Cycle numbers rise by one
 * over all of them, without gaps.
 */
final class JournalFolder {
  private static final String RUN_PREFIX = "run-";
  private static final String METADATA = "metadata.cq4t";

  private final Path folder;

  JournalFolder(Path folder) {
    this.folder = folder;
  }

  Path path() {
    return folder;
  }

  /** The folder of the incarnation that begins with a cycle. */
  Path run(int firstCycle) {
    return folder.resolve(String.format("%s%08d", RUN_PREFIX, firstCycle));
  }

  /** Where the file of a cycle would be that is not there. */
  Path missing(int cycle) {
    Path place = run(cycle);
    for (Path run : list(folder)) {
      boolean isBefore = run.compareTo(run(cycle)) <= 0;
      boolean isBetter = place.equals(run(cycle)) || run.compareTo(place) > 0;
      if (run.getFileName().toString().startsWith(RUN_PREFIX) && isBefore && isBetter) {
        place = run;
      }
    }
    return place.resolve(CycleNames.fileName(cycle));
  }

  /** The files there are, by cycle. Empty if there is no folder yet. */
  NavigableMap<Integer, Path> files() {
    NavigableMap<Integer, Path> files = new TreeMap<>();
    for (Path run : list(folder)) {
      if (run.getFileName().toString().startsWith(RUN_PREFIX)) {
        addFiles(run, files);
      }
    }
    return files;
  }

  /** The cycle that a new incarnation begins with. 0 is no cycle, so that 0 is no position. */
  static int nextCycle(NavigableMap<Integer, Path> files) {
    int next = files.isEmpty() ? 1 : files.lastKey() + 1;
    if (next > Position.CYCLE_MAX) {
      throw new JournalFailure(
          "a journal has used up its cycle numbers: cycle="
              + next
              + "; start with an empty data folder");
    }
    return next;
  }

  List<Cycle> cycles() {
    List<Cycle> cycles = new ArrayList<>();
    for (Map.Entry<Integer, Path> file : files().entrySet()) {
      try {
        cycles.add(
            new Cycle(
                file.getKey(),
                file.getValue(),
                Files.size(file.getValue()),
                DiskBlocks.bytes(file.getValue())));
      } catch (NoSuchFileException e) {
        // Deleted by its writer since it was listed.
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return cycles;
  }

  /**
   * Refuses files and folders that are not ours, before anything is read or written.
   *
   * @throws IOException with a sentence for the user
   */
  void checkOwned() throws IOException {
    Path mark = folder.resolve(ForcedMark.NAME);
    if (Files.exists(mark, LinkOption.NOFOLLOW_LINKS)) {
      OwnFile.check(mark, "a journal's mark");
    }
    for (Path run : list(folder)) {
      if (run.getFileName().toString().startsWith(RUN_PREFIX)) {
        OwnFile.checkFolder(run, "a journal's folder");
        for (Path file : list(run)) {
          if (CycleNames.isCycle(file)) {
            OwnFile.check(file, "a journal's file");
          }
        }
      }
    }
  }

  /** Deletes a cycle's file, and the folder of its incarnation if that was the last one in it. */
  void delete(Path file) {
    Path run = file.getParent();
    try {
      Files.deleteIfExists(file);
      if (list(run).stream().noneMatch(CycleNames::isCycle)) {
        deleteRun(run);
      }
    } catch (IOException e) {
      throw new JournalFailure("cannot delete a finished cycle: file=" + file, e);
    }
  }

  /** Removes what an incarnation left that died before its first cycle. */
  void deleteEmptyRun(int firstCycle) {
    Path run = run(firstCycle);
    if (Files.exists(run)) {
      try {
        deleteRun(run);
      } catch (IOException e) {
        throw new JournalFailure("cannot delete an unfinished folder: folder=" + run, e);
      }
    }
  }

  private static void deleteRun(Path run) throws IOException {
    Files.deleteIfExists(run.resolve(METADATA));
    Files.deleteIfExists(run);
  }

  private static void addFiles(Path run, NavigableMap<Integer, Path> files) {
    for (Path file : list(run)) {
      if (CycleNames.isCycle(file)) {
        files.put(CycleNames.cycle(file), file);
      }
    }
  }

  private static List<Path> list(Path parent) {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> children = Files.newDirectoryStream(parent)) {
      children.forEach(found::add);
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list a journal: folder=" + parent, e);
    }
    return found;
  }
}
