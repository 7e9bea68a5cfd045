package io.tidemill.plm;

import io.tidemill.shm.instance.Regions;
import io.tidemill.shm.region.Lane;
import io.tidemill.shm.region.Rule;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.shm.region.TypeTable;
import io.tidemill.shm.region.WorkerTable;
import io.tidemill.v1.QueueInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Figures of each queue, by a look at every slot. By one thread. */
final class QueueCounts {
  private final Regions regions;
  private final TypeTable types;
  private final QueueRules rules;
  private final QueueLengths lengths;

  QueueCounts(Regions regions, QueueRules rules, QueueLengths lengths) {
    this.regions = regions;
    this.types = regions.newTypes();
    this.rules = rules;
    this.lengths = lengths;
  }

  /** Every queue that has had tasks, or is set. */
  List<QueueInfo> count() {
    int lanes = types.capacity();
    long[] waiting = new long[lanes];
    long[] ready = new long[lanes];
    long[] running = new long[lanes];
    TaskTable tasks = regions.tasks();
    for (int slot = 0; slot < regions.control().slotsUsed(); slot++) {
      TaskState state = StateWord.state(tasks.word(slot));
      if (state.isLive()) {
        int lane = tasks.type(slot);
        waiting[lane] += state == TaskState.READY || state == TaskState.WAITING ? 1 : 0;
        ready[lane] += state == TaskState.READY ? 1 : 0;
        running[lane] += state.isLeased() || state == TaskState.RECORDING ? 1 : 0;
      }
    }
    TreeMap<String, QueueInfo.Builder> queues = new TreeMap<>();
    rules.all(Rule.Of.QUEUE).forEach(rule -> ofRule(of(queues, rule.name()), rule));
    List<WorkerTable.Registration> workers = liveWorkers();
    for (int number = types.count() - 1; number >= 0; number--) {
      Lane lane = Lane.parse(types.name(number));
      QueueInfo.Builder queue = of(queues, lane.queue());
      queue
          .setWaiting(queue.getWaiting() + waiting[number])
          .setRunning(queue.getRunning() + running[number])
          .setEnded(queue.getEnded() + lengths.endedOf(number));
      if (ready[number] > 0 && workers.stream().noneMatch(worker -> worker.mayRun(lane))) {
        queue.setWithoutWorker(queue.getWithoutWorker() + ready[number]);
      }
    }
    return queues.values().stream().map(QueueInfo.Builder::build).toList();
  }

  static void ofRule(QueueInfo.Builder info, Rule rule) {
    info.setPaused(rule.paused()).setLengthMax(rule.most());
  }

  private static QueueInfo.Builder of(Map<String, QueueInfo.Builder> queues, String name) {
    return queues.computeIfAbsent(name, queue -> QueueInfo.newBuilder().setQueue(queue));
  }

  private List<WorkerTable.Registration> liveWorkers() {
    List<WorkerTable.Registration> live = new ArrayList<>();
    WorkerTable workers = regions.workers();
    for (int row = 0; row < workers.capacity(); row++) {
      WorkerTable.Registration registration =
          workers.state(row) == WorkerTable.State.ALIVE ? workers.registration(row) : null;
      if (registration != null) {
        live.add(registration);
      }
    }
    return live;
  }
}
