package io.tidemill.shm.region;

import java.util.Locale;

/** The processes that have a row in the process table. The ordinal is the row. */
public enum Role {
  PLM,
  SCHEDULER,
  REGISTER,
  SUPERVISOR;

  private static final Role[] SERVERS = {PLM, SCHEDULER, REGISTER};

  /** The three that share the memory. */
  public static Role[] servers() {
    return SERVERS.clone();
  }

  /** As files, logs and commands name it. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
