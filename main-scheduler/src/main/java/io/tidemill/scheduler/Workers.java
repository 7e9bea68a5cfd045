package io.tidemill.scheduler;

import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.region.KeyHash;
import io.tidemill.shm.region.Lane;
import io.tidemill.shm.region.WorkerHeap;
import io.tidemill.shm.region.WorkerTable;
import java.util.BitSet;
import java.util.List;
import java.util.Map;

/**
 * The workers as the Main Scheduler knows them: which registration of each row, its stream, its
 * window, what it holds and which lanes it takes. How much it holds and may hold stands in the
 * worker heap, for all to read.
 */
final class Workers implements PlacementPolicy.Candidates {
  private static final int WINDOW_MAX = 16_384;
  private static final WorkerTable.Registration NOTHING =
      new WorkerTable.Registration("", 0, 0, List.of(), "", 0);

  private final WorkerTable table;
  private final WorkerHeap heap;
  private final Lanes lanes;
  private final ReadyTasks ready;
  private final Row[] rows;
  private int ordered;
  private long news;

  private static final class Row {
    private long incarnation;
    private WorkerTable.State state = WorkerTable.State.FREE;
    private DispatchStream stream;
    private int window;
    private int capacity = 1;
    private long identity;
    private boolean read;
    private WorkerTable.Registration said = NOTHING;
    private Stock stock = new Stock(Map.of());

    /** Whose leases those of the row are: those of the registration before, until it is settled. */
    private String holder = "";

    /** Null: it is served in the order of the instance. */
    private Turns turns;

    /** The lanes whose tasks it may run, as far as {@link #lanesKnown}. */
    private final BitSet handled = new BitSet();

    private int lanesKnown;
  }

  Workers(Instance instance, Lanes lanes, ReadyTasks ready) {
    this.table = instance.regions().workers();
    this.heap = instance.regions().workerHeap();
    this.lanes = lanes;
    this.ready = ready;
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
    row.said = registration == null ? NOTHING : registration;
    row.identity = KeyHash.of(row.said.workerId());
    row.stock = new Stock(row.said.offer().amounts());
    ordered -= row.turns == null ? 0 : 1;
    row.turns = row.said.offer().isOrdered() ? new Turns(row.said.offer()) : null;
    ordered += row.turns == null ? 0 : 1;
    row.capacity = registration == null ? 1 : Math.max(1, registration.capacity());
    row.handled.clear();
    row.lanesKnown = 0;
    if (heap.incarnation(index) == incarnation) {
      row.holder = row.said.workerId();
    }
  }

  /** Nothing is leased, as far as amounts go: they are about to be counted from the slots. */
  void restock() {
    for (Row row : rows) {
      row.stock = new Stock(row.said.offer().amounts());
    }
  }

  /** What leases of this registration take their amounts from. */
  Stock stock(int index) {
    return rows[index].stock;
  }

  /** Whether any worker has an order of its own among its queues. */
  boolean hasOrdered() {
    return ordered > 0;
  }

  /**
   * The leases of former registrations are back: what is leased from now on belongs to the one that
   * is known.
   */
  void settled(int index) {
    heap.incarnation(index, rows[index].incarnation);
    rows[index].holder = rows[index].said.workerId();
  }

  /** The id of the worker that the leases of a row are of; empty: not known any more. */
  String holder(int index) {
    return rows[index].holder;
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

  void leased(int index, int lane) {
    heap.update(index, heap.inFlight(index) + 1, heap.window(index));
    if (rows[index].turns != null) {
      rows[index].turns.served(lanes.lane(lane).queue());
    }
    if (ordered > 0) {
      turnsMoved();
    }
  }

  /** Another queue may have its turn at workers with an order of their own. */
  void turnsMoved() {
    news++;
  }

  /** Amounts are left again, or lanes may run that could not. */
  void changed() {
    news++;
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

  /** The cores that its process uses, as of its last beat. */
  float cpu(int row) {
    return table.cpuMilli(row) / 1_000f;
  }

  /** What it says of itself under this label; empty if nothing. */
  String label(int row, String name) {
    return rows[row].said.offer().labels().getOrDefault(name, "");
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
  public boolean handles(int index, int lane) {
    Row row = rows[index];
    return mayTake(row, lane) && (row.turns == null || isTurn(row, lane));
  }

  @Override
  public boolean mayRun(int index, int lane) {
    Row row = rows[index];
    boolean takes = row.state == WorkerTable.State.ALIVE && row.stream != null;
    return takes && mayRun(row, lane);
  }

  @Override
  public long identity(int index) {
    return rows[index].identity;
  }

  /** Whether some worker that is served could ever run a lane. */
  boolean isServable(int lane) {
    for (int index = 0; index < rows.length; index++) {
      if (isServed(index) && mayRun(rows[index], lane)) {
        return true;
      }
    }
    return false;
  }

  private boolean mayTake(Row row, int lane) {
    return mayRun(row, lane) && (!lanes.needsAmounts(lane) || row.stock.has(lanes.lane(lane)));
  }

  private boolean mayRun(Row row, int lane) {
    for (; row.lanesKnown <= lane; row.lanesKnown++) {
      row.handled.set(row.lanesKnown, row.said.mayRun(lanes.lane(row.lanesKnown)));
    }
    return row.handled.get(lane);
  }

  /** Whether none of the worker's queues that goes before this lane's has a task for it. */
  private boolean isTurn(Row row, int lane) {
    String queue = lanes.lane(lane).queue();
    return !ready.anyReady(
        other -> {
          Lane better = lanes.lane(other);
          return mayTake(row, other) && row.turns.isBefore(better.queue(), queue);
        });
  }
}
