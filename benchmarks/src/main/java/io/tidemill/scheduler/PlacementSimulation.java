package io.tidemill.scheduler;

import io.tidemill.replay.Job;
import io.tidemill.replay.Releases;
import io.tidemill.replay.Timeline;
import io.tidemill.replay.TraceFormat;
import io.tidemill.replay.Workload;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.Counter;
import io.tidemill.shm.region.RegionHeader.Kind;
import io.tidemill.shm.region.Role;
import io.tidemill.shm.region.TaskHeap;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * A workload on simulated workers: the Main Scheduler's order and one of its policies decide, over
 * on-heap memory, and time goes from one event to the next. The network and the journals take no
 * time here.
 */
public final class PlacementSimulation {
  private static final int TYPES_MAX = 1_024;

  /**
   * What came of it.
   *
   * @param timeline in the workload's time
   * @param inUse the share of the workers that held something, over the makespan
   * @param inversions of the order, as the Main Scheduler counts them
   * @param nanosEach that the policy took for a placement, on this machine
   */
  public record Result(Timeline timeline, double inUse, long inversions, double nanosEach) {}

  private record End(long atMicros, int row, int task) {}

  private final Workload workload;
  private final int[] types;
  private final SimulatedFleet fleet;
  private final PlacementPolicy policy;
  private final TaskTable tasks;
  private final Control control;
  private final ReadyTasks ready;
  private final Timeline timeline;
  private final Releases releases;
  private final PriorityQueue<End> ends =
      new PriorityQueue<>((a, b) -> Long.compare(a.atMicros, b.atMicros));
  private long nowMicros;
  private long sequence;
  private long policyNanos;
  private long placed;

  private PlacementSimulation(Workload workload, String policy, SimulatedFleet.Shape shape) {
    int slots = Math.max(1, workload.jobs().size());
    this.workload = workload;
    this.types = types(workload);
    this.fleet = new SimulatedFleet(shape);
    this.policy = PlacementPolicy.of(policy);
    this.tasks = new TaskTable(SimulatedFleet.memory(Kind.TASKS, TaskTable.bytes(slots), slots));
    this.control =
        new Control(SimulatedFleet.memory(Kind.CONTROL, Control.bytes(), Role.values().length));
    TaskHeap heap =
        new TaskHeap(
            SimulatedFleet.memory(Kind.TASK_HEAP, TaskHeap.bytes(slots, TYPES_MAX), slots),
            slots,
            TYPES_MAX);
    this.ready = new ReadyTasks(tasks, heap, control);
    ready.clear();
    this.timeline = new Timeline(workload.jobs().size());
    this.releases = Releases.here(workload.jobs(), this::arrive, job -> {});
  }

  /**
   * Runs it.
   *
   * @param policy as {@code placement.policy} names it
   * @param workers how many there are, how many tasks each runs at a time and holds beyond
   * @param speeds of the workers in turn; 1: as fast as the trace says
   */
  public static Result run(
      Workload workload,
      String policy,
      int workers,
      int capacity,
      int prefetch,
      List<Double> speeds) {
    SimulatedFleet.Shape shape = new SimulatedFleet.Shape(workers, capacity, prefetch, speeds);
    return new PlacementSimulation(workload, policy, shape).run();
  }

  /** Jobs of the same program are tasks of the same type; without programs all are. */
  private static int[] types(Workload workload) {
    int field = TraceFormat.SWF.fields().indexOf("executable");
    Map<Long, Integer> numbers = new HashMap<>();
    return workload.jobs().stream()
        .mapToLong(job -> workload.format() == TraceFormat.SWF ? job.fields().get(field) : 0)
        .mapToInt(program -> numbers.computeIfAbsent(program, p -> numbers.size() % TYPES_MAX))
        .toArray();
  }

  private Result run() {
    int next = 0;
    while (next < types.length || !ends.isEmpty()) {
      long arrival = next < types.length ? job(next).submitMicros() : Long.MAX_VALUE;
      long end = ends.isEmpty() ? Long.MAX_VALUE : ends.peek().atMicros;
      nowMicros = Math.min(arrival, end);
      while (!ends.isEmpty() && ends.peek().atMicros == nowMicros) {
        end(ends.remove());
      }
      for (; next < types.length && job(next).submitMicros() <= nowMicros; next++) {
        if (releases.isFree(next)) {
          arrive(next);
        }
      }
      assign();
    }
    double workerMicros = (double) fleet.count() * Math.max(1, nowMicros);
    return new Result(
        timeline,
        fleet.inUseMicros() / workerMicros,
        control.count(Counter.INVERSIONS),
        policyNanos / (double) Math.max(1, placed));
  }

  private Job job(int task) {
    return workload.jobs().get(task);
  }

  /** As the PLM: the task's slot is that of its number. */
  private void arrive(int task) {
    long word = tasks.fill(task, tasks.word(task));
    tasks.sequence(task, ++sequence);
    tasks.priority(task, 0);
    tasks.type(task, types[task]);
    tasks.publish(task, word, TaskState.READY);
    timeline.sent(task, nowMicros, nowMicros);
    ready.push(task);
  }

  /** As the Main Scheduler does in a turn. */
  private void assign() {
    for (ReadyTasks.Lane lane = ready.best(fleet.news());
        lane != null;
        lane = ready.best(fleet.news())) {
      long before = System.nanoTime();
      int row = policy.place(lane.type(), fleet);
      policyNanos += System.nanoTime() - before;
      placed++;
      if (row == PlacementPolicy.NOBODY) {
        lane.block(fleet.news());
      } else {
        int task = lane.slot();
        tasks.assign(task, tasks.word(task), row);
        lane.popAssigned();
        if (fleet.take(row, task, nowMicros)) {
          start(row, task);
        }
      }
    }
  }

  private void start(int row, int task) {
    tasks.start(task, tasks.word(task));
    ends.add(new End(nowMicros + fleet.micros(row, job(task).runMicros()), row, task));
  }

  /** As the worker and the Register. */
  private void end(End end) {
    long word = tasks.record(end.task, tasks.word(end.task));
    tasks.end(end.task, word, TaskState.SUCCEEDED);
    timeline.ended(end.task, true, nowMicros, "w" + end.row);
    long ran = fleet.micros(end.row, job(end.task).runMicros());
    int started = fleet.end(end.row, types[end.task], ran, nowMicros);
    if (started >= 0) {
      start(end.row, started);
    }
    releases.ended(end.task, true);
  }
}
