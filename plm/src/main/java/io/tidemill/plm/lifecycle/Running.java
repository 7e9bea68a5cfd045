package io.tidemill.plm.lifecycle;

import io.tidemill.shm.os.Host;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A process of this host, named by its pid and its start time, so that a pid that came back as
 * another program's is not taken for it. A corpse that its parent has not reaped does not live.
 */
record Running(int pid, long startTicks) {
  private static final Path PROC = Path.of("/proc");
  private static final int KILL = 9;
  private static final int TERM = 15;
  private static final int STATE_FIELD = 0;
  private static final int START_FIELD = 19;

  /** The process that has this pid now. */
  static Optional<Running> of(long pid) {
    return stat(pid)
        .filter(stat -> isLiving(stat[STATE_FIELD]))
        .map(stat -> new Running((int) pid, Long.parseLong(stat[START_FIELD])));
  }

  boolean lives() {
    return of(pid).filter(this::equals).isPresent();
  }

  /** Whether it was stopped by a signal and cannot react to others. */
  boolean isPaused() {
    return stat(pid).filter(stat -> stat[STATE_FIELD].equals("T")).isPresent();
  }

  void kill() {
    signal(KILL);
  }

  void terminate() {
    signal(TERM);
  }

  private void signal(int signal) {
    if (lives()) {
      Host.signal(pid, signal);
    }
  }

  private static boolean isLiving(String state) {
    return !state.equals("Z") && !state.equals("X");
  }

  /** The fields of proc(5)'s stat that follow the command, which may hold anything. */
  private static Optional<String[]> stat(long pid) {
    try {
      String stat = Files.readString(PROC.resolve(pid + "/stat"), StandardCharsets.ISO_8859_1);
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      return fields.length > START_FIELD ? Optional.of(fields) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
