package io.tidemill.shm.memory;

import net.openhft.posix.PosixAPI;
import net.openhft.posix.internal.PosixAPIHolder;
import net.openhft.posix.internal.noop.NoOpPosixAPI;

/**
 * Chronicle's own way to the C library, which is left out of a start for the time that it takes to
 * load. Without it Chronicle Map would leave its file full of holes, and say nothing.
 */
public final class ChroniclePosix {
  private ChroniclePosix() {}

  /** Loads it, if it is not there. */
  public static synchronized void load() {
    if (PosixAPIHolder.POSIX_API instanceof NoOpPosixAPI) {
      PosixAPIHolder.POSIX_API = null;
    }
    if (PosixAPI.posix() instanceof NoOpPosixAPI) {
      throw new IllegalStateException(
          "Chronicle cannot call the C library, and so cannot allocate files");
    }
  }
}
