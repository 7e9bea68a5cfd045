package io.tidemill.plm.lifecycle;

import io.tidemill.shm.region.WorkerTable;
import io.tidemill.shm.region.WorkerTable.Registration;
import io.tidemill.shm.region.WorkerTable.State;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/** Finds workers in their table by their names. */
final class WorkerRows {
  private WorkerRows() {}

  /** The row of a worker that has not left in good order. */
  static OptionalInt find(WorkerTable table, String id) {
    return IntStream.range(0, table.capacity())
        .filter(row -> table.state(row) != State.FREE && has(table.registration(row), id))
        .findFirst();
  }

  /** Whether this very process of the worker is registered and alive. */
  static boolean isAlive(WorkerTable table, String id, long pid) {
    OptionalInt row = find(table, id);
    if (row.isEmpty() || table.state(row.getAsInt()) != State.ALIVE) {
      return false;
    }
    Registration registration = table.registration(row.getAsInt());
    return registration != null && registration.pid() == pid;
  }

  private static boolean has(Registration registration, String id) {
    return registration != null && registration.workerId().equals(id);
  }
}
