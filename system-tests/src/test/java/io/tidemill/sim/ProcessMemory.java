package io.tidemill.sim;

import io.tidemill.shm.memory.HeapMemory;
import io.tidemill.shm.region.RegionHeader.Kind;

/** A region as one simulated process has it mapped: its writes pass that process's hook. */
final class ProcessMemory extends HeapMemory {
  private final SimProcess process;
  private final Kind kind;
  private final Observer observer;

  ProcessMemory(HeapMemory shared, SimProcess process, Kind kind, Observer observer) {
    super(shared);
    this.process = process;
    this.kind = kind;
    this.observer = observer;
  }

  @Override
  protected void beforeWrite() {
    process.beforeWrite();
  }

  @Override
  public void putLong(long offset, long value) {
    super.putLong(offset, value);
    observer.onLong(kind, offset, value);
  }

  @Override
  public void putLongRelease(long offset, long value) {
    super.putLongRelease(offset, value);
    observer.onLong(kind, offset, value);
  }

  @Override
  public long getAndAddLong(long offset, long delta) {
    long before = super.getAndAddLong(offset, delta);
    observer.onLong(kind, offset, before + delta);
    return before;
  }

  @Override
  public boolean casLong(long offset, long expected, long value) {
    boolean done = super.casLong(offset, expected, value);
    if (done) {
      observer.onCas(kind, offset, expected, value);
    }
    return done;
  }

  @Override
  public void putInt(long offset, int value) {
    super.putInt(offset, value);
    observer.onInt(kind, offset);
  }

  @Override
  public void putIntRelease(long offset, int value) {
    super.putIntRelease(offset, value);
    observer.onInt(kind, offset);
  }

  @Override
  public int getAndAddInt(long offset, int delta) {
    int before = super.getAndAddInt(offset, delta);
    observer.onInt(kind, offset);
    return before;
  }

  @Override
  public void putBytes(long offset, byte[] source, int at, int length) {
    super.putBytes(offset, source, at, length);
    observer.onInt(kind, offset);
  }
}
