package io.tidemill.scheduler;

import io.tidemill.shm.config.Key;
import io.tidemill.shm.config.Settings;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.Counter;
import io.tidemill.shm.region.LeaseEnd;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskHeap.Entry;
import io.tidemill.shm.region.TaskOrder;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Asks workers to hand back what they were sent and have not started: for one that has free hands
 * (stealing), and for a better task that finds all windows full (recall). A worker that has not
 * started it hands it back, as it does when it drains; the Register puts it back into the order;
 * its next lease has the next number. A race with the start has one winner, in the worker, and who
 * asked in vain has lost nothing.
 *
 * <p>All of it is in memory: after a death nobody is asked twice too often.
 */
final class Recalls implements StealPolicy.Hands {
  /** A start is told after some 20 ms: what was assigned later may run by now. */
  private static final long YOUNG_NANOS = TimeUnit.MILLISECONDS.toNanos(25);

  private static final long URGENT_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
  private static final long FORGET_NANOS = TimeUnit.SECONDS.toNanos(2);

  /** What a look goes through is long: it may not cost more than this part of the time. */
  private static final int LOOK_SHARE = 50;

  private static final int URGENT_MAX = 8;
  private static final int REMEMBERED_MAX = 10_000;

  /** A lease that a worker was asked to hand back. */
  private record Asked(long word, int victim, long atNanos, boolean urgent) {}

  private record Candidate(Entry entry, long word) {
    int slot() {
      return entry.slot();
    }
  }

  private static final Comparator<Candidate> BEST_FIRST = Comparator.comparing(Candidate::entry);

  private final TaskTable tasks;
  private final TaskOrder order;
  private final Control control;
  private final Workers workers;
  private final Leases leases;
  private final Sender sender;
  private final LeaseNotes notes;
  private final StealPolicy policy;
  private final StealLook look;
  private final String within;
  private final boolean enabled;
  private final int timesMax;
  private final long cooldownNanos;
  private final Map<Integer, Asked> asked = new HashMap<>();

  /** How often each task was stolen; of the last ones only. */
  private final Map<Long, Integer> stolen =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Integer> eldest) {
          return size() > REMEMBERED_MAX;
        }
      };

  /** By row, for {@link #recallFor}: the best rank that a worker could run, where it is known. */
  private final long[] best;

  private final BitSet bestKnown = new BitSet();

  private long stealNanos;
  private long lookedNanos;
  private long urgentNanos;
  private boolean waits;
  private boolean betterCame;
  private long lastRank = Long.MIN_VALUE;

  Recalls(
      Instance instance,
      TaskOrder order,
      Workers workers,
      Leases leases,
      Sender sender,
      LeaseNotes notes) {
    this.order = order;
    Settings settings = instance.settings();
    this.tasks = instance.regions().tasks();
    this.control = instance.control();
    this.workers = workers;
    this.leases = leases;
    this.sender = sender;
    this.notes = notes;
    this.enabled = settings.text(Key.STEAL).equals("on");
    this.within = settings.text(Key.STEAL_WITHIN);
    this.timesMax = settings.integer(Key.STEAL_TIMES_MAX);
    this.cooldownNanos = TimeUnit.MILLISECONDS.toNanos(settings.integer(Key.STEAL_COOLDOWN_MS));
    this.policy =
        new StealPolicy(
            settings.integer(Key.STEAL_WAITING_MIN),
            settings.integer(Key.STEAL_BATCH_MAX),
            settings.integer(Key.STEAL_CPU_PERCENT_MAX) / 100.0);
    this.look = new StealLook(policy, leases, tasks, control, this::mayBeAsked, this::isStolenOut);
    this.best = new long[workers.rows()];
    this.stealNanos = System.nanoTime();
    this.urgentNanos = stealNanos;
  }

  /** A task came into the order: perhaps it is better than what was sent already. */
  void onReady(int slot) {
    betterCame |= order.rank(slot) > lastRank;
  }

  /** Queues may be open that were paused: perhaps one has a better task than what was sent. */
  void onRules() {
    betterCame = true;
  }

  /** A task was assigned. */
  void onAssigned(int slot, int worker) {
    lastRank = order.rank(slot);
    if (!asked.isEmpty()) {
      Asked before = asked.remove(slot);
      if (before != null && !before.urgent && worker != before.victim) {
        stolen.merge(tasks.id(slot), 1, Integer::sum);
        control.count(Counter.TASKS_STOLEN, 1);
      }
    }
  }

  /** At the end of a turn that assigned all that could be. */
  int turn(long now, ReadyTasks ready) {
    int count = 0;
    if (betterCame && now - urgentNanos >= 0) {
      // More of them may have come than one round makes room for.
      count = recallFor(ready.open(), now);
      betterCame = count == URGENT_MAX;
      urgentNanos = pause(now, URGENT_PAUSE_NANOS);
    }
    if (enabled && now - stealNanos >= 0) {
      count += steal(now);
    }
    return count;
  }

  private static long pause(long now, long least) {
    return now + Math.max(least, LOOK_SHARE * (System.nanoTime() - now));
  }

  /** How long may be slept before another look is worth it. */
  long dueNanos(long now) {
    long steal = waits || !asked.isEmpty() ? stealNanos - now : Long.MAX_VALUE;
    long urgent = betterCame ? urgentNanos - now : Long.MAX_VALUE;
    return Math.max(0, Math.min(steal, urgent));
  }

  // Stealing.

  /** Goes on with a look, or begins one. */
  private int steal(long now) {
    long from = System.nanoTime();
    int count = 0;
    boolean over = true;
    if (look.isUnderWay()) {
      over = look.goOn();
      count = over ? take(now) : 0;
    } else {
      forgetOld(now);
      waits = look.begin(this, now);
      over = !waits;
      if (over) {
        waits = policy.refusal() == StealPolicy.Refusal.TOO_BUSY;
        countRefusal();
      }
    }
    long end = System.nanoTime();
    lookedNanos += end - from;
    if (over) {
      stealNanos = end + Math.max(cooldownNanos, LOOK_SHARE * lookedNanos);
      lookedNanos = 0;
    }
    return count;
  }

  /** Asks for what the look has found. */
  private int take(long now) {
    StealPolicy.Plan plan = policy.plan();
    if (plan == null) {
      countRefusal();
      return 0;
    }
    List<Candidate> candidates = new ArrayList<>();
    for (StealLook.Lease each : look.found()) {
      if (tasks.word(each.slot()) == each.word()
          && isUnstarted(each.slot(), each.word())
          && workers.handles(plan.thief(), tasks.type(each.slot()))) {
        candidates.add(candidate(each.slot(), each.word()));
      }
    }
    candidates.sort(BEST_FIRST);
    int count = Math.min(plan.tasksMax(), candidates.size());
    candidates.subList(0, count).forEach(each -> ask(each, now, false));
    control.count(Counter.STEALS, count > 0 ? 1 : 0);
    return count;
  }

  /** What was assigned lately may run by now. */
  private boolean mayBeAsked(int slot, long word, long now) {
    return isUnstarted(slot, word) && now - tasks.assignedNanos(slot) > YOUNG_NANOS;
  }

  private void countRefusal() {
    if (policy.refusal() == StealPolicy.Refusal.TOO_BUSY) {
      control.count(Counter.STEALS_REFUSED_BUSY, 1);
    } else if (policy.refusal() == StealPolicy.Refusal.TOO_FAR) {
      control.count(Counter.STEALS_REFUSED_FAR, 1);
    }
  }

  private boolean isStolenOut(int slot) {
    if (stolen.getOrDefault(tasks.id(slot), 0) < timesMax) {
      return false;
    }
    control.count(Counter.STEALS_REFUSED_TIMES, 1);
    return true;
  }

  // Recalls for a better task.

  /** Of what each worker was sent and has not started, what is worse than what it could run. */
  private int recallFor(List<ReadyTasks.Lane> ready, long now) {
    if (ready.isEmpty()) {
      return 0;
    }
    bestKnown.clear();
    List<Candidate> candidates = new ArrayList<>();
    leases.forEachLease(
        (slot, word) -> {
          if (isUnstarted(slot, word)
              && order.rank(slot) < bestFor(StateWord.worker(word), ready)) {
            candidates.add(candidate(slot, word));
          }
        });
    candidates.sort(BEST_FIRST.reversed());
    int count = Math.min(URGENT_MAX, candidates.size());
    candidates.subList(0, count).forEach(each -> ask(each, now, true));
    control.count(Counter.RECALLED, count);
    return count;
  }

  /**
   * The rank of the best ready task that a worker may run: others are better than nothing to it.
   */
  private long bestFor(int row, List<ReadyTasks.Lane> ready) {
    if (!bestKnown.get(row)) {
      bestKnown.set(row);
      best[row] = Long.MIN_VALUE;
      for (ReadyTasks.Lane lane : ready) {
        if (workers.handles(row, lane.type())) {
          best[row] = Math.max(best[row], order.rank(lane.slot()));
        }
      }
    }
    return best[row];
  }

  // Both.

  private boolean isUnstarted(int slot, long word) {
    return StateWord.state(word) == TaskState.ASSIGNED
        && (asked.isEmpty() || !asked.containsKey(slot));
  }

  private Candidate candidate(int slot, long word) {
    return new Candidate(order.entry(slot), word);
  }

  private void ask(Candidate candidate, long now, boolean urgent) {
    int victim = StateWord.worker(candidate.word);
    if (workers.stream(victim) == null) {
      return;
    }
    // Before it is asked: the worker may have handed it back in the next instant.
    notes.note(candidate.slot(), candidate.word, urgent ? LeaseEnd.RECALLED : LeaseEnd.STOLEN);
    sender.recall(candidate.slot(), candidate.word, victim);
    asked.put(candidate.slot(), new Asked(candidate.word, victim, now, urgent));
  }

  /** Who has not handed it back by now had started it. */
  private void forgetOld(long now) {
    Iterator<Map.Entry<Integer, Asked>> all = asked.entrySet().iterator();
    while (all.hasNext()) {
      Map.Entry<Integer, Asked> each = all.next();
      if (now - each.getValue().atNanos > FORGET_NANOS) {
        control.count(Counter.STEALS_REFUSED_STARTED, 1);
        all.remove();
      }
    }
  }

  // What the policy sees.

  @Override
  public int count() {
    return workers.count();
  }

  @Override
  public int rowAt(int place) {
    return workers.rowAt(place);
  }

  @Override
  public int inFlight(int row) {
    return workers.inFlight(row);
  }

  @Override
  public int capacity(int row) {
    return workers.capacity(row);
  }

  @Override
  public boolean isReachable(int row) {
    DispatchStream stream = workers.stream(row);
    return stream != null && stream.isReady();
  }

  @Override
  public boolean handles(int row, int lane) {
    return workers.handles(row, lane);
  }

  @Override
  public float cpu(int row) {
    return workers.cpu(row);
  }

  /** All stand in one place unless it was said how far work may go. */
  @Override
  public String neighbourhood(int row) {
    return within.isEmpty() ? "" : workers.label(row, within);
  }
}
