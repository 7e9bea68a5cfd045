package io.tidemill.register;

import io.tidemill.register.EndReasons.Reason;
import io.tidemill.shm.config.Key;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.journal.PastLeases;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.shm.region.WorkerDeaths;
import io.tidemill.v1.CancelOrder;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.TimeUnit;

/**
 * Ends that are asked of us by the others: cancellations, deadlines that are over, and tasks whose
 * workers were lost too often. A task that nobody holds ends at once; one under a lease is stopped
 * by telling its worker, again whenever the task comes to another worker or its worker to another
 * stream, until it has ended somehow. Guarded.
 */
final class Endings {
  private static final int TASKS_A_TURN = 1_024;
  private static final int BACKLOG_MAX = 1 << 16;
  private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
  private static final long NOT_TOLD = 0;

  private final Control control;
  private final TaskTable tasks;
  private final Workers workers;
  private final Recorder recorder;
  private final EndReasons reasons;
  private final WorkerDeaths deaths;
  private final Queue<Long> dying = new ArrayDeque<>();
  private final Queue<Long> toLookAt = new ArrayDeque<>();

  /** Tasks to be stopped that are under a lease, each with the lease whose holder was told. */
  private final Map<Long, Long> told = new HashMap<>();

  private long lookNanos;

  Endings(Instance instance, Workers workers, Recorder recorder, EndReasons reasons) {
    this.control = instance.control();
    this.tasks = instance.regions().tasks();
    this.workers = workers;
    this.recorder = recorder;
    this.reasons = reasons;
    this.deaths =
        new WorkerDeaths(
            tasks, instance.regions().terms(), instance.settings().integer(Key.TASK_RETURNS_MAX));
  }

  /** It was cancelled, or a deadline of its is over. */
  void stop(long taskId) {
    toLookAt.add(taskId);
  }

  void die(long taskId) {
    dying.add(taskId);
  }

  /** Nothing more should be taken from the rings now. */
  boolean isFull() {
    return toLookAt.size() + dying.size() >= BACKLOG_MAX;
  }

  /** Finds what was asked while nobody listened, or was left out of a ring. */
  void scan() {
    for (int slot = 0; slot < control.slotsUsed(); slot++) {
      long word = tasks.word(slot);
      TaskState state = StateWord.state(word);
      if (state.isLive() && reasons.of(slot, state, control.nanoTime()) != null) {
        stop(tasks.id(slot));
      } else if (isUsedUp(slot, word)) {
        die(tasks.id(slot));
      }
    }
  }

  /** Ends what can be ended, so many at a time; answers how many were looked at. */
  int turn(long now) {
    if (now - lookNanos >= 0) {
      lookNanos = now + LOOK_AGAIN_NANOS;
      if (toLookAt.isEmpty()) {
        toLookAt.addAll(told.keySet());
      }
    }
    int count = Math.min(TASKS_A_TURN, toLookAt.size() + dying.size());
    long each = recorder.bytesMax(0, CancelTexts.CHARACTERS_MAX) + PastLeases.BYTES_MAX;
    if (count == 0 || !recorder.reserve(count * each)) {
      return 0; // No room: they wait here, and those behind them in their rings.
    }
    for (int i = 0; i < count; i++) {
      Long dead = dying.poll();
      if (dead != null) {
        endDead(dead);
      } else {
        endStopped(toLookAt.remove(), now);
      }
    }
    recorder.write(now);
    return count;
  }

  /** When {@link #turn} has something to do, not counting what comes anew. */
  long dueNanos(long now) {
    boolean idle = told.isEmpty() && toLookAt.isEmpty() && dying.isEmpty();
    return idle ? Long.MAX_VALUE : Math.max(0, lookNanos - now);
  }

  /** Nobody holds it, and nobody is to get it again. */
  private boolean isUsedUp(int slot, long word) {
    boolean unheld =
        StateWord.state(word) == TaskState.READY || StateWord.state(word) == TaskState.WAITING;
    return unheld
        && (deaths.areTooMany(slot, tasks.returns(slot))
            || StateWord.lease(word) == StateWord.LEASE_MAX);
  }

  private void endDead(long taskId) {
    long word = tasks.wordOf(taskId);
    if (word != -1 && isUsedUp(TaskId.slot(taskId), word)) {
      Recording recording = recorder.take(TaskId.slot(taskId), word);
      if (recording != null) {
        recording.endsAs(TaskState.DEAD, deadText(recording.slot));
      }
    }
  }

  private String deadText(int slot) {
    return StateWord.lease(tasks.word(slot)) == StateWord.LEASE_MAX
        ? "it was assigned too often: leases=" + StateWord.LEASE_MAX
        : "its workers were lost, or did not stop it in time: times=" + tasks.returns(slot);
  }

  private void endStopped(long taskId, long now) {
    while (true) {
      long word = tasks.wordOf(taskId);
      // One that is being recorded ends in this very run: it was asked for twice.
      if (word == -1
          || !StateWord.state(word).isLive()
          || StateWord.state(word) == TaskState.RECORDING) {
        told.remove(taskId);
        return;
      }
      Reason reason = reasons.of(TaskId.slot(taskId), StateWord.state(word), now);
      if (reason == null) {
        told.remove(taskId); // It has started meanwhile.
        return;
      }
      if (StateWord.worker(word) != StateWord.NO_WORKER) {
        tell(taskId, word, reason);
        return;
      }
      Recording recording = recorder.take(TaskId.slot(taskId), word);
      if (recording != null) {
        told.remove(taskId);
        recording.endsAs(reason.end(), reason.text());
        return;
      }
      // The Main Scheduler assigned it in this instant: look again.
    }
  }

  private void tell(long taskId, long word, Reason reason) {
    long lease = TaskId.lease(control.epoch(), StateWord.lease(word));
    Long before = told.put(taskId, lease);
    if (before == null || before != lease) {
      Worker worker = workers.byRow(StateWord.worker(word));
      if (!tell(worker, taskId, lease, reason)) {
        told.put(taskId, NOT_TOLD);
      }
    }
  }

  private boolean tell(Worker worker, long taskId, long lease, Reason reason) {
    if (worker == null || worker.stream() == null) {
      return false;
    }
    worker.stream()
        .cancel(
            CancelOrder.newBuilder()
                .setTaskId(taskId)
                .setLease(lease)
                .setReason(reason.text())
                .setUnlessStarted(reason.unlessStarted())
                .build());
    return true;
  }

  /** A worker has a stream again: what it may not have heard is told again. */
  void onConnected(Worker worker) {
    for (Map.Entry<Long, Long> entry : told.entrySet()) {
      long word = tasks.wordOf(entry.getKey());
      if (word != -1
          && StateWord.state(word).isLeased()
          && StateWord.worker(word) == worker.row()) {
        Reason reason =
            reasons.of(TaskId.slot(entry.getKey()), StateWord.state(word), control.nanoTime());
        long lease = TaskId.lease(control.epoch(), StateWord.lease(word));
        if (reason != null && tell(worker, entry.getKey(), lease, reason)) {
          entry.setValue(lease);
        }
      }
    }
  }
}
