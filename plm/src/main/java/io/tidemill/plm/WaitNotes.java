package io.tidemill.plm;

import io.tidemill.shm.region.WorkerTable;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Why a ready task waits. What the workers handle is looked up at most twice a second. */
final class WaitNotes {
  private static final long FRESH_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private final WorkerTable workers;
  private final LongSupplier ready;
  private Set<String> handled = Set.of();
  private boolean anyWorker;
  private long seenNanos = System.nanoTime() - FRESH_NANOS;

  /**
   * @param ready how many tasks are ready, as far as known
   */
  WaitNotes(WorkerTable workers, LongSupplier ready) {
    this.workers = workers;
    this.ready = ready;
  }

  synchronized String ofReady(String type) {
    long now = System.nanoTime();
    if (now - seenNanos >= FRESH_NANOS) {
      seenNanos = now;
      look();
    }
    if (!anyWorker) {
      return "no worker is connected";
    }
    if (!handled.contains(type)) {
      return "no live worker handles type " + type;
    }
    long count = ready.getAsLong();
    return count > 1
        ? "waits for a free worker; " + count + " tasks are ready"
        : "waits for a free worker";
  }

  private void look() {
    Set<String> types = new HashSet<>();
    boolean any = false;
    for (int row = 0; row < workers.capacity(); row++) {
      if (workers.state(row) == WorkerTable.State.ALIVE) {
        WorkerTable.Registration registration = workers.registration(row);
        types.addAll(registration == null ? List.of() : registration.types());
        any = true;
      }
    }
    handled = types;
    anyWorker = any;
  }
}
