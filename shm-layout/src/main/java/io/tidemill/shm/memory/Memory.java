package io.tidemill.shm.memory;

/**
 * A stretch of memory that several processes may share, addressed by byte offsets from 0. Longs
 * stand at multiples of 8 and ints at multiples of 4. The order that a store or load has stands in
 * its name; what has none is plain. Every access is checked against {@link #size()}.
 */
public interface Memory {
  /** In bytes. */
  long size();

  long getLong(long offset);

  void putLong(long offset, long value);

  /** Nothing that follows in the program is seen as it was before this load. */
  long getLongAcquire(long offset);

  /** Whoever sees the value by an acquiring load sees everything stored before it too. */
  void putLongRelease(long offset, long value);

  /** A full fence, whether it succeeds or not. */
  boolean casLong(long offset, long expected, long value);

  /** Adds atomically, as a full fence. Returns the value before. */
  long getAndAddLong(long offset, long delta);

  int getInt(long offset);

  void putInt(long offset, int value);

  int getIntAcquire(long offset);

  void putIntRelease(long offset, int value);

  /** Adds atomically, as a full fence. Returns the value before. */
  int getAndAddInt(long offset, int delta);

  void getBytes(long offset, byte[] target, int at, int length);

  void putBytes(long offset, byte[] source, int at, int length);

  /** Stores before it are visible before any load after it is made. */
  void fullFence();

  /**
   * Sleeps while the int at {@code offset} is {@code expected}: until woken, until the time is
   * over, or for no reason.
   */
  void sleep(long offset, int expected, long nanos);

  /** Wakes whoever sleeps on the int at {@code offset}, in whatever process. */
  void wake(long offset);
}
