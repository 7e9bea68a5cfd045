package io.tidemill.worker;

import java.util.function.LongUnaryOperator;

/**
 * Exponential backoff with full jitter (each delay is drawn evenly from zero to a bound that
 * doubles), so that the workers of a server that died do not come back in step. Used by the control
 * thread alone.
 */
final class Backoff {
  private final long firstMillis;
  private final long maxMillis;
  private final LongUnaryOperator random;
  private long boundMillis;

  /**
   * @param random a number from 0 to the given one, that one excluded
   */
  Backoff(long firstMillis, long maxMillis, LongUnaryOperator random) {
    this.firstMillis = firstMillis;
    this.maxMillis = maxMillis;
    this.random = random;
    this.boundMillis = firstMillis;
  }

  long nextMillis() {
    long delay = random.applyAsLong(boundMillis + 1);
    boundMillis = Math.min(maxMillis, boundMillis * 2);
    return delay;
  }

  void reset() {
    boundMillis = firstMillis;
  }
}
