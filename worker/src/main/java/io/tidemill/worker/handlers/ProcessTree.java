package io.tidemill.worker.handlers;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Kills a program with all that it has started. Children whose parent has ended are not among its
 * descendants any more; where there is a /proc, they are found by a mark in their environment,
 * which is handed down. A program that takes the mark out of its children's environment and ends
 * before them hides them: this is about leftovers, and no jail.
 */
final class ProcessTree {
  static final String MARK = "TIDEMILL_EXEC_MARK";
  private static final Path PROC = Path.of("/proc");
  private static final int ROUNDS_MAX = 10;

  private ProcessTree() {}

  /**
   * Goes through the handle: {@link Process#destroyForcibly} would also throw away output that was
   * not read yet.
   */
  static void kill(ProcessHandle process, String mark) {
    List<ProcessHandle> descendants = process.descendants().toList();
    process.destroyForcibly();
    descendants.forEach(ProcessHandle::destroyForcibly);
    // One that is killed while it starts another may leave that one behind: look again until a look
    // finds nothing.
    for (int round = 0; round < ROUNDS_MAX && killMarked(mark); round++) {
      Thread.onSpinWait();
    }
  }

  private static boolean killMarked(String mark) {
    byte[] wanted = (MARK + "=" + mark).getBytes(StandardCharsets.US_ASCII);
    boolean any = false;
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path process : processes) {
        if (hasMark(process, wanted)) {
          long pid = Long.parseLong(process.getFileName().toString());
          any |= ProcessHandle.of(pid).map(ProcessHandle::destroyForcibly).orElse(false);
        }
      }
    } catch (IOException noProc) {
      return false;
    }
    return any;
  }

  /** The environment of others' processes cannot be read, and of ended ones it is empty. */
  private static boolean hasMark(Path process, byte[] wanted) {
    try {
      byte[] environment = Files.readAllBytes(process.resolve("environ"));
      return new String(environment, StandardCharsets.ISO_8859_1)
          .contains(new String(wanted, StandardCharsets.ISO_8859_1));
    } catch (IOException | RuntimeException notReadable) {
      return false;
    }
  }
}
