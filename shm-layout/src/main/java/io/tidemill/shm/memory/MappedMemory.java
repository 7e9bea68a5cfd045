package io.tidemill.shm.memory;

import io.tidemill.shm.os.Futex;
import io.tidemill.shm.os.PageCache;
import java.io.File;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import net.openhft.chronicle.bytes.MappedBytesStore;
import net.openhft.chronicle.bytes.MappedFile;
import net.openhft.chronicle.core.UnsafeMemory;
import net.openhft.chronicle.core.io.ReferenceOwner;
import net.openhft.posix.PosixAPI;

/**
 * A file mapped whole through Chronicle. The file must be allocated to its full size before: a
 * store to a hole on a full disk would be lost without a word, or kill the process.
 */
public final class MappedMemory implements Memory, AutoCloseable {
  static {
    // Chronicle's way to the C library takes long to load, and nothing that maps needs it: ours
    // allocates and forces. What needs it after all asks ChroniclePosix.
    PosixAPI.useNoOpPosixApi();
  }

  private static final UnsafeMemory RAW = UnsafeMemory.INSTANCE;

  private final ReferenceOwner owner = ReferenceOwner.temporary("tidemill");
  private final MappedFile file;
  private final MappedBytesStore store;
  private final long address;
  private long size;
  private final boolean kept;

  private MappedMemory(Path path, boolean readOnly, boolean kept) throws IOException {
    this.kept = kept;
    this.size = Files.size(path);
    if (size == 0) {
      throw new IOException("mapped file is empty: path=" + path);
    }
    File target = path.toFile();
    this.file = MappedFile.ofSingle(target, size, readOnly);
    this.store = file.acquireByteStore(owner, 0);
    this.address = store.addressForRead(0);
    PageCache.onePageAtATime(address, size);
  }

  /**
   * Maps an allocated file for reading and writing, for as long as the process lives: a thread that
   * were late after a close that unmaps would end the process.
   */
  public static MappedMemory open(Path path) throws IOException {
    return new MappedMemory(path, false, true);
  }

  /** The same until it is closed, for one thread that comes and goes. */
  public static MappedMemory visit(Path path) throws IOException {
    return new MappedMemory(path, false, false);
  }

  /** Maps a file so that a store to it ends the process: for looking only, until it is closed. */
  public static MappedMemory openReadOnly(Path path) throws IOException {
    return new MappedMemory(path, true, false);
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public long getLong(long offset) {
    return RAW.readLong(at(offset, 8));
  }

  @Override
  public void putLong(long offset, long value) {
    RAW.writeLong(at(offset, 8), value);
  }

  @Override
  public long getLongAcquire(long offset) {
    return RAW.readVolatileLong(at(offset, 8));
  }

  @Override
  public void putLongRelease(long offset, long value) {
    RAW.writeOrderedLong(at(offset, 8), value);
  }

  @Override
  public boolean casLong(long offset, long expected, long value) {
    return RAW.compareAndSwapLong(at(offset, 8), expected, value);
  }

  @Override
  public long getAndAddLong(long offset, long delta) {
    return RAW.addLong(at(offset, 8), delta) - delta;
  }

  @Override
  public int getInt(long offset) {
    return RAW.readInt(at(offset, 4));
  }

  @Override
  public void putInt(long offset, int value) {
    RAW.writeInt(at(offset, 4), value);
  }

  @Override
  public int getIntAcquire(long offset) {
    return RAW.readVolatileInt(at(offset, 4));
  }

  @Override
  public void putIntRelease(long offset, int value) {
    RAW.writeOrderedInt(at(offset, 4), value);
  }

  @Override
  public int getAndAddInt(long offset, int delta) {
    return RAW.addInt(at(offset, 4), delta) - delta;
  }

  @Override
  public void getBytes(long offset, byte[] target, int at, int length) {
    if (length > 0) {
      Objects.checkFromIndexSize(at, length, target.length);
      RAW.readBytes(at(offset, length), target, at, length);
    }
  }

  @Override
  public void putBytes(long offset, byte[] source, int at, int length) {
    if (length > 0) {
      Objects.checkFromIndexSize(at, length, source.length);
      RAW.writeBytes(at(offset, length), source, at, length);
    }
  }

  @Override
  public void fullFence() {
    VarHandle.fullFence();
  }

  @Override
  public void sleep(long offset, int expected, long nanos) {
    Futex.await(at(offset, 4), expected, nanos);
  }

  @Override
  public void wake(long offset) {
    Futex.wakeAll(at(offset, 4));
  }

  /** What is touched from now on is refused as out of bounds, not a fault that ends the process. */
  @Override
  public void close() {
    size = 0;
    store.release(owner);
    file.releaseLast();
    if (!kept) {
      store.releaseLast(); // Chronicle's own hold, without which the mapping stays for good.
    }
  }

  private long at(long offset, long length) {
    if (offset < 0 || offset > size - length) {
      throw new IndexOutOfBoundsException(
          "mapped memory: offset=" + offset + " length=" + length + " size=" + size);
    }
    return address + offset;
  }
}
