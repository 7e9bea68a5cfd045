package io.tidemill.shm.instance;

import java.util.Arrays;

/** Which numbers of the journals' common sequence no record has, from one on. */
final class MissingSequences {
  private static final int FIRST_SIZE = 1 << 10;

  private final long after;
  private long[] found = new long[FIRST_SIZE];
  private int count;

  /**
   * @param after all up to this one are known to be there
   */
  MissingSequences(long after) {
    this.after = after;
  }

  void found(long sequence) {
    if (sequence > after) {
      if (count == found.length) {
        found = Arrays.copyOf(found, count * 2);
      }
      found[count++] = sequence;
    }
  }

  /**
   * How many there are below the highest that was found, and between which: 0 and two times 0 if
   * none is.
   */
  Gap gap() {
    Arrays.sort(found, 0, count);
    long missing = 0;
    long first = 0;
    long last = 0;
    long before = after;
    for (int i = 0; i < count; i++) {
      long gap = found[i] - before - 1;
      if (gap > 0) {
        missing += gap;
        first = first == 0 ? before + 1 : first;
        last = found[i] - 1;
      }
      before = found[i];
    }
    return new Gap(missing, first, last, before);
  }

  /**
   * What is missing.
   *
   * @param highest that was found: what may be missing behind it left no trace
   */
  record Gap(long missing, long first, long last, long highest) {}
}
