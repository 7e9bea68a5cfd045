package io.tidemill.plm;

import io.tidemill.shm.region.WorkerHeap;
import io.tidemill.shm.region.WorkerTable;
import io.tidemill.shm.region.WorkerTable.Registration;
import java.util.ArrayList;
import java.util.List;

/** The workers that take tasks, as they stand now. By one thread. */
final class Fleet {
  /**
   * A worker that is alive and does not drain.
   *
   * @param inFlight leases that it holds
   * @param window leases that it may hold; 0: it has no stream to the Main Scheduler
   */
  record Member(int row, Registration said, int inFlight, int window) {
    boolean isReachable() {
      return window > 0;
    }

    boolean isFull() {
      return inFlight >= window;
    }
  }

  private final WorkerTable table;
  private final WorkerHeap heap;
  private final Registration[] known;
  private final long[] knownIncarnations;

  Fleet(WorkerTable table, WorkerHeap heap) {
    this.table = table;
    this.heap = heap;
    this.known = new Registration[table.capacity()];
    this.knownIncarnations = new long[table.capacity()];
  }

  List<Member> alive() {
    List<Member> alive = new ArrayList<>();
    for (int row = 0; row < table.capacity(); row++) {
      Registration said = table.state(row) == WorkerTable.State.ALIVE ? registration(row) : null;
      if (said != null) {
        alive.add(new Member(row, said, heap.inFlight(row), heap.window(row)));
      }
    }
    return alive;
  }

  /** A row is read once for each registration: it is long. */
  private Registration registration(int row) {
    long incarnation = table.incarnation(row);
    if (known[row] == null || knownIncarnations[row] != incarnation) {
      known[row] = table.registration(row);
      knownIncarnations[row] = incarnation;
    }
    return known[row];
  }
}
