package io.tidemill.scheduler;

import io.grpc.Status;
import io.tidemill.shm.config.Key;
import io.tidemill.shm.instance.Agent;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.Counter;
import io.tidemill.shm.region.LeaseEnd;
import io.tidemill.shm.region.Mapping;
import io.tidemill.shm.region.Ring;
import io.tidemill.shm.region.Rings;
import io.tidemill.shm.region.Role;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskHeap.Entry;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskOrder;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.shm.region.WorkerKey;
import io.tidemill.v1.HeldLease;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Main Scheduler's loop, and the one thread that decides: who is ready, who gets it, whose
 * leases are void.
 */
final class SchedulerAgent implements Agent, Inbox.Handler, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SchedulerAgent.class);
  private static final int NEWS_A_TURN = 256;
  private static final int ENTRIES_A_TURN = 4_096;
  private static final int ASSIGNMENTS_A_TURN = 1_024;
  private static final long RECOUNT_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Control control;
  private final TaskTable tasks;
  private final Mapping mapping;
  private final Ring fromPlm;
  private final Ring fromRegister;
  private final Inbox inbox;
  private final TaskOrder order;
  private final ReadyTasks ready;
  private final Lanes lanes;
  private final Rules rules;
  private final KeyLimits limits;
  private final Workers workers;
  private final Charges charges;
  private final DueTasks due;
  private final Leases leases;
  private final Sender sender;
  private final Recalls recalls;
  private final Placement placement;
  private final Figures figures;
  private final BitSet lost = new BitSet();

  /** Workers that said hello in this turn. */
  private final List<Arrival> arrivals = new ArrayList<>();

  private record Arrival(DispatchStream stream, DispatchStream.Hello hello) {
    int row() {
      return WorkerKey.row(hello.workerKey());
    }
  }

  private boolean heapFull;
  private long sleepNanosMax = Long.MAX_VALUE;
  private long lastWork;
  private boolean recounted;

  SchedulerAgent(Instance instance, Inbox inbox) {
    this.control = instance.control();
    this.tasks = instance.regions().tasks();
    this.mapping = instance.regions().mapping();
    this.fromPlm = instance.regions().rings().plmToScheduler();
    this.fromRegister = instance.regions().rings().registerToScheduler();
    this.inbox = inbox;
    this.lanes = new Lanes(instance);
    this.rules = new Rules(instance);
    control.ageing(instance.settings().number(Key.ORDER_AGEING));
    this.order = new TaskOrder(tasks, control);
    this.limits = new KeyLimits(instance, order, rules, this::keyText);
    this.ready = new ReadyTasks(instance, order, lanes, rules, limits);
    limits.ready(this::push);
    this.workers = new Workers(instance, lanes, ready);
    this.charges = new Charges(tasks);
    this.due = new DueTasks(instance, this::push, System::currentTimeMillis);
    LeaseNotes notes = new LeaseNotes(instance, workers::holder);
    this.leases = new Leases(instance, due, notes);
    this.sender = new Sender(instance, order, workers, leases, lanes);
    this.placement = new Placement(instance, workers);
    this.recalls = new Recalls(instance, order, workers, leases, sender, notes);
    this.figures =
        new Figures(
            instance,
            TimeUnit.SECONDS.toNanos(instance.settings().number(Key.LOG_INTERVAL_SECONDS)));
    inbox.handler(this);
  }

  @Override
  public int doWork(long nowNanos) {
    int done = followRules() + sweepIfAsked();
    done += fromRegister.drain(this::onRegisterEntry, ENTRIES_A_TURN);
    done += inbox.drain(NEWS_A_TURN);
    greet();
    done += takeBackLost();
    done += fromPlm.drain(this::onPlmEntry, ENTRIES_A_TURN);
    done += limits.turn(nowNanos);
    done += due.turn(nowNanos);
    int assigned = assign(nowNanos);
    done += assigned;
    if (assigned < ASSIGNMENTS_A_TURN) {
      recalls.turn(nowNanos, ready);
    }
    sleepNanosMax = recalls.dueNanos(nowNanos);
    sender.flush(nowNanos);
    recountWhenIdle(done, nowNanos);
    figures.log(nowNanos, workers);
    return done;
  }

  @Override
  public boolean hasWork() {
    return !fromPlm.isEmpty()
        || !fromRegister.isEmpty()
        || !inbox.isEmpty()
        || isSweepAsked()
        || rules.isChanged()
        || ready.hasOpen(workers.news());
  }

  @Override
  public long sleepNanosMax() {
    return Math.min(due.sleepNanos(), Math.min(sleepNanosMax, limits.sleepNanosMax()));
  }

  /** What a key may run is counted anew when it may have changed: rules change seldom. */
  private int followRules() {
    boolean limited = rules.limitKeys();
    if (!rules.refresh()) {
      return 0;
    }
    ready.lookAtRules();
    recalls.onRules();
    workers.changed();
    if (limited || rules.limitKeys()) {
      rebuild();
    }
    return 1;
  }

  private String keyText(int slot) {
    return sender.key(slot);
  }

  // Indexes.

  private boolean isSweepAsked() {
    return heapFull
        || due.isFull()
        || control.sweepAsked(Role.SCHEDULER) != control.sweepDone(Role.SCHEDULER)
        || fromPlm.isOverflown()
        || fromRegister.isOverflown();
  }

  private int sweepIfAsked() {
    if (!isSweepAsked()) {
      return 0;
    }
    sweep();
    return 1;
  }

  /** A start too: whatever was asked for before it is met by it. */
  void sweep() {
    long asked = control.sweepAsked(Role.SCHEDULER);
    fromPlm.clearOverflow();
    fromRegister.clearOverflow();
    rebuild();
    control.sweepDone(Role.SCHEDULER, asked);
  }

  /**
   * Makes the heaps anew from the slots and the worker table: after our own start, another's death,
   * or an overflow.
   */
  private void rebuild() {
    long started = System.nanoTime();
    heapFull = false;
    ready.clear();
    charges.clear();
    limits.restart();
    due.clear();
    for (int row = 0; row < workers.rows(); row++) {
      if (workers.refresh(row) || !workers.isServed(row)) {
        lost.set(row);
      }
    }
    workers.restock();
    int[] inFlight = new int[workers.rows()];
    int live = 0;
    for (int slot = 0; slot < control.slotsUsed(); slot++) {
      live += index(slot, inFlight);
    }
    takeBackLost();
    workers.recount(inFlight);
    control.count(Counter.REBUILDS, 1);
    LOG.info("heaps rebuilt: live_tasks={} ms={}", live, (System.nanoTime() - started) / 1_000_000);
  }

  private int index(int slot, int[] inFlight) {
    long word = tasks.word(slot);
    switch (StateWord.state(word)) {
      case READY -> push(slot);
      case WAITING -> due.look(slot);
      case ASSIGNED, RUNNING -> {
        int worker = leases.holder(slot, word);
        mapping.hold(slot, worker, StateWord.lease(word));
        inFlight[worker]++;
        charge(slot, word, worker, true);
        due.look(slot);
      }
      case RECORDING -> {
        if (StateWord.worker(word) != StateWord.NO_WORKER) {
          int worker = leases.holder(slot, word);
          inFlight[worker]++;
          charge(slot, word, worker, true);
        }
      }
      default -> {
        return 0;
      }
    }
    return 1;
  }

  private void push(int slot) {
    heapFull |= !ready.push(slot);
    recalls.onReady(slot);
    if (tasks.hasTerms(slot)) {
      due.look(slot);
    }
  }

  /**
   * What a worker holds is counted by news, and a rebuild may fall between an end and the news of
   * it. So it is counted from the slots once whenever nothing happens for a while.
   */
  private void recountWhenIdle(int done, long nowNanos) {
    if (done > 0) {
      lastWork = nowNanos;
      recounted = false;
    } else if (!recounted && nowNanos - lastWork > RECOUNT_NANOS) {
      recounted = true;
      int[] inFlight = new int[workers.rows()];
      leases.forEachLease((slot, word) -> inFlight[StateWord.worker(word)]++);
      workers.recount(inFlight);
      charges.touchAll();
    }
  }

  // The rings.

  private void onPlmEntry(long event, long sequence) {
    int slot = Rings.index(event);
    int kind = Rings.kind(event);
    if (tasks.contains(slot) && (kind == Rings.TASK_READY || kind == Rings.TASK_WAITING)) {
      onTaskEntry(kind, slot, sequence);
    }
  }

  private void onRegisterEntry(long event, long value) {
    int index = Rings.index(event);
    int kind = Rings.kind(event);
    switch (kind) {
      case Rings.CAPACITY_RETURNED, Rings.WORKER_CHANGED -> {
        if (workers.contains(index)) {
          onWorkerEntry(kind, index, value);
        }
      }
      case Rings.TASK_READY, Rings.TASK_WAITING, Rings.TASK_OVERRUN -> {
        if (tasks.contains(index)) {
          onTaskEntry(kind, index, value);
        }
      }
      default -> LOG.warn("unknown entry from the register: kind={}", kind);
    }
  }

  private void onWorkerEntry(int kind, int row, long value) {
    if (kind == Rings.CAPACITY_RETURNED) {
      workers.returned(row, (int) value);
      charges.touch(row);
    } else {
      onWorkerChanged(row);
    }
  }

  private void onTaskEntry(int kind, int slot, long value) {
    switch (kind) {
      case Rings.TASK_READY -> push(slot);
      case Rings.TASK_WAITING -> due.look(slot);
      default -> onOverrun(slot, value);
    }
  }

  private void onWorkerChanged(int row) {
    if (workers.refresh(row)) {
      lost.set(row);
    }
  }

  private void onOverrun(int slot, long token) {
    long word = tasks.word(slot);
    if (StateWord.state(word).isLeased() && leases.token(word) == token) {
      int worker = StateWord.worker(word);
      if (leases.takeBack(slot, word, LeaseEnd.OVERRAN, this::push)) {
        workers.returned(worker, 1);
        charges.touch(worker);
      }
    }
  }

  /** One scan for all workers that were lost in this turn. */
  private int takeBackLost() {
    if (lost.isEmpty()) {
      return 0;
    }
    int count = leases.takeBack(lost, this::push);
    if (count > 0) {
      LOG.info("leases taken back: workers={} leases={}", lost.cardinality(), count);
    }
    lost.stream().forEach(workers::settled);
    lost.stream().forEach(charges::touch);
    lost.clear();
    return count + 1;
  }

  // The streams.

  @Override
  public void onHello(DispatchStream stream, DispatchStream.Hello hello) {
    arrivals.add(new Arrival(stream, hello));
  }

  /**
   * Those who said hello get their streams: with one scan for all of them, since thousands come at
   * once after a restart.
   */
  private void greet() {
    if (arrivals.isEmpty()) {
      return;
    }
    // Their registrations were told before they could say hello.
    while (fromRegister.drain(this::onRegisterEntry, ENTRIES_A_TURN) > 0) {}
    arrivals.forEach(this::lookAgain);
    takeBackLost();
    Map<Integer, Map<Integer, Long>> assigned = new HashMap<>();
    arrivals.stream()
        .filter(this::isKnown)
        .forEach(arrival -> assigned.put(arrival.row(), new HashMap<>()));
    leases.forEachLease(
        (slot, word) -> {
          Map<Integer, Long> own = assigned.get(StateWord.worker(word));
          if (own != null) {
            own.put(slot, word);
          }
        });
    arrivals.forEach(arrival -> connect(arrival, assigned.get(arrival.row())));
    arrivals.clear();
  }

  private void lookAgain(Arrival arrival) {
    if (arrival.row() < workers.rows() && workers.refresh(arrival.row())) {
      lost.set(arrival.row());
    }
  }

  private boolean isKnown(Arrival arrival) {
    long key = arrival.hello().workerKey();
    int row = arrival.row();
    return row < workers.rows()
        && WorkerKey.epoch(key) == control.epoch()
        && WorkerKey.incarnation(key) == workers.incarnation(row)
        && workers.isServed(row);
  }

  private void connect(Arrival arrival, Map<Integer, Long> assigned) {
    if (!isKnown(arrival)) {
      arrival.stream().refuseUnknown();
      return;
    }
    DispatchStream.Hello hello = arrival.hello();
    workers.connect(arrival.row(), arrival.stream(), hello.window(), assigned.size());
    sendAgain(arrival.row(), new HashMap<>(assigned), hello.held());
    LOG.info(
        "worker connected: row={} window={} holds={} assigned={}",
        arrival.row(),
        hello.window(),
        hello.held().size(),
        assigned.size());
  }

  /**
   * What is assigned to a worker and it does not hold never reached it: it goes again, under the
   * same lease, and in its order.
   */
  private void sendAgain(int row, Map<Integer, Long> assigned, List<HeldLease> held) {
    for (HeldLease lease : held) {
      int slot = TaskId.slot(lease.getTaskId());
      Long word = assigned.get(slot);
      if (word != null && leases.token(word) == lease.getLease()) {
        assigned.remove(slot);
      }
    }
    TreeMap<Entry, Long> inOrder = new TreeMap<>();
    assigned.forEach((slot, word) -> inOrder.put(order.entry(slot), word));
    inOrder.forEach((entry, word) -> sender.send(entry.slot(), word, row));
  }

  @Override
  public void onWindow(DispatchStream stream, int window) {
    greet(); // Perhaps this very stream, which said hello a moment ago.
    if (isCurrent(stream)) {
      workers.window(stream.row(), window);
    }
  }

  @Override
  public void onDrained(DispatchStream stream) {
    workers.streamDrained();
  }

  @Override
  public void onClosed(DispatchStream stream, boolean orderly) {
    greet(); // As above.
    if (isCurrent(stream)) {
      int row = stream.row();
      workers.disconnect(row);
      if (!orderly) {
        leases.askLost(row, workers.incarnation(row));
      }
    }
    if (orderly) {
      // A worker that leaves hands back what was assigned before it was heard, and then says so.
      stream.flush();
      stream.complete();
    }
  }

  private boolean isCurrent(DispatchStream stream) {
    return stream.row() >= 0 && workers.stream(stream.row()) == stream;
  }

  // Assigning.

  /** Best task first, each to the worker that the policy names, until nobody can take anything. */
  private int assign(long nowNanos) {
    charges.settle(this::giveBack);
    int count = 0;
    for (ReadyTasks.Lane lane = next(); lane != null && count < ASSIGNMENTS_A_TURN; lane = next()) {
      int worker = placement.place(lane);
      if (worker == PlacementPolicy.NOBODY) {
        lane.block(workers.news());
      } else {
        assign(lane, worker, nowNanos);
        count++;
      }
    }
    control.count(Counter.ASSIGNED, count);
    return count;
  }

  private ReadyTasks.Lane next() {
    ReadyTasks.Lane lane = ready.best(workers.news());
    if (workers.hasOrdered() && ready.wasEmptied()) {
      workers.turnsMoved();
      lane = ready.best(workers.news());
    }
    return lane;
  }

  private void assign(ReadyTasks.Lane lane, int worker, long nowNanos) {
    int slot = lane.slot();
    long word = leases.give(slot, worker, nowNanos);
    if (word == -1) {
      lane.drop();
      return;
    }
    lane.popAssigned();
    placement.onAssigned(worker);
    workers.leased(worker, lane.type());
    charge(slot, word, worker, false);
    recalls.onAssigned(slot, worker);
    sender.send(slot, word, worker);
    figures.onAssigned(nowNanos - tasks.submittedNanos(slot));
  }

  /**
   * Writes down what a lease holds beside its place.
   *
   * @param found it was given before we counted
   */
  private void charge(int slot, long word, int worker, boolean found) {
    int lane = tasks.type(slot);
    Stock stock = lanes.needsAmounts(lane) ? workers.stock(worker) : null;
    LimitedKey key = limits.of(slot);
    if (stock == null && key == null) {
      return;
    }
    charges.add(new Charges.Charge(slot, word, worker, lane, stock, key));
    if (stock != null) {
      stock.take(lanes.lane(lane));
    }
    if (key != null && found) {
      key.found();
    } else if (key != null) {
      limits.leased(key);
    }
  }

  private void giveBack(Charges.Charge charge) {
    if (charge.stock() != null) {
      charge.stock().give(lanes.lane(charge.lane()));
      workers.changed();
    }
    if (charge.key() != null) {
      limits.ended(charge.key());
    }
  }

  /** Before the server goes: its workers are told to come again. */
  void closeStreams() {
    for (int row = 0; row < workers.rows(); row++) {
      DispatchStream stream = workers.stream(row);
      if (stream != null) {
        stream.refuse(
            Status.UNAVAILABLE.withDescription("the main scheduler restarts").asRuntimeException());
      }
    }
  }

  @Override
  public void close() {
    sender.close();
  }
}
