package io.tidemill.shm.journal;

/**
 * Where a record stands in a journal: the number of its cycle file in the upper 24 bits, its byte
 * offset in that file in the lower 40. Positions rise in the order of appending. 0 is none: no file
 * begins with a record.
 */
public final class Position {
  public static final long NONE = 0;

  static final int OFFSET_BITS = 40;
  static final int CYCLE_MAX = (1 << (Long.SIZE - OFFSET_BITS)) - 1;
  private static final long OFFSET_MASK = (1L << OFFSET_BITS) - 1;

  private Position() {}

  public static long of(int cycle, long offset) {
    return ((long) cycle << OFFSET_BITS) | offset;
  }

  public static int cycle(long position) {
    return (int) (position >>> OFFSET_BITS);
  }

  public static long offset(long position) {
    return position & OFFSET_MASK;
  }

  /** For people: cycle and offset. */
  public static String format(long position) {
    return cycle(position) + ":" + offset(position);
  }
}
