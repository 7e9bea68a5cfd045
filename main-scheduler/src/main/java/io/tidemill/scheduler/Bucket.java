package io.tidemill.scheduler;

import io.tidemill.shm.region.Rule;

/** A token bucket: one token a lease. It begins as if it had been empty at a given time. */
final class Bucket {
  private static final double NANOS_PER_MILLI = 1e6;

  private double perNano;
  private double most;
  private double tokens;
  private long atNanos;

  Bucket(Rule rule, long emptyAtNanos) {
    this.atNanos = emptyAtNanos;
    follow(rule);
  }

  /** Another rule holds from now on: what has gathered stays, as far as there is room. */
  void follow(Rule rule) {
    perNano =
        rule.permits() == 0
            ? 0
            : rule.permits() / (Math.max(1, rule.periodMillis()) * NANOS_PER_MILLI);
    most = Math.max(1, rule.burst());
    tokens = Math.min(tokens, most);
  }

  boolean hasToken(long nowNanos) {
    fill(nowNanos);
    return perNano == 0 || tokens >= 1;
  }

  void take(long nowNanos) {
    fill(nowNanos);
    if (perNano != 0) {
      tokens -= 1;
    }
  }

  /** When there is a token; now if there is one. */
  long nextNanos(long nowNanos) {
    return hasToken(nowNanos) ? nowNanos : nowNanos + (long) Math.ceil((1 - tokens) / perNano);
  }

  /** Whether nothing would change if it were forgotten and made anew. */
  boolean isFull(long nowNanos) {
    fill(nowNanos);
    return perNano == 0 || tokens >= most;
  }

  /** When it is full if nobody takes anything. */
  long fullNanos(long nowNanos) {
    return isFull(nowNanos) ? nowNanos : nowNanos + (long) Math.ceil((most - tokens) / perNano);
  }

  private void fill(long nowNanos) {
    tokens = Math.min(most, tokens + Math.max(0, nowNanos - atNanos) * perNano);
    atNanos = nowNanos;
  }
}
