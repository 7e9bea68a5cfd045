package io.tidemill.plm.lifecycle;

import io.tidemill.shm.instance.DataDir;
import io.tidemill.shm.os.Host;
import io.tidemill.shm.region.Role;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whoever called for a start, if it goes on while this process does: it waits on a descriptor for a
 * line with the exit code that it is to end with, and this process then lets go of everything that
 * they share. One that reads to the end instead of a line knows that this process ended.
 */
final class Caller {
  private final DataDir dir;
  private final int descriptor;

  private Caller(DataDir dir, int descriptor) {
    this.dir = dir;
    this.descriptor = descriptor;
  }

  /**
   * Prepares to be left alone: what is logged from now on goes to the instance's files. To be
   * called before anything is.
   */
  static Caller on(DataDir dir, int descriptor) {
    System.setProperty(ProcessLogging.FOLDER, dir.logs().toString());
    return new Caller(dir, descriptor);
  }

  /** The answer comes last: nothing is printed to a caller that has gone on. */
  void leave(int exitCode) {
    try {
      Host.printTo(OutFile.continued(new RunFiles(dir).out(Role.SUPERVISOR.label())).file());
    } catch (IOException e) {
      log().warn("keeps the streams of whoever started it: cause={}", e.toString());
    }
    Host.tell(descriptor, (exitCode + "\n").getBytes(StandardCharsets.US_ASCII));
  }

  /** Not a field, which would begin logging before it is known where to. */
  private static Logger log() {
    return LoggerFactory.getLogger(Caller.class);
  }
}
