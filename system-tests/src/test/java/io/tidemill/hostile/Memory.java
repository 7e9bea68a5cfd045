package io.tidemill.hostile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What memory of its own a process has: its heap and buffers, without the files that it maps. */
final class Memory {
  private static final int KIB_PER_MIB = 1_024;

  private Memory() {}

  /** In MiB; 0 if the process is gone. */
  static long ofProcess(long pid) {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
        if (line.startsWith("RssAnon:")) {
          return Long.parseLong(line.replaceAll("\\D", "")) / KIB_PER_MIB;
        }
      }
    } catch (IOException gone) {
      return 0;
    }
    return 0;
  }
}
