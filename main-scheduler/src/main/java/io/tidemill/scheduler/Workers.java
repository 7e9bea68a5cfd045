package io.tidemill.scheduler;

import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.region.TypeTable;
import io.tidemill.shm.region.WorkerHeap;
import io.tidemill.shm.region.WorkerTable;
import java.util.BitSet;
import java.util.Set;

/**
 * The workers as the Main Scheduler knows them: which registration of each row, its stream, its
 * window, what it holds and which types it takes. What it holds and may hold stands in the worker
 * heap, for all to read.
 */
final class Workers implements PlacementPolicy.Candidates {
  private static final int WINDOW_MAX = 16_384;

  private final WorkerTable table;
  private final WorkerHeap heap;
  private final TypeTable types;
  private final Row[] rows;
  private long news;

  private static final class Row {
    private long incarnation;
    private WorkerTable.State state = WorkerTable.State.FREE;
    private DispatchStream stream;
    private int window;
    private int capacity = 1;
    private boolean read;
    private Set<String> typeNames = Set.of();
    private final BitSet handled = new BitSet();
    private int typesKnown;
  }

  Workers(Instance instance) {
    this.table = instance.regions().workers();
    this.heap = instance.regions().workerHeap();
    this.types = instance.regions().newTypes();
    this.rows = new Row[table.capacity()];
    heap.clear();
    for (int i = 0; i < rows.length; i++) {
      rows[i] = new Row();
      rows[i].incarnation = heap.incarnation(i);
    }
  }

  /** Changes whenever a worker may take what none could take before. */
  long news() {
    return news;
  }

  int rows() {
    return rows.length;
  }

  boolean contains(int row) {
    return row >= 0 && row < rows.length;
  }

  /** The registration that is known here. */
  long incarnation(int row) {
    return rows[row].incarnation;
  }

  boolean isServed(int row) {
    return rows[row].state == WorkerTable.State.ALIVE
        || rows[row].state == WorkerTable.State.DRAINING;
  }

  /** The stream of a worker, or null. */
  DispatchStream stream(int row) {
    return rows[row].stream;
  }

  /**
   * Looks at a row of the worker table again.
   *
   * @return whether the leases of the registration known before are void: it is over
   */
  boolean refresh(int index) {
    Row row = rows[index];
    long incarnation = table.incarnation(index);
    WorkerTable.State state = table.state(index);
    boolean over =
        row.incarnation != incarnation
            || (isServed(index)
                && (state == WorkerTable.State.DEAD || state == WorkerTable.State.FREE));
    row.state = state;
    if (row.incarnation != incarnation || !row.read) {
      learn(row, index, incarnation);
    }
    if (over) {
      unhook(row);
      heap.update(index, 0, 0);
    }
    show(index);
    return over;
  }

  private void learn(Row row, int index, long incarnation) {
    WorkerTable.Registration registration = table.registration(index);
    row.incarnation = incarnation;
    row.read = true;
    row.typeNames = registration == null ? Set.of() : Set.copyOf(registration.types());
    row.capacity = registration == null ? 1 : Math.max(1, registration.capacity());
    row.handled.clear();
    row.typesKnown = 0;
  }

  /**
   * The leases of former registrations are back: what is leased from now on belongs to the one that
   * is known.
   */
  void settled(int index) {
    heap.incarnation(index, rows[index].incarnation);
  }

  private static void unhook(Row row) {
    if (row.stream != null) {
      row.stream.refuseUnknown();
      row.stream = null;
    }
    row.window = 0;
  }

  /** A stream takes the place of the one before. */
  void connect(int index, DispatchStream stream, int window, int inFlight) {
    Row row = rows[index];
    if (row.stream != null && row.stream != stream) {
      row.stream.refuseUnknown();
    }
    row.stream = stream;
    stream.row(index);
    heap.update(index, inFlight, 0);
    window(index, window);
  }

  /** The stream is over: nothing more can be sent. */
  void disconnect(int index) {
    rows[index].stream = null;
    rows[index].window = 0;
    show(index);
  }

  void window(int index, int window) {
    rows[index].window = Math.max(0, Math.min(WINDOW_MAX, window));
    show(index);
  }

  /** Sets what each worker holds, as counted from the slots. */
  void recount(int[] inFlight) {
    for (int index = 0; index < rows.length; index++) {
      if (isServed(index) && heap.inFlight(index) != inFlight[index]) {
        heap.update(index, inFlight[index], heap.window(index));
        news++;
      }
    }
  }

  void leased(int index) {
    heap.update(index, heap.inFlight(index) + 1, heap.window(index));
  }

  void returned(int index, int count) {
    heap.update(index, Math.max(0, heap.inFlight(index) - count), heap.window(index));
    news++;
  }

  void streamDrained() {
    news++;
  }

  /** Puts a worker's window into the heap: none unless it is alive and its stream stands. */
  private void show(int index) {
    Row row = rows[index];
    boolean takes = row.state == WorkerTable.State.ALIVE && row.stream != null;
    heap.update(index, heap.inFlight(index), takes ? row.window : 0);
    news++;
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
    int room = heap.room(row); // 0 for one without a stream.
    return room > 0 && rows[row].stream.isReady() ? room : 0;
  }

  @Override
  public int inFlight(int row) {
    return heap.inFlight(row);
  }

  @Override
  public int capacity(int row) {
    return rows[row].capacity;
  }

  @Override
  public long serviceMicros(int row, int type) {
    return table.typeMicros(row, type);
  }

  @Override
  public double load(int row) {
    return (double) heap.inFlight(row) / heap.window(row);
  }

  @Override
  public boolean handles(int index, int type) {
    Row row = rows[index];
    for (; row.typesKnown <= type; row.typesKnown++) {
      row.handled.set(row.typesKnown, row.typeNames.contains(types.name(row.typesKnown)));
    }
    return row.handled.get(type);
  }

  String typeName(int type) {
    return types.name(type);
  }
}
