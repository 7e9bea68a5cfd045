package io.tidemill.system.kills;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;

/**
 * A wall clock for servers that a test sets, by Debian's libfaketime; their monotonic one goes on.
 */
final class FakeTime {
  private static final Path LIBRARY =
      Path.of("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1");

  private final Path offset;

  /**
   * @param folder for a file
   */
  FakeTime(Path folder) {
    offset = folder.resolve("clock.offset");
  }

  /** Ends the test as skipped, and says so, on a host that lacks the library. */
  static void assumeThere() {
    Assumptions.assumeTrue(
        Files.exists(LIBRARY),
        "SKIPPED, no clock was moved: there is no " + LIBRARY + "; install libfaketime");
  }

  /** The clock is so far from the host's from now on: +0, +1d, -90m. */
  void set(String ahead) throws IOException {
    Files.writeString(offset, ahead + "\n");
  }

  /** Of processes that are to follow it. */
  Map<String, String> environment() {
    return Map.of(
        "LD_PRELOAD",
        LIBRARY.toString(),
        "FAKETIME_DONT_FAKE_MONOTONIC",
        "1",
        // Or waits with a time limit end at once.
        "FAKETIME_FORCE_MONOTONIC_FIX",
        "0",
        "FAKETIME_NO_CACHE",
        "1",
        "FAKETIME_TIMESTAMP_FILE",
        offset.toString());
  }
}
