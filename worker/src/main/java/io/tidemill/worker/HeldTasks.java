package io.tidemill.worker;

import io.tidemill.v1.Assignment;
import io.tidemill.v1.CancelOrder;
import io.tidemill.v1.HeldLease;
import io.tidemill.v1.TaskReport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Every lease this worker holds, by task. The dispatch stream adds; the heartbeat stream cancels,
 * and removes with the verdict.
 *
 * <p>The two streams come from two servers, so a cancellation may overtake the assignment that it
 * is about: those not found are kept for a while, a bounded number of them, and met on arrival.
 */
final class HeldTasks {
  static final int EARLY_CANCELS_MAX = 1_024;

  /** What is to be done about a task here. */
  interface Actions {
    /** Its end is in the outbox's hands now. */
    void report(HeldTask task);

    void enqueue(List<HeldTask> tasks);

    void forget(HeldTask queued);

    void runCancelActions(List<Runnable> actions);
  }

  private final ConcurrentHashMap<Long, HeldTask> held = new ConcurrentHashMap<>();
  private final Map<String, TaskHandler> handlers;
  private final StartOrder order;
  private final RunWatch watch;
  private final Actions actions;
  private final Map<Long, CancelOrder> earlyCancels =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, CancelOrder> eldest) {
          return size() > EARLY_CANCELS_MAX;
        }
      };
  private volatile boolean anyEarlyCancel;
  private volatile boolean draining;

  HeldTasks(Map<String, TaskHandler> handlers, StartOrder order, RunWatch watch, Actions actions) {
    this.handlers = handlers;
    this.order = order;
    this.watch = watch;
    this.actions = actions;
  }

  /** By the dispatch stream. */
  void accept(List<Assignment> assignments) {
    List<HeldTask> startable = new ArrayList<>(assignments.size());
    for (Assignment assignment : assignments) {
      HeldTask task = admit(assignment);
      if (task != null && !endsAtOnce(task, assignment)) {
        startable.add(task);
      }
    }
    actions.enqueue(startable);
    if (draining) {
      // The drain may have emptied the queue just before.
      startable.forEach(this::giveBack);
    }
  }

  /** Null: held already under this lease or a later one. */
  private HeldTask admit(Assignment assignment) {
    HeldTask task =
        new HeldTask(
            assignment, handlers.get(assignment.getType()), watch, order.turnOf(assignment));
    HeldTask old = held.putIfAbsent(task.taskId, task);
    if (old == null) {
      return task;
    }
    if (Long.compareUnsigned(old.lease, task.lease) >= 0) {
      return null;
    }
    held.put(task.taskId, task);
    supersede(old);
    return task;
  }

  /**
   * Nobody waits for a report of what has not started; one of a running handler is sent, and gets
   * its verdict.
   */
  private void supersede(HeldTask old) {
    if (old.endUnstarted(TaskReport.Kind.KIND_RETURNED, "superseded")) {
      actions.forget(old);
    } else {
      cancelRunning(old, "superseded: the task was given out under a later lease");
    }
  }

  private boolean endsAtOnce(HeldTask task, Assignment assignment) {
    if (draining) {
      return end(task, TaskReport.Kind.KIND_RETURNED, "");
    }
    if (task.handler == null) {
      String error =
          "no handler for the task's type: type="
              + assignment.getType()
              + "; this worker has "
              + String.join(", ", handlers.keySet());
      return end(task, TaskReport.Kind.KIND_FAILED, error);
    }
    CancelOrder order = anyEarlyCancel ? takeEarlyCancel(task) : null;
    return order != null && end(task, TaskReport.Kind.KIND_CANCELLED, order.getReason());
  }

  private boolean end(HeldTask task, TaskReport.Kind kind, String error) {
    boolean ended = task.endUnstarted(kind, error);
    if (ended) {
      actions.report(task);
    }
    return ended;
  }

  private CancelOrder takeEarlyCancel(HeldTask task) {
    synchronized (earlyCancels) {
      CancelOrder order = earlyCancels.get(task.taskId);
      if (order == null || order.getLease() != task.lease) {
        return null;
      }
      earlyCancels.remove(task.taskId);
      anyEarlyCancel = !earlyCancels.isEmpty();
      return order;
    }
  }

  /** By the heartbeat stream. */
  void cancel(CancelOrder order) {
    HeldTask task = held.get(order.getTaskId());
    if (task == null || Long.compareUnsigned(task.lease, order.getLease()) < 0) {
      keepForArrival(order);
      // It may have arrived between the two looks.
      task = held.get(order.getTaskId());
    }
    if (task == null || task.lease != order.getLease()) {
      return;
    }
    if (end(task, TaskReport.Kind.KIND_CANCELLED, order.getReason())) {
      actions.forget(task);
    } else if (!order.getUnlessStarted()) {
      cancelRunning(task, order.getReason());
    }
  }

  /** By the heartbeat stream: the start of this lease is known, so that its handler may begin. */
  void started(HeldLease lease) {
    HeldTask task = held.get(lease.getTaskId());
    if (task != null && task.lease == lease.getLease() && task.gate != null) {
      task.gate.open();
    }
  }

  private void keepForArrival(CancelOrder order) {
    synchronized (earlyCancels) {
      earlyCancels.put(order.getTaskId(), order);
      anyEarlyCancel = true;
    }
  }

  private void cancelRunning(HeldTask task, String reason) {
    List<Runnable> toRun = task.cancelRunning(reason);
    if (toRun != null && !toRun.isEmpty()) {
      actions.runCancelActions(toRun);
    }
  }

  /** By the dispatch stream: hands it back unless it has started. */
  void recall(HeldLease lease) {
    HeldTask task = held.get(lease.getTaskId());
    if (task != null && task.lease == lease.getLease()) {
      giveBack(task);
    }
  }

  /** From now on whatever arrives is handed back, as is what has not started. */
  void drain(LocalQueue queue) {
    draining = true;
    queue.removeAll().forEach(this::giveBack);
  }

  private void giveBack(HeldTask task) {
    if (end(task, TaskReport.Kind.KIND_RETURNED, "")) {
      actions.forget(task);
    }
  }

  void cancelAllRunning(String reason) {
    held.values().forEach(task -> cancelRunning(task, reason));
  }

  /** With the verdict. A later lease of the same task stays. */
  void settled(HeldTask task) {
    held.remove(task.taskId, task);
  }

  int size() {
    return held.size();
  }

  List<HeldLease> leases() {
    List<HeldLease> leases = new ArrayList<>(held.size());
    for (HeldTask task : held.values()) {
      leases.add(HeldLease.newBuilder().setTaskId(task.taskId).setLease(task.lease).build());
    }
    return leases;
  }
}
