package io.tidemill.plm;

import io.tidemill.shm.region.WakeUp;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Acknowledgements that are due. While the main loop is awake they wait for its next turn, so that
 * they leave together with the results of that turn, and one write carries what would have been
 * many; a loop that sleeps is not woken for them: whoever brings one sends it.
 */
final class AckTurn {
  private final WakeUp loop;
  private final ConcurrentLinkedQueue<Runnable> due = new ConcurrentLinkedQueue<>();

  /**
   * @param loop the main loop's
   */
  AckTurn(WakeUp loop) {
    this.loop = loop;
  }

  /** Any thread. */
  void add(Runnable send) {
    due.add(send);
    if (loop.isAsleep()) {
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
