package io.tidemill.plm.schedule;

/**
 * By how much an occurrence is put off, so that schedules of one minute do not come all at once.
 * The same for the same schedule and occurrence, wherever and whenever it is asked for.
 */
public final class Jitter {
  private static final long GOLDEN = 0x9e3779b97f4a7c15L;

  private Jitter() {}

  /** From 0 to {@code most}, both included. */
  public static long millis(String name, long occurrence, long most) {
    if (most <= 0) {
      return 0;
    }
    long hash = occurrence;
    for (int i = 0; i < name.length(); i++) {
      hash = mix(hash + name.charAt(i));
    }
    return Long.remainderUnsigned(mix(hash), most + 1);
  }

  private static long mix(long value) {
    long hash = (value + GOLDEN) * GOLDEN;
    hash = (hash ^ (hash >>> 32)) * 0xbf58476d1ce4e5b9L;
    return hash ^ (hash >>> 29);
  }
}
