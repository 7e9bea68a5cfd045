package io.tidemill.plm.lifecycle;

import java.time.Duration;

/**
 * When a process that ended may be started again: at once, unless it keeps ending right after its
 * start. Times are monotonic nanoseconds.
 */
final class Backoff {
  static final Duration FIRST = Duration.ofMillis(100);
  private static final Duration SHORT_LIFE = Duration.ofSeconds(5);
  private static final Duration LONG_LIFE = Duration.ofSeconds(30);

  private final Duration most;
  private Duration delay = Duration.ZERO;
  private long endedAt;

  /**
   * @param most the longest wait
   */
  Backoff(Duration most) {
    this.most = most;
  }

  /** A process lived from its start until now. */
  void ended(long startedAt, long now) {
    long lived = now - startedAt;
    endedAt = now;
    if (lived >= LONG_LIFE.toNanos()) {
      delay = Duration.ZERO;
    } else if (lived < SHORT_LIFE.toNanos()) {
      delay = shorter(delay.isZero() ? FIRST : delay.multipliedBy(2), most);
    }
  }

  /** What failed will hardly do better soon. */
  void hopeless() {
    delay = most;
  }

  boolean isDue(long now) {
    return delay.isZero() || now - endedAt >= delay.toNanos();
  }

  Duration delay() {
    return delay;
  }

  private static Duration shorter(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }
}
