package io.tidemill.bench.relay;

import io.tidemill.shm.region.Ring;
import io.tidemill.shm.region.WakeUp;
import java.util.concurrent.TimeUnit;

/**
 * A server's main loop with nothing to decide: takes what a ring has, and sleeps when it is empty.
 */
final class RelayLoop implements Runnable {
  /** Takes the ids of one turn. */
  interface Turn {
    void onIds(long[] ids, int count);
  }

  private static final int ENTRIES_A_TURN = 512;
  private static final long SLEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private final Ring ring;
  private final WakeUp wakeUp;
  private final Turn turn;
  private final long[] ids = new long[ENTRIES_A_TURN];
  private int count;

  RelayLoop(Ring ring, WakeUp wakeUp, Turn turn) {
    this.ring = ring;
    this.wakeUp = wakeUp;
    this.turn = turn;
  }

  @Override
  public void run() {
    while (true) {
      count = 0;
      ring.drain((event, id) -> ids[count++] = id, ENTRIES_A_TURN);
      if (count > 0) {
        turn.onIds(ids, count);
      } else {
        wakeUp.await(() -> !ring.isEmpty(), SLEEP_NANOS);
      }
    }
  }
}
