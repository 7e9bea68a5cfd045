package io.tidemill.scheduler;

import java.util.Arrays;

/** The smallest of many longs, unsigned: a binary heap without an object for each. */
final class LongHeap {
  private static final int LEAST = 8;

  private long[] values = new long[LEAST];
  private int size;

  boolean isEmpty() {
    return size == 0;
  }

  int size() {
    return size;
  }

  /** Not of an empty one. */
  long first() {
    return values[0];
  }

  void clear() {
    size = 0;
    values = new long[LEAST];
  }

  void push(long value) {
    if (size == values.length) {
      values = Arrays.copyOf(values, 2 * size);
    }
    int hole = size++;
    while (hole > 0) {
      int parent = (hole - 1) >> 1;
      if (Long.compareUnsigned(value, values[parent]) >= 0) {
        break;
      }
      values[hole] = values[parent];
      hole = parent;
    }
    values[hole] = value;
  }

  /** Not from an empty one. */
  long pop() {
    long first = values[0];
    long last = values[--size];
    int hole = 0;
    for (int child = 1; child < size; child = 2 * hole + 1) {
      int right = child + 1;
      int best = right < size && isBefore(right, child) ? right : child;
      if (Long.compareUnsigned(values[best], last) >= 0) {
        break;
      }
      values[hole] = values[best];
      hole = best;
    }
    values[hole] = last;
    if (values.length > LEAST && size < values.length / 4) {
      values = Arrays.copyOf(values, values.length / 2);
    }
    return first;
  }

  private boolean isBefore(int a, int b) {
    return Long.compareUnsigned(values[a], values[b]) < 0;
  }
}
