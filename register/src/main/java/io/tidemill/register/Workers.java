package io.tidemill.register;

import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.Counter;
import io.tidemill.shm.region.Mapping;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.shm.region.WorkerHeap;
import io.tidemill.shm.region.WorkerKey;
import io.tidemill.shm.region.WorkerTable;
import io.tidemill.shm.region.WorkerTable.Registration;
import io.tidemill.shm.region.WorkerTable.State;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who is registered. Moves the rows of the worker table, and tells the Main Scheduler of each move.
 * Guarded.
 */
final class Workers {
  static final int NO_ROW = -1;

  private static final Logger LOG = LoggerFactory.getLogger(Workers.class);

  private final WorkerTable table;
  private final Control control;
  private final TaskTable tasks;
  private final Mapping mapping;
  private final WorkerHeap heap;
  private final Signals signals;
  private final Worker[] rows;
  private final Map<String, Worker> byId = new HashMap<>();
  private int rowsUsed;

  Workers(Instance instance, Signals signals) {
    this.table = instance.regions().workers();
    this.control = instance.control();
    this.tasks = instance.regions().tasks();
    this.mapping = instance.regions().mapping();
    this.heap = instance.regions().workerHeap();
    this.signals = signals;
    this.rows = new Worker[table.capacity()];
  }

  /** Takes over what the process before knew; its workers' streams are about to come again. */
  void load() {
    for (int row = 0; row < rows.length; row++) {
      long incarnation = table.incarnation(row);
      Registration registration = incarnation == 0 ? null : table.registration(row);
      if (registration != null) {
        keep(new Worker(row, incarnation, registration, table.state(row), Map.of()));
      }
    }
  }

  private void keep(Worker worker) {
    Worker before = rows[worker.row()];
    if (before != null) {
      byId.remove(before.id(), before);
    }
    rows[worker.row()] = worker;
    byId.put(worker.id(), worker);
    rowsUsed = Math.max(rowsUsed, worker.row() + 1);
  }

  int capacity() {
    return rows.length;
  }

  /** The last registration under an id, or null. */
  Worker byId(String id) {
    return byId.get(id);
  }

  /** The last registration in a row, or null. */
  Worker byRow(int row) {
    return row >= 0 && row < rows.length ? rows[row] : null;
  }

  /** The worker that a key stands for if its registration holds, else null. */
  Worker byKey(long key) {
    Worker worker = byRow(WorkerKey.row(key));
    boolean holds =
        worker != null
            && worker.isServed()
            && WorkerKey.epoch(key) == control.epoch()
            && WorkerKey.incarnation(key) == worker.incarnation();
    return holds ? worker : null;
  }

  long keyOf(Worker worker) {
    return WorkerKey.of(control.epoch(), worker.incarnation(), worker.row());
  }

  /** All that the rows hold, the dead too, by row. */
  List<Worker> all() {
    List<Worker> all = new ArrayList<>(rowsUsed);
    for (int row = 0; row < rowsUsed; row++) {
      if (rows[row] != null) {
        all.add(rows[row]);
      }
    }
    return all;
  }

  /**
   * The row for an id: its own, else one that was never used, else one left, else the dead one
   * silent for longest.
   */
  int rowFor(String id) {
    Worker own = byId.get(id);
    if (own != null) {
      return own.row();
    }
    int best = NO_ROW;
    for (int row = 0; row < rows.length; row++) {
      if (rows[row] == null) {
        return row;
      }
      if (!rows[row].isServed() && (best == NO_ROW || isBetter(rows[row], rows[best]))) {
        best = row;
      }
    }
    return best;
  }

  private boolean isBetter(Worker one, Worker other) {
    if (one.state() != other.state()) {
      return one.state() == State.FREE;
    }
    return table.lastBeat(one.row()) < table.lastBeat(other.row());
  }

  /** A registration moves into a row; the one that it had there before is over. */
  Worker enter(int row, Registration registration, long nowNanos) {
    Worker before = rows[row];
    if (before != null && before.isServed()) {
      move(before, State.DEAD);
      dismiss(before);
    }
    Map<Long, Long> earlier = leasesOf(row);
    long incarnation = table.enter(row, registration, control.nowMillis(), nowNanos);
    Worker worker = new Worker(row, incarnation, registration, State.ALIVE, earlier);
    keep(worker);
    signals.workerChanged(row, incarnation);
    LOG.info(
        "worker registered: id={} row={} incarnation={} capacity={} types={}",
        worker.id(),
        row,
        incarnation,
        registration.capacity(),
        registration.types());
    return worker;
  }

  /**
   * What a row holds, under whatever registration; only the re-registration of a busy worker costs
   * a scan.
   */
  private Map<Long, Long> leasesOf(int row) {
    if (heap.inFlight(row) == 0) {
      return Map.of();
    }
    Map<Long, Long> leases = new HashMap<>();
    mapping.forEach(
        control.slotsUsed(),
        (slot, worker, lease) -> {
          long word = tasks.word(slot);
          if (StateWord.worker(word) == row && StateWord.state(word).isLeased()) {
            leases.put(tasks.id(slot), TaskId.lease(control.epoch(), StateWord.lease(word)));
          }
        });
    return leases;
  }

  /** It is lost: its leases go back. If it is there after all, it learns that from its stream. */
  void dead(Worker worker, String why, long nowNanos) {
    move(worker, State.DEAD);
    dismiss(worker);
    control.count(Counter.WORKERS_LOST, 1);
    signals.workerChanged(worker.row(), worker.incarnation());
    LOG.warn(
        "worker lost: id={} row={} silent_ms={} reason=\"{}\"",
        worker.id(),
        worker.row(),
        (nowNanos - table.lastBeat(worker.row())) / 1_000_000,
        why);
  }

  /** It leaves by itself and holds nothing. */
  void left(Worker worker) {
    move(worker, State.FREE);
    signals.workerChanged(worker.row(), worker.incarnation());
    LOG.info("worker left: id={} row={}", worker.id(), worker.row());
  }

  /** It takes nothing new. */
  void draining(Worker worker) {
    if (worker.state() == State.ALIVE) {
      move(worker, State.DRAINING);
      signals.workerChanged(worker.row(), worker.incarnation());
      LOG.info("worker drains: id={} row={}", worker.id(), worker.row());
    }
  }

  private void move(Worker worker, State state) {
    table.state(worker.row(), state);
    worker.state(state);
  }

  private static void dismiss(Worker worker) {
    HeartbeatStream stream = worker.stream();
    worker.stream(null);
    if (stream != null) {
      stream.registerAgain();
    }
  }
}
