package io.tidemill.plm.lifecycle;

/**
 * Whether a server's loop has stopped turning. Counted is only the time that the supervisor was
 * awake to look: a pause of the whole host, or of the supervisor alone, makes nobody suspect.
 */
final class StallWatch {
  private final long limitNanos;
  private long beats = -1;
  private long unchangedNanos;

  StallWatch(long limitNanos) {
    this.limitNanos = limitNanos;
  }

  /**
   * @param beatsNow the count of its turns
   * @param observedNanos the time since the last look, at most one turn of the supervisor
   */
  boolean isStalled(long beatsNow, long observedNanos) {
    if (beatsNow != beats) {
      beats = beatsNow;
      unchangedNanos = 0;
    } else {
      unchangedNanos += observedNanos;
    }
    return unchangedNanos > limitNanos;
  }
}
