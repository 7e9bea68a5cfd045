package io.tidemill.register;

/** How many bytes may pass: so many a second, and so many at once. Not safe for threads. */
final class ByteBucket {
  private static final double NANOS_PER_SECOND = 1e9;

  private final double perNano;
  private final double most;
  private double left;
  private long atNanos;

  ByteBucket(long perSecond, long atOnce, long nowNanos) {
    this.perNano = perSecond / NANOS_PER_SECOND;
    this.most = atOnce;
    this.left = atOnce;
    this.atNanos = nowNanos;
  }

  /** Takes as many as are asked for, or none. */
  boolean take(int bytes, long nowNanos) {
    return take(bytes, 0, nowNanos);
  }

  /** The same of what matters more, which goes on credit: up to half of what may pass at once. */
  boolean takeOnCredit(int bytes, long nowNanos) {
    return take(bytes, most / 2, nowNanos);
  }

  private boolean take(int bytes, double credit, long nowNanos) {
    left = Math.min(most, left + Math.max(0, nowNanos - atNanos) * perNano);
    atNanos = nowNanos;
    if (bytes > left + credit) {
      return false;
    }
    left -= bytes;
    return true;
  }
}
