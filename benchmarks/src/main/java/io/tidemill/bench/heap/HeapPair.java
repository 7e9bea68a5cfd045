package io.tidemill.bench.heap;

import io.tidemill.bench.JavaProcess;
import io.tidemill.shm.memory.HeapMemory;
import io.tidemill.shm.memory.MappedMemory;
import io.tidemill.shm.memory.Memory;
import io.tidemill.shm.os.AllocatedFile;
import io.tidemill.shm.region.Rings;
import io.tidemill.shm.region.TaskHeap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The side that assigns: takes what the other process submits from the ring into the heap, and the
 * best out of the heap, with its slot's word by a compare-and-set, so that the slot comes round.
 */
public final class HeapPair implements AutoCloseable {
  private static final int DRAIN = 1_024;

  private final Path folder;
  private final HeapShare share;
  private final MappedMemory memory;
  private final TaskHeap.LaneHeap heap;
  private final int resident;
  private final boolean random;
  private final SplittableRandom priorities = new SplittableRandom(1);
  private final Process producer;

  private HeapPair(Path folder, int resident, boolean random) throws IOException {
    this.folder = folder;
    this.resident = resident;
    this.random = random;
    this.share = HeapShare.create(folder);
    Path file = folder.resolve("heap");
    int tasksMax = resident + 2 * DRAIN;
    AllocatedFile.create(file, HeapShare.pages(TaskHeap.bytes(tasksMax, 1)));
    this.memory = MappedMemory.open(file);
    TaskHeap tasks = new TaskHeap(memory, tasksMax, 1);
    tasks.clear();
    this.heap = tasks.lane(0);
    this.producer =
        JavaProcess.begin(JavaProcess.SERVER_OPTIONS, HeapProducer.class, folder.toString());
  }

  /**
   * @param resident tasks in the heap all the time, at most half of the slots
   * @param random any of 2^32 priorities, or one
   */
  public static HeapPair start(int resident, boolean random) throws IOException {
    if (resident > HeapShare.SLOTS / 2) {
      throw new IllegalArgumentException(
          "too many: resident=" + resident + " most=" + HeapShare.SLOTS / 2);
    }
    return new HeapPair(Files.createTempDirectory("tidemill-heap"), resident, random);
  }

  /** Nanoseconds until so many have been pushed and popped. */
  public long run(int count) {
    long began = System.nanoTime();
    int popped = 0;
    while (popped < count) {
      int room = resident + DRAIN - heap.size();
      if (share.ring().drain(this::push, Math.min(room, DRAIN)) == 0) {
        Thread.onSpinWait();
      }
      while (heap.size() > resident) {
        pop();
        popped++;
      }
    }
    return System.nanoTime() - began;
  }

  private void push(long event, long sequence) {
    int priority = random ? priorities.nextInt() : 0;
    heap.push(TaskHeap.first(priority, sequence), TaskHeap.second(sequence, Rings.index(event)));
  }

  private void pop() {
    int slot = TaskHeap.slot(heap.second());
    heap.pop();
    if (!share.words().casLong(HeapShare.offset(slot), HeapShare.READY, HeapShare.FREE)) {
      throw new IllegalStateException("a slot came out of the heap that was not ready: " + slot);
    }
  }

  /** What one pair's two compare-and-sets cost in one process, in nanoseconds. */
  public static double casNanos(int count) {
    Memory words = new HeapMemory(1 << 16);
    long began = System.nanoTime();
    for (int i = 0; i < count; i++) {
      long offset = (i & 0xfff) * (long) Long.BYTES;
      if (!words.casLong(offset, HeapShare.FREE, HeapShare.READY)
          || !words.casLong(offset, HeapShare.READY, HeapShare.FREE)) {
        throw new IllegalStateException("a word was not as it was left");
      }
    }
    return (System.nanoTime() - began) / (double) count;
  }

  @Override
  public void close() throws IOException, InterruptedException {
    producer.getOutputStream().close();
    producer.destroy();
    producer.waitFor();
    share.close();
    memory.close();
    for (String name : List.of("rings", "words", "heap")) {
      Files.deleteIfExists(folder.resolve(name));
    }
    Files.delete(folder);
  }
}
