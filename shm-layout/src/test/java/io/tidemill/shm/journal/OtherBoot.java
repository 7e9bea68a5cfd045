package io.tidemill.shm.journal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Makes a journal look as if it had been written before the host was booted. */
public final class OtherBoot {
  private OtherBoot() {}

  public static void pretend(Path journal) throws IOException {
    Optional<ForcedMark.State> mark = ForcedMark.read(journal);
    if (mark.isPresent()) {
      ForcedMark.write(journal, mark.get().inBoot(~mark.get().boot()));
    }
  }
}
