package io.tidemill.bench.heap;

import io.tidemill.shm.memory.MappedMemory;
import io.tidemill.shm.memory.Memory;
import io.tidemill.shm.os.AllocatedFile;
import io.tidemill.shm.region.Ring;
import io.tidemill.shm.region.Rings;
import java.io.IOException;
import java.nio.file.Path;

/**
 * What two processes share: a ring, and a word for each slot, which the one that submits takes from
 * free to ready and the one that assigns back.
 */
final class HeapShare implements AutoCloseable {
  static final int SLOTS = 1 << 20;
  static final long FREE = 0;
  static final long READY = 1;

  private static final int PAGE = 4_096;

  private final MappedMemory rings;
  private final MappedMemory words;
  private final Ring ring;

  private HeapShare(Path folder) throws IOException {
    rings = MappedMemory.open(folder.resolve("rings"));
    words = MappedMemory.open(folder.resolve("words"));
    ring = new Rings(rings).plmToScheduler();
  }

  static HeapShare create(Path folder) throws IOException {
    AllocatedFile.create(folder.resolve("rings"), pages(Rings.bytes()));
    AllocatedFile.create(folder.resolve("words"), pages((long) SLOTS * Long.BYTES));
    return open(folder);
  }

  static HeapShare open(Path folder) throws IOException {
    return new HeapShare(folder);
  }

  static long pages(long bytes) {
    return (bytes + PAGE - 1) / PAGE * PAGE;
  }

  Ring ring() {
    return ring;
  }

  Memory words() {
    return words;
  }

  static long offset(long task) {
    return (task & (SLOTS - 1)) * Long.BYTES;
  }

  @Override
  public void close() {
    rings.close();
    words.close();
  }
}
