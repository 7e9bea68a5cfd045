package io.tidemill.worker.handlers;

import io.tidemill.worker.NonRetryableException;
import io.tidemill.worker.TaskContext;

/**
 * Tells whether a number is prime, by trial division: work whose length the submitter can choose.
 */
final class Prime {
  private static final long LOOK_EVERY = 1 << 14;

  private Prime() {}

  /** "prime", or the smallest factor that is not 1. */
  static String handle(TaskContext context) throws NonRetryableException {
    long n = StockHandlers.decimal(context, "n");
    if (n < 2) {
      throw new NonRetryableException(
          "neither prime nor composite: n=" + n + "; give 2 to 9223372036854775807");
    }
    long factor = smallestFactor(n, context);
    return factor == n ? "prime" : Long.toString(factor);
  }

  private static long smallestFactor(long n, TaskContext context) {
    if (n % 2 == 0) {
      return 2;
    }
    long countdown = LOOK_EVERY;
    for (long d = 3; d <= n / d; d += 2) {
      if (n % d == 0) {
        return d;
      }
      if (--countdown == 0) {
        countdown = LOOK_EVERY;
        StockHandlers.throwIfCancelled(context);
      }
    }
    return n;
  }
}
