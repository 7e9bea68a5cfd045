package io.tidemill.shm.inspect;

import io.tidemill.shm.instance.InstanceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Any bytes as a client's ledger: an account of what could be understood, or a refusal. */
public final class LedgerFuzz {
  private static final Path FILE = FuzzFolder.make("ledger-fuzz").resolve("ledger");

  private LedgerFuzz() {}

  /** What the fuzzer calls, and the replay of its seeds. */
  public static void fuzzerTestOneInput(byte[] input) throws IOException {
    Files.write(FILE, input);
    LedgerTasks tasks = new LedgerTasks();
    LedgerReader reader = new LedgerReader(tasks);
    try {
      reader.read(FILE);
      reader.read(FILE);
    } catch (InstanceException refused) {
      require(refused.getMessage().contains("file="), "a refusal that does not say which file");
      return;
    }
    require(reader.submitted() >= 0 && reader.badLines() >= 0, "counts below 0");
    require(tasks.size() <= input.length / 18, "more tasks than lines");
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }
}
