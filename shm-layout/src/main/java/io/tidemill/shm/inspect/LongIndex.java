package io.tidemill.shm.inspect;

import java.util.Arrays;

/**
 * Numbers distinct longs from 0 on, in the order of adding: what is known of each stands in arrays
 * under its number.
 */
final class LongIndex {
  private static final int INITIAL = 1 << 10;

  private long[] values = new long[INITIAL];
  private int[] table = new int[2 * INITIAL];
  private int size;

  int size() {
    return size;
  }

  long value(int number) {
    return values[number];
  }

  /** The number of a value, or -1. */
  int find(long value) {
    return table[place(value)] - 1;
  }

  /** The number of a value, the next one if it is new. */
  int add(long value) {
    int place = place(value);
    if (table[place] != 0) {
      return table[place] - 1;
    }
    if (size == values.length) {
      grow();
      place = place(value);
    }
    values[size] = value;
    table[place] = ++size;
    return size - 1;
  }

  /**
   * Where the value's number stands, or would stand: numbers are kept plus one, and the table is
   * never full.
   */
  private int place(long value) {
    int mask = table.length - 1;
    int place = (int) mix(value) & mask;
    while (table[place] != 0 && values[table[place] - 1] != value) {
      place = (place + 1) & mask;
    }
    return place;
  }

  private void grow() {
    values = Arrays.copyOf(values, 2 * values.length);
    table = new int[2 * values.length];
    for (int number = 0; number < size; number++) {
      table[place(values[number])] = number + 1;
    }
  }

  /** Spreads every bit over all (the finaliser of SplitMix64). */
  static long mix(long value) {
    long z = value + 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
