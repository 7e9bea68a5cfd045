package io.tidemill.shm.instance;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of a process that must not go on: an invariant is broken, or the journal cannot be
 * written.
 */
public final class Fatal {
  /** The exit status; the supervisor starts another process. */
  public static final int EXIT_STATUS = 70;

  private static final Logger LOG = LoggerFactory.getLogger(Fatal.class);

  private Fatal() {}

  /**
   * Leaves the evidence in the log and the mapped files, and ends the process without another
   * instruction of ours.
   */
  public static void halt(Instance instance, String what, Throwable cause) {
    try {
      LOG.error("{}; this process ends now, its state is in the mapped files", what, cause);
      instance
          .control()
          .errors()
          .record(instance.role(), what + ": " + cause, System.currentTimeMillis());
    } finally {
      instance.halt(cause);
    }
  }
}
