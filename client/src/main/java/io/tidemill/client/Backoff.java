package io.tidemill.client;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Waits between attempts: doubling up to a cap, each with jitter so that many clients do not come
 * back at once.
 */
final class Backoff {
  private final long firstMillis;
  private final long capMillis;
  private long nextMillis;

  Backoff(Duration first, Duration cap) {
    this.firstMillis = first.toMillis();
    this.capMillis = cap.toMillis();
    this.nextMillis = firstMillis;
  }

  /** How long to wait now, in milliseconds: between half of the step and the whole of it. */
  long nextMillis() {
    long step = nextMillis;
    nextMillis = Math.min(capMillis, step * 2);
    return jittered(step);
  }

  void reset() {
    nextMillis = firstMillis;
  }

  /** Between half of a time and the whole of it, at least one millisecond. */
  static long jittered(long millis) {
    return Math.max(1, ThreadLocalRandom.current().nextLong(millis / 2, millis + 1));
  }
}
