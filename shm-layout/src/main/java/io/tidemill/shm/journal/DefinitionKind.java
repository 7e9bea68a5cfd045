package io.tidemill.shm.journal;

/** What a definition is of. The numbers are part of the format. */
public enum DefinitionKind {
  /** A queue's settings. */
  QUEUE(1),
  /** What is to be submitted when. */
  SCHEDULE(2),
  /** How many tasks of a key may run. */
  LIMIT(3),
  /** How far a schedule has come. */
  SCHEDULE_STATE(4),
  /** How a task ended that others still wait for. */
  TASK_END(5),
  /** Which ended tasks are let go of before their time. */
  TASK_DISCARD(9),
  /** How long a unique key is held by a task that has ended. */
  UNIQUE_HOLD(18);

  private static final DefinitionKind[] BY_NUMBER = new DefinitionKind[19];

  static {
    for (DefinitionKind kind : values()) {
      BY_NUMBER[kind.number] = kind;
    }
  }

  private final byte number;

  DefinitionKind(int number) {
    this.number = (byte) number;
  }

  public byte number() {
    return number;
  }

  /** Null: of a later release. */
  public static DefinitionKind of(byte number) {
    return number >= 0 && number < BY_NUMBER.length ? BY_NUMBER[number] : null;
  }
}
