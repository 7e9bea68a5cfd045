package io.tidemill.plm;

import io.tidemill.shm.region.WakeUp;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Acknowledgements that are due. While the main loop is awake they wait for its next turn, so that
 * they leave together with the results of that turn, and one write carries what would have been
 * many; a loop that sleeps is not woken for them: whoever brings one sends it, as while there is no
 * loop.
 */
final class AckTurn {
  private final WakeUp loop;
  private final ConcurrentLinkedQueue<Runnable> due = new ConcurrentLinkedQueue<>();
  private volatile boolean isLooping;

  /**
   * @param loop the main loop's
   */
  AckTurn(WakeUp loop) {
    this.loop = loop;
  }

  /** There is a loop from now on that takes turns. */
  void begin() {
    isLooping = true;
  }

  /** The loop has ended. */
  void end() {
    isLooping = false;
    turn();
  }

  /** Any thread. */
  void add(Runnable send) {
    due.add(send);
    if (!isLooping || loop.isAsleep()) {
      turn();
    }
  }

  /** Looked at by the loop before it sleeps. */
  boolean isEmpty() {
    return due.isEmpty();
  }

  /** Sends what is due; returns how many. */
  int turn() {
    int count = 0;
    for (Runnable send = due.poll(); send != null; send = due.poll()) {
      send.run();
      count++;
    }
    return count;
  }
}
