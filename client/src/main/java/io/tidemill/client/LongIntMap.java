package io.tidemill.client;

import java.util.Arrays;

/**
 * Task id to slot, open addressing, without objects. The key 0 is never used. Not safe for threads.
 * Removal shifts back what follows, so that no tombstones gather (Knuth, The Art of Computer
 * Programming 3, 6.4, algorithm R).
 */
final class LongIntMap {
  static final int NONE = -1;

  private final long[] keys;
  private final int[] values;
  private final int mask;
  private final int shift;

  /** For at most {@code entriesMax} keys: twice the room, so that probes stay short. */
  LongIntMap(int entriesMax) {
    int capacity = Integer.highestOneBit(Math.max(2, entriesMax) * 2 - 1) * 2;
    keys = new long[capacity];
    values = new int[capacity];
    mask = capacity - 1;
    shift = 64 - Integer.numberOfTrailingZeros(capacity);
  }

  static int hash(long key, int shift) {
    return (int) ((key * 0x9E3779B97F4A7C15L) >>> shift);
  }

  int get(long key) {
    int index = indexOf(key);
    return keys[index] == key ? values[index] : NONE;
  }

  void put(long key, int value) {
    int index = indexOf(key);
    keys[index] = key;
    values[index] = value;
  }

  void remove(long key) {
    int hole = indexOf(key);
    if (keys[hole] != key) {
      return;
    }
    for (int next = (hole + 1) & mask; keys[next] != 0; next = (next + 1) & mask) {
      int home = hash(keys[next], shift);
      if (((next - home) & mask) >= ((next - hole) & mask)) {
        keys[hole] = keys[next];
        values[hole] = values[next];
        hole = next;
      }
    }
    keys[hole] = 0;
  }

  void clear() {
    Arrays.fill(keys, 0);
  }

  private int indexOf(long key) {
    int index = hash(key, shift);
    while (keys[index] != 0 && keys[index] != key) {
      index = (index + 1) & mask;
    }
    return index;
  }
}
