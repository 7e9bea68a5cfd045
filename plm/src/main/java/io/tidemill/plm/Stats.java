package io.tidemill.plm;

import io.tidemill.shm.config.Key;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.os.RoleLock;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.Counter;
import io.tidemill.shm.region.Role;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.shm.region.WorkerTable;
import io.tidemill.v1.AffinityCounts;
import io.tidemill.v1.GetStatsResponse;
import io.tidemill.v1.ProcessInfo;
import io.tidemill.v1.StealCounts;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Figures of the whole instance. What needs a look at every slot is made at most once a second. */
final class Stats {
  private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final int PRIORITIES_SHOWN = 16;

  /** Different priorities that are told apart; further ones are not counted by priority. */
  private static final int PRIORITIES_MAX = 10_000;

  private final Instance instance;
  private final Control control;
  private final TaskTable tasks;
  private final WorkerTable workers;
  private final FreeSlots free;
  private final Latencies latencies;
  private final long beatNanos;
  private final Map<Role, Long> beats = new EnumMap<>(Role.class);
  private final Map<Role, Long> beatSeenNanos = new EnumMap<>(Role.class);
  private volatile GetStatsResponse last = GetStatsResponse.getDefaultInstance();
  private volatile long ready;
  private long madeNanos = System.nanoTime() - FRESH_NANOS;

  Stats(Instance instance, FreeSlots free, Latencies latencies) {
    this.instance = instance;
    this.control = instance.control();
    this.tasks = instance.regions().tasks();
    this.workers = instance.regions().workers();
    this.free = free;
    this.latencies = latencies;
    this.beatNanos =
        TimeUnit.MILLISECONDS.toNanos(instance.settings().number(Key.WORKER_BEAT_INTERVAL_MS));
  }

  /** How many tasks were ready when that was last looked at. */
  long ready() {
    return ready;
  }

  /** Not for a transport's thread: looks at every slot if the last look is a second old. */
  synchronized GetStatsResponse get() {
    long now = System.nanoTime();
    if (now - madeNanos >= FRESH_NANOS) {
      last = make(now);
      madeNanos = System.nanoTime();
    }
    return last;
  }

  private GetStatsResponse make(long nowNanos) {
    GetStatsResponse.Builder stats = GetStatsResponse.newBuilder();
    slots(stats);
    counters(stats);
    processes(stats, nowNanos);
    workers(stats, nowNanos);
    Latencies.Figures figures = latencies.figures();
    return stats
        .setTasksPerS(figures.tasksPerSecond())
        .setP50Us(figures.p50())
        .setP95Us(figures.p95())
        .setP99Us(figures.p99())
        .setMaxUs(figures.max())
        .setCapacity(tasks.capacity())
        .setRetiredSlots(free.retired())
        .setPlacementPolicy(instance.settings().text(Key.PLACEMENT_POLICY))
        .build();
  }

  private void slots(GetStatsResponse.Builder stats) {
    long[] byState = new long[TaskState.values().length];
    Map<Integer, long[]> byPriority = new HashMap<>();
    long[] priorityCount = new long[1];
    int priority = 0;
    int frontier = free.frontier();
    for (int slot = 0; slot < frontier; slot++) {
      TaskState state = StateWord.state(tasks.word(slot));
      byState[state.ordinal()]++;
      if (state == TaskState.READY) {
        if (tasks.priority(slot) != priority || byPriority.isEmpty()) {
          priority = tasks.priority(slot);
          priorityCount =
              byPriority.size() < PRIORITIES_MAX
                  ? byPriority.computeIfAbsent(priority, p -> new long[1])
                  : byPriority.getOrDefault(priority, new long[1]);
        }
        priorityCount[0]++;
      }
    }
    ready = byState[TaskState.READY.ordinal()];
    states(stats, byState);
    byPriority.entrySet().stream()
        .sorted((a, b) -> Long.compare(b.getValue()[0], a.getValue()[0]))
        .limit(PRIORITIES_SHOWN)
        .forEach(
            entry ->
                stats
                    .addPrioritiesBuilder()
                    .setPriority(entry.getKey())
                    .setCount(entry.getValue()[0]));
  }

  /**
   * A slot that is being recorded is running as far as anyone can tell; ends are counted since the
   * files were made.
   */
  private void states(GetStatsResponse.Builder stats, long[] byState) {
    byState[TaskState.RUNNING.ordinal()] += byState[TaskState.RECORDING.ordinal()];
    for (TaskState state : TaskState.values()) {
      boolean shown = state.isEnd() || (state.isLive() && state != TaskState.RECORDING);
      if (shown) {
        stats
            .addStatesBuilder()
            .setStateValue(state.number())
            .setCount(
                state.isEnd() ? control.count(Counter.ofEnd(state)) : byState[state.ordinal()]);
      }
    }
  }

  private void counters(GetStatsResponse.Builder stats) {
    stats
        .setAccepted(control.count(Counter.ACCEPTED))
        .setRecorded(control.count(Counter.RECORDED))
        .setRecordedTwice(control.count(Counter.RECORDED_TWICE))
        .setInversions(control.count(Counter.INVERSIONS))
        .setReturned(control.count(Counter.RETURNED))
        .setSteals(
            StealCounts.newBuilder()
                .setAttempts(control.count(Counter.STEALS))
                .setTasks(control.count(Counter.TASKS_STOLEN))
                .setRefusedStarted(control.count(Counter.STEALS_REFUSED_STARTED))
                .setRefusedTimes(control.count(Counter.STEALS_REFUSED_TIMES))
                .setRefusedFar(control.count(Counter.STEALS_REFUSED_FAR))
                .setRefusedBusy(control.count(Counter.STEALS_REFUSED_BUSY))
                .setRecalled(control.count(Counter.RECALLED)))
        .setAffinity(
            AffinityCounts.newBuilder()
                .setHits(control.count(Counter.AFFINITY_HITS))
                .setFallbacks(control.count(Counter.AFFINITY_FALLBACKS)))
        .setPriorityChanges(control.count(Counter.PRIORITY_CHANGES))
        .setRefused(control.count(Counter.REFUSED));
  }

  private void processes(GetStatsResponse.Builder stats, long nowNanos) {
    for (Role role : Role.values()) {
      long incarnation = control.incarnation(role);
      stats.addProcesses(
          ProcessInfo.newBuilder()
              .setRole(role.label())
              .setPid((int) control.pid(role))
              .setIncarnation(incarnation)
              .setState(processState(role, nowNanos))
              .setRestarts(Math.max(0, incarnation - 1))
              .setStartedMs(control.wallMillis(control.startedMillis(role))));
    }
  }

  /**
   * By the lock, which the kernel frees with the process; never by asking for our own, which would
   * lose it.
   */
  private String processState(Role role, long nowNanos) {
    if (control.incarnation(role) == 0) {
      return "NEVER_STARTED";
    }
    if (role == instance.role()) {
      return "ALIVE";
    }
    if (RoleLock.holder(instance.dir().lock(role)) == 0) {
      return "DEAD";
    }
    return role != Role.SUPERVISOR && isStalled(role, nowNanos) ? "STALLED" : "ALIVE";
  }

  private boolean isStalled(Role role, long nowNanos) {
    long beat = control.beats(role);
    Long seen = beats.put(role, beat);
    if (seen == null || seen != beat) {
      beatSeenNanos.put(role, nowNanos);
    }
    long limitNanos =
        TimeUnit.MILLISECONDS.toNanos(instance.settings().number(Key.STALL_LIMIT_MS)) / 2;
    return nowNanos - beatSeenNanos.get(role) > limitNanos;
  }

  private void workers(GetStatsResponse.Builder stats, long nowNanos) {
    int alive = 0;
    int late = 0;
    int draining = 0;
    int dead = 0;
    for (int row = 0; row < workers.capacity(); row++) {
      switch (workers.state(row)) {
        case ALIVE -> {
          boolean missed = nowNanos - workers.lastBeat(row) > beatNanos * 3 / 2;
          late += missed ? 1 : 0;
          alive += missed ? 0 : 1;
        }
        case DRAINING -> draining++;
        case DEAD -> dead++;
        case FREE -> {
          // Nobody's row.
        }
      }
    }
    stats
        .setWorkersAlive(alive)
        .setWorkersLate(late)
        .setWorkersDraining(draining)
        .setWorkersDead(dead);
  }
}
