package io.tidemill.shm.journal;

/** What a record tells. The numbers are part of the format. */
public final class RecordKind {
  /** A task was accepted. */
  public static final byte SUBMISSION = 1;

  /** A task ended. */
  public static final byte OUTCOME = 2;

  /** An attempt failed or a task went back, and it has not ended. */
  public static final byte ATTEMPT = 3;

  /** A queue's settings, a schedule, a limit: what holds until it is changed. */
  public static final byte DEFINITION = 4;

  private RecordKind() {}
}
