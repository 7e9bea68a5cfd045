package io.tidemill.shm.instance;

import java.util.Arrays;

/** Which numbers of the journals' common sequence no record has, from one on. */
public final class MissingSequences {
  private static final int FIRST_SIZE = 1 << 10;

  private final long after;
  private long[] found = new long[FIRST_SIZE];
  private int count;

  /**
   * @param after all up to this one are known to be there
   */
  public MissingSequences(long after) {
    this.after = after;
  }

  public void found(long sequence) {
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
  public Gap gap() {
    return gap(0);
  }

  /**
   * The same.
   *
   * @param through numbers up to this one are known to have been used
   */
  public Gap gap(long through) {
    Arrays.sort(found, 0, count);
    long missing = 0;
    long first = 0;
    long last = 0;
    long before = after;
    for (int i = 0; i < count; i++) {
      long gap = found[i] - before - 1;
      if (gap > 0) { // A record that was carried forward may be there twice.
        missing += gap;
        first = first == 0 ? before + 1 : first;
        last = found[i] - 1;
      }
      before = found[i];
    }
    if (through > before) {
      missing += through - before;
      first = first == 0 ? before + 1 : first;
      last = through;
    }
    return new Gap(missing, first, last, before);
  }

  /**
   * What is missing.
   *
   * @param highest that was found: what may be missing behind it left no trace
   */
  public record Gap(long missing, long first, long last, long highest) {}
}
