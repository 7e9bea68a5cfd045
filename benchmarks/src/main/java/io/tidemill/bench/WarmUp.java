package io.tidemill.bench;

/** What comes before a figure is taken of an instance that was just started. */
final class WarmUp {
  /** The compilers are nearly done after so many; until then they take most of both cores. */
  private static final int ROUNDS = 13;

  private static final int TASKS = 300_000;
  private static final int OUTSTANDING = 20_000;

  private WarmUp() {}

  /** Returns the last round. */
  static Run run(Target target) throws InterruptedException {
    Run last = null;
    for (int round = 0; round < ROUNDS; round++) {
      last = target.run(TASKS, OUTSTANDING);
    }
    return last;
  }
}
