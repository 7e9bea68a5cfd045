package io.tidemill.rpc;

import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import java.util.function.LongUnaryOperator;

/**
 * How long to wait before the next attempt, with full jitter (each delay is drawn evenly from zero
 * to a bound), so that many peers of a server that died do not come back in step. The bound is a
 * part of the time that it has not worked for: a server that is back after a second is found within
 * an eighth of one, and one that stays away is asked ever more rarely. For one thread at a time.
 */
public final class Backoff {
  /** A wait is at most this part of the time since the first failure. */
  private static final int PART = 8;

  private static final long NEVER = -1;

  private final long firstMillis;
  private final long maxMillis;
  private final LongSupplier clock;
  private final LongUnaryOperator random;
  private long failingSince = NEVER;

  /**
   * @param firstMillis what the bound is at first
   * @param maxMillis what it is at most
   */
  public Backoff(long firstMillis, long maxMillis) {
    this(
        firstMillis,
        maxMillis,
        () -> System.nanoTime() / 1_000_000,
        bound -> ThreadLocalRandom.current().nextLong(bound));
  }

  /**
   * @param clock monotonic, in milliseconds, not negative
   * @param random a number from 0 to the given one, that one excluded
   */
  Backoff(long firstMillis, long maxMillis, LongSupplier clock, LongUnaryOperator random) {
    this.firstMillis = firstMillis;
    this.maxMillis = maxMillis;
    this.clock = clock;
    this.random = random;
  }

  /** An attempt has failed: how long to wait now, in milliseconds. */
  public long nextMillis() {
    long now = clock.getAsLong();
    if (failingSince == NEVER) {
      failingSince = now;
    }
    long bound = Math.max(firstMillis, Math.min(maxMillis, (now - failingSince) / PART));
    return random.applyAsLong(bound + 1);
  }

  /** An attempt has succeeded. */
  public void reset() {
    failingSince = NEVER;
  }

  /** Between half of a time that somebody named and the whole of it, at least one millisecond. */
  public static long jittered(long millis) {
    return Math.max(1, ThreadLocalRandom.current().nextLong(millis / 2, millis + 1));
  }
}
