package io.tidemill.scheduler;

import io.tidemill.shm.memory.HeapMemory;
import io.tidemill.shm.region.RegionHeader;
import io.tidemill.shm.region.RegionHeader.Kind;
import io.tidemill.shm.region.WorkerHeap;
import io.tidemill.shm.region.WorkerTable;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Workers in simulated time: each runs so many tasks at a time, at a speed of its own, and keeps
 * further ones in the order that they came in. What the policies see of them stands in the real
 * worker heap and worker table.
 */
final class SimulatedFleet implements PlacementPolicy.Candidates {
  /**
   * What the workers are like.
   *
   * @param capacity tasks that each runs at a time
   * @param prefetch tasks that each holds beyond those
   * @param speeds of the workers in turn: 1 runs a task as long as the trace says, 0.5 twice as
   *     long
   */
  record Shape(int workers, int capacity, int prefetch, List<Double> speeds) {
    double speed(int row) {
      return speeds.get(row % speeds.size());
    }
  }

  private final Shape shape;
  private final WorkerHeap heap;
  private final WorkerTable table;
  private final int[] running;
  private final Deque<Integer>[] waiting;
  private final long[] inUseSince;
  private long inUseMicros;
  private long news;

  @SuppressWarnings({"unchecked", "rawtypes"}) // An array of generics cannot be made otherwise.
  SimulatedFleet(Shape shape) {
    this.shape = shape;
    int workers = shape.workers();
    this.heap = new WorkerHeap(memory(Kind.WORKER_HEAP, WorkerHeap.bytes(workers), workers));
    this.table = new WorkerTable(memory(Kind.WORKERS, WorkerTable.bytes(workers), workers));
    this.running = new int[workers];
    this.waiting = new Deque[workers];
    this.inUseSince = new long[workers];
    for (int row = 0; row < workers; row++) {
      waiting[row] = new ArrayDeque<>();
      heap.update(row, 0, shape.capacity() + shape.prefetch());
    }
  }

  static HeapMemory memory(Kind kind, long bytes, int capacity) {
    HeapMemory memory = new HeapMemory(Math.toIntExact(bytes));
    RegionHeader.prepare(memory, kind, capacity, 1, 1);
    RegionHeader.seal(memory);
    return memory;
  }

  long news() {
    return news;
  }

  /** A task goes to a worker; true if it starts at once. */
  boolean take(int row, int task, long nowMicros) {
    if (heap.inFlight(row) == 0) {
      inUseSince[row] = nowMicros;
    }
    heap.update(row, heap.inFlight(row) + 1, heap.window(row));
    if (running[row] < shape.capacity()) {
      running[row]++;
      return true;
    }
    waiting[row].add(task);
    return false;
  }

  /** A task has ended on a worker; answers the one that it starts next, or -1. */
  int end(int row, int type, long ranMicros, long nowMicros) {
    table.served(row, type, ranMicros);
    heap.update(row, heap.inFlight(row) - 1, heap.window(row));
    news++;
    if (heap.inFlight(row) == 0) {
      inUseMicros += nowMicros - inUseSince[row];
    }
    Integer next = waiting[row].poll();
    running[row] -= next == null ? 1 : 0;
    return next == null ? -1 : next;
  }

  /** How long a task runs on a worker. */
  long micros(int row, long runMicros) {
    return Math.max(1, Math.round(runMicros / shape.speed(row)));
  }

  /** For how long workers held anything, summed over all of them. */
  long inUseMicros() {
    return inUseMicros;
  }

  @Override
  public int count() {
    return heap.size();
  }

  @Override
  public int rowAt(int place) {
    return heap.rowAt(place);
  }

  @Override
  public int room(int row) {
    return heap.room(row);
  }

  @Override
  public double load(int row) {
    return (double) heap.inFlight(row) / heap.window(row);
  }

  @Override
  public boolean handles(int row, int type) {
    return true;
  }

  @Override
  public boolean mayRun(int row, int type) {
    return true;
  }

  @Override
  public long identity(int row) {
    return row;
  }

  @Override
  public int inFlight(int row) {
    return heap.inFlight(row);
  }

  @Override
  public int capacity(int row) {
    return shape.capacity();
  }

  @Override
  public long serviceMicros(int row, int type) {
    return table.typeMicros(row, type);
  }
}
