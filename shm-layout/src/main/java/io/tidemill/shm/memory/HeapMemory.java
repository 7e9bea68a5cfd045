package io.tidemill.shm.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The on-heap twin of {@link MappedMemory}. Every write passes {@link #beforeWrite}, where a test
 * may end the operation as a crash would: what was written stays, what was to come does not.
 */
public class HeapMemory implements Memory {
  private static final VarHandle LONGS =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INTS =
      MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private final ByteBuffer bytes;

  public HeapMemory(int size) {
    // Direct, since only there are the view handles atomic on every JDK.
    this.bytes =
        ByteBuffer.allocateDirect(size + 8)
            .alignedSlice(8)
            .slice(0, size)
            .order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Another view of the same bytes: what another process has of them, with a hook of its own. */
  public HeapMemory(HeapMemory shared) {
    this.bytes = shared.bytes;
  }

  /** Called before each store of whatever kind. Throwing here is the crash. */
  protected void beforeWrite() {}

  @Override
  public long size() {
    return bytes.capacity();
  }

  @Override
  public long getLong(long offset) {
    return (long) LONGS.get(bytes, Math.toIntExact(offset));
  }

  @Override
  public void putLong(long offset, long value) {
    beforeWrite();
    LONGS.set(bytes, Math.toIntExact(offset), value);
  }

  @Override
  public long getLongAcquire(long offset) {
    return (long) LONGS.getVolatile(bytes, Math.toIntExact(offset));
  }

  @Override
  public void putLongRelease(long offset, long value) {
    beforeWrite();
    LONGS.setRelease(bytes, Math.toIntExact(offset), value);
  }

  @Override
  public boolean casLong(long offset, long expected, long value) {
    beforeWrite();
    return LONGS.compareAndSet(bytes, Math.toIntExact(offset), expected, value);
  }

  @Override
  public long getAndAddLong(long offset, long delta) {
    beforeWrite();
    return (long) LONGS.getAndAdd(bytes, Math.toIntExact(offset), delta);
  }

  @Override
  public int getInt(long offset) {
    return (int) INTS.get(bytes, Math.toIntExact(offset));
  }

  @Override
  public void putInt(long offset, int value) {
    beforeWrite();
    INTS.set(bytes, Math.toIntExact(offset), value);
  }

  @Override
  public int getIntAcquire(long offset) {
    return (int) INTS.getVolatile(bytes, Math.toIntExact(offset));
  }

  @Override
  public void putIntRelease(long offset, int value) {
    beforeWrite();
    INTS.setRelease(bytes, Math.toIntExact(offset), value);
  }

  @Override
  public int getAndAddInt(long offset, int delta) {
    beforeWrite();
    return (int) INTS.getAndAdd(bytes, Math.toIntExact(offset), delta);
  }

  @Override
  public void getBytes(long offset, byte[] target, int at, int length) {
    bytes.get(Math.toIntExact(offset), target, at, length);
  }

  /** Byte by byte as far as a crash is concerned: each one is a write of its own. */
  @Override
  public void putBytes(long offset, byte[] source, int at, int length) {
    for (int i = 0; i < length; i++) {
      beforeWrite();
      bytes.put(Math.toIntExact(offset + i), source[at + i]);
    }
  }

  @Override
  public void fullFence() {
    VarHandle.fullFence();
  }

  /** Nobody sleeps on the heap: whoever tests turns the loops itself. */
  @Override
  public void sleep(long offset, int expected, long nanos) {}

  @Override
  public void wake(long offset) {}

  /** What is in it now, for comparing. */
  public byte[] copy() {
    byte[] all = new byte[bytes.capacity()];
    bytes.get(0, all);
    return Arrays.copyOf(all, all.length);
  }
}
