package io.tidemill.shm.region;

import io.tidemill.shm.memory.Memory;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Memory in an array of longs, whose accesses a model checker sees one by one; it tries their
 * interleavings, each access being visible at once.
 */
final class WordMemory implements Memory {
  private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);
  private static final long LOW = 0xFFFF_FFFFL;

  private final long[] words;

  WordMemory(long bytes) {
    words = new long[Math.toIntExact((bytes + 7) / 8)];
  }

  /** A region of so many records, as its creator leaves it. */
  static WordMemory region(RegionHeader.Kind kind, long bytes, long capacity) {
    WordMemory memory = new WordMemory(bytes);
    RegionHeader.prepare(memory, kind, capacity, 1, 1);
    RegionHeader.seal(memory);
    return memory;
  }

  private static int index(long offset) {
    return (int) (offset >> 3);
  }

  private static int shift(long offset) {
    return (int) (offset & 7) * 8;
  }

  @Override
  public long size() {
    return words.length * 8L;
  }

  @Override
  public long getLong(long offset) {
    return (long) WORDS.getVolatile(words, index(offset));
  }

  @Override
  public void putLong(long offset, long value) {
    WORDS.setVolatile(words, index(offset), value);
  }

  @Override
  public long getLongAcquire(long offset) {
    return getLong(offset);
  }

  @Override
  public void putLongRelease(long offset, long value) {
    putLong(offset, value);
  }

  @Override
  public boolean casLong(long offset, long expected, long value) {
    return WORDS.compareAndSet(words, index(offset), expected, value);
  }

  @Override
  public long getAndAddLong(long offset, long delta) {
    return (long) WORDS.getAndAdd(words, index(offset), delta);
  }

  @Override
  public int getInt(long offset) {
    return (int) (getLong(offset) >>> shift(offset));
  }

  @Override
  public void putInt(long offset, int value) {
    put(offset, LOW, value);
  }

  private void put(long offset, long mask, long value) {
    int shift = shift(offset);
    while (true) {
      long before = getLong(offset);
      long after = (before & ~(mask << shift)) | ((value & mask) << shift);
      if (casLong(offset, before, after)) {
        return;
      }
    }
  }

  @Override
  public int getIntAcquire(long offset) {
    return getInt(offset);
  }

  @Override
  public void putIntRelease(long offset, int value) {
    putInt(offset, value);
  }

  @Override
  public int getAndAddInt(long offset, int delta) {
    while (true) {
      long before = getLong(offset);
      int value = (int) (before >>> shift(offset));
      int shift = shift(offset);
      long after = (before & ~(LOW << shift)) | (((value + delta) & LOW) << shift);
      if (casLong(offset, before, after)) {
        return value;
      }
    }
  }

  @Override
  public void getBytes(long offset, byte[] target, int at, int length) {
    for (int i = 0; i < length; i++) {
      target[at + i] = (byte) (getLong(offset + i) >>> shift(offset + i));
    }
  }

  @Override
  public void putBytes(long offset, byte[] source, int at, int length) {
    for (int i = 0; i < length; i++) {
      put(offset + i, 0xFF, source[at + i]);
    }
  }

  @Override
  public void fullFence() {}

  @Override
  public void sleep(long offset, int expected, long nanos) {}

  @Override
  public void wake(long offset) {}
}
