package io.tidemill.sim;

import io.tidemill.shm.region.Role;

/**
 * One incarnation of a server, as far as its life goes: it counts its writes, and ends before the
 * one it was told to. A dead process writes nothing any more.
 */
final class SimProcess {
  private static final long NEVER = Long.MAX_VALUE;

  private final Role role;
  private boolean alive = true;
  private boolean paused;
  private long writes;
  private long stopAt = NEVER;
  private Runnable atStop = () -> {};
  private int journalWrites;

  SimProcess(Role role) {
    this.role = role;
  }

  Role role() {
    return role;
  }

  boolean isAlive() {
    return alive;
  }

  /** Writes since the last arming. */
  long writes() {
    return writes;
  }

  /** From now on writes are counted anew, and before the k-th one the process dies. */
  void dieAt(long k) {
    stopAt(k, this::kill);
  }

  /** Before the k-th write from now on something else happens; then it goes on, if it lives. */
  void stopAt(long k, Runnable then) {
    writes = 0;
    stopAt = k;
    atStop = then;
  }

  /** Before the k-th write from now on it is paused while others run. */
  void pauseAt(long k, Runnable others) {
    stopAt(
        k,
        () -> {
          paused = true;
          others.run();
          paused = false;
        });
  }

  /** It is in the midst of something, and does nothing until that goes on. */
  boolean isPaused() {
    return paused;
  }

  /** Counts from now on, and dies of nothing. */
  void count() {
    stopAt(NEVER, () -> {});
  }

  /** It dies in a run of a journal: when so many documents of it exist, and no more. */
  void dieWithDocuments(int count) {
    journalWrites = count + 1;
  }

  /** Before anything of a journal exists or is durable. */
  void beforeJournalWrite() {
    if (journalWrites > 0 && --journalWrites == 0) {
      kill();
    }
    beforeWrite();
  }

  void kill() {
    alive = false;
  }

  /** Before each store to shared memory, and before anything of a journal exists or is durable. */
  void beforeWrite() {
    if (alive && ++writes == stopAt) {
      atStop.run();
    }
    if (!alive) {
      throw new Crash();
    }
  }
}
