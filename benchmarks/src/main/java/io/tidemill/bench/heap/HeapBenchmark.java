package io.tidemill.bench.heap;

import io.tidemill.shm.memory.MappedMemory;
import io.tidemill.shm.memory.Memory;
import io.tidemill.shm.os.AllocatedFile;
import io.tidemill.shm.region.TaskHeap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One push and one pop with so many tasks resident: the heap in a mapped file, {@link
 * PriorityBlockingQueue}, and the compare-and-sets that a task's way through its slot needs anyway.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class HeapBenchmark {
  /** Submitted, assigned, recorded, ended, freed: the state word of a slot moves so often. */
  private static final int MOVES_A_TASK = 7;

  private static final int SLOT_MASK = (1 << 20) - 1;

  /** How many tasks are in the heap all the time. */
  @Param({"1000", "10000", "100000", "1000000", "10000000"})
  public int resident;

  /** fifo: one priority; random: any of 2^32. */
  @Param({"fifo", "random"})
  public String order;

  private Path file;
  private MappedMemory memory;
  private TaskHeap.LaneHeap heap;
  private PriorityBlockingQueue<TaskHeap.Entry> queue;
  private SplittableRandom random;
  private long sequence;

  @Setup(Level.Trial)
  public void fill() throws IOException {
    random = new SplittableRandom(1);
    file = Files.createTempDirectory("tidemill-heap").resolve("heap");
    AllocatedFile.create(file, pages(TaskHeap.bytes(resident + 1_024, 1)));
    memory = MappedMemory.open(file);
    TaskHeap tasks = new TaskHeap(memory, resident + 1_024, 1);
    tasks.clear();
    heap = tasks.lane(0);
    queue = new PriorityBlockingQueue<>(resident + 1_024);
    for (int i = 0; i < resident; i++) {
      long first = first();
      long second = second();
      heap.push(first, second);
      queue.add(new TaskHeap.Entry(first, second));
      sequence++;
    }
  }

  private static long pages(long bytes) {
    return (bytes + 4_095) / 4_096 * 4_096;
  }

  @TearDown(Level.Trial)
  public void remove() throws IOException {
    memory.close();
    Files.delete(file);
    Files.delete(file.getParent());
  }

  private long first() {
    return TaskHeap.first(order.equals("fifo") ? 0 : random.nextInt(), sequence);
  }

  private long second() {
    return TaskHeap.second(sequence, (int) sequence & SLOT_MASK);
  }

  @Benchmark
  public long mappedHeap() {
    sequence++;
    heap.push(first(), second());
    long best = heap.second();
    heap.pop();
    return best;
  }

  @Benchmark
  public TaskHeap.Entry priorityBlockingQueue() {
    sequence++;
    queue.add(new TaskHeap.Entry(first(), second()));
    return queue.poll();
  }

  /** What cannot be saved: one word moved so often as a task's state word is. */
  @Benchmark
  public long stateWordMoves() {
    Memory words = memory;
    long value = words.getLong(64);
    for (int i = 0; i < MOVES_A_TASK; i++) {
      words.casLong(64, value, ++value);
    }
    return value;
  }
}
