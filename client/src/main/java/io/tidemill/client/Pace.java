package io.tidemill.client;

import java.util.concurrent.atomic.AtomicLong;

/** Lets one through in so much time, whichever thread it is. */
final class Pace {
  private final long pauseNanos;
  private final AtomicLong next;

  /**
   * @param nowNanos of {@link System#nanoTime}: the first one may pass at once
   */
  Pace(long pauseNanos, long nowNanos) {
    this.pauseNanos = pauseNanos;
    this.next = new AtomicLong(nowNanos);
  }

  boolean mayPass(long nowNanos) {
    long due = next.get();
    return nowNanos - due >= 0 && next.compareAndSet(due, nowNanos + pauseNanos);
  }
}
