package io.tidemill.shm.region;

import io.tidemill.shm.memory.HeapMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/**
 * A writer's memory as another processor may see it: a plain store becomes visible at any time
 * after it, a releasing one only after all before it. Whenever a store is made, every order that
 * this allows is tried (or some, if there are very many), and an observer looks at each.
 */
final class LooseMemory extends HeapMemory {
  private static final int TRIED_WHOLE = 10;
  private static final int TRIED_OF_MORE = 1_024;

  private static final class Store {
    private final long offset;
    private final byte[] bytes;
    private final boolean releases;

    Store(long offset, byte[] bytes, boolean releases) {
      this.offset = offset;
      this.bytes = bytes;
      this.releases = releases;
    }

    void put(byte[] what, HeapMemory memory) {
      memory.putBytes(offset, what, 0, what.length);
    }

    boolean overlaps(Store other) {
      return offset < other.offset + other.bytes.length && other.offset < offset + bytes.length;
    }
  }

  private final HeapMemory own;
  private final Consumer<HeapMemory> observer;
  private final List<Store> pending = new ArrayList<>();
  private final Random random = new Random(1);
  private final HeapMemory visible;
  private long views;

  /**
   * @param own what the writer itself sees
   */
  LooseMemory(HeapMemory own, Consumer<HeapMemory> observer) {
    super(own);
    this.own = own;
    this.visible = copyOf(own);
    this.observer = observer;
  }

  private static HeapMemory copyOf(HeapMemory memory) {
    HeapMemory copy = new HeapMemory(Math.toIntExact(memory.size()));
    byte[] bytes = memory.copy();
    copy.putBytes(0, bytes, 0, bytes.length);
    return copy;
  }

  long views() {
    return views;
  }

  @Override
  public void putLong(long offset, long value) {
    super.putLong(offset, value);
    stored(offset, 8, false);
  }

  @Override
  public void putLongRelease(long offset, long value) {
    super.putLongRelease(offset, value);
    stored(offset, 8, true);
  }

  @Override
  public void putInt(long offset, int value) {
    super.putInt(offset, value);
    stored(offset, 4, false);
  }

  @Override
  public void putIntRelease(long offset, int value) {
    super.putIntRelease(offset, value);
    stored(offset, 4, true);
  }

  @Override
  public void putBytes(long offset, byte[] source, int at, int length) {
    super.putBytes(offset, source, at, length);
    int half = length / 2;
    if (half > 0) {
      stored(offset, half, false);
    }
    if (length > half) {
      stored(offset + half, length - half, false);
    }
  }

  @Override
  public boolean casLong(long offset, long expected, long value) {
    fullFence();
    boolean swapped = super.casLong(offset, expected, value);
    fullFence();
    return swapped;
  }

  @Override
  public long getAndAddLong(long offset, long delta) {
    fullFence();
    long before = super.getAndAddLong(offset, delta);
    fullFence();
    return before;
  }

  @Override
  public int getAndAddInt(long offset, int delta) {
    fullFence();
    int before = super.getAndAddInt(offset, delta);
    fullFence();
    return before;
  }

  /** All that was stored is visible. */
  @Override
  public void fullFence() {
    pending.forEach(store -> store.put(store.bytes, visible));
    pending.clear();
    byte[] now = own.copy();
    byte[] seen = visible.copy();
    for (int at = 0; at < now.length; at++) {
      if (now[at] != seen[at]) {
        visible.putBytes(at, now, at, 1); // By an exchange or an addition.
      }
    }
    observe();
  }

  private void stored(long offset, int length, boolean releases) {
    byte[] bytes = new byte[length];
    own.getBytes(offset, bytes, 0, length);
    pending.add(new Store(offset, bytes, releases));
    int count = pending.size();
    if (count <= TRIED_WHOLE) {
      for (long set = 0; set < 1L << count; set++) {
        view(set);
      }
    } else {
      for (int i = 0; i < TRIED_OF_MORE; i++) {
        view(random.nextLong() & (count < 64 ? (1L << count) - 1 : -1));
      }
    }
  }

  /** Looks at these of the pending stores, and at what has to be visible before them. */
  private void view(long chosen) {
    boolean all = false;
    boolean[] shown = new boolean[pending.size()];
    for (int i = pending.size() - 1; i >= 0; i--) {
      Store store = pending.get(i);
      shown[i] = all || (chosen & 1L << i) != 0 || isOverwritten(i, shown);
      all |= shown[i] && store.releases;
    }
    byte[][] before = new byte[shown.length][];
    for (int i = 0; i < shown.length; i++) {
      Store store = pending.get(i);
      before[i] = store.bytes.clone();
      visible.getBytes(store.offset, before[i], 0, before[i].length);
      if (shown[i]) {
        store.put(store.bytes, visible);
      }
    }
    observe();
    for (int i = shown.length - 1; i >= 0; i--) {
      pending.get(i).put(before[i], visible);
    }
  }

  /** Stores to one place become visible in their order. */
  private boolean isOverwritten(int store, boolean[] shown) {
    for (int later = store + 1; later < shown.length; later++) {
      if (shown[later] && pending.get(later).overlaps(pending.get(store))) {
        return true;
      }
    }
    return false;
  }

  private void observe() {
    views++;
    observer.accept(visible);
  }
}
