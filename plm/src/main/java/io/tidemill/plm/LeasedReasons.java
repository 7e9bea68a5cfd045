package io.tidemill.plm;

import io.tidemill.shm.config.Key;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.NoteTable;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskHeap;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskOrder;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.shm.region.WorkerTable;
import io.tidemill.v1.ExplainTaskResponse;
import io.tidemill.v1.Reason;
import io.tidemill.v1.ReasonKind;
import java.util.concurrent.TimeUnit;

/** Where a task stands that a worker holds. By one thread. */
final class LeasedReasons {
  private static final int LATE_BEATS_HALF = 3;

  private final Control control;
  private final TaskTable tasks;
  private final WorkerTable workers;
  private final NoteTable progressNotes;
  private final LeaseCensus census;
  private final long beatNanos;

  LeasedReasons(Instance instance, LeaseCensus census) {
    this.control = instance.control();
    this.tasks = instance.regions().tasks();
    this.workers = instance.regions().workers();
    this.progressNotes = instance.regions().progressNotes();
    this.census = census;
    this.beatNanos =
        TimeUnit.MILLISECONDS.toNanos(instance.settings().number(Key.WORKER_BEAT_INTERVAL_MS));
  }

  void add(ExplainTaskResponse.Builder answer, TaskLife life, long nowMillis) {
    TaskLife.Held held = life.held();
    int slot = TaskId.slot(life.id());
    long word = tasks.wordOf(life.id());
    if (life.state() == TaskState.RECORDING || held == null) {
      answer.addReasons(
          Reasons.of(
              ReasonKind.REASON_KIND_BEING_RECORDED,
              "its end, or that it goes back, is being written down"));
      return;
    }
    answer.addReasons(
        life.state() == TaskState.RUNNING
            ? running(life, held, nowMillis)
            : queued(held, slot, word, nowMillis));
    addLate(answer, held, word, nowMillis);
  }

  private Reason.Builder running(TaskLife life, TaskLife.Held held, long nowMillis) {
    long since = control.wallMillis(held.startedMillis());
    Reason.Builder reason =
        Reasons.of(
                ReasonKind.REASON_KIND_RUNNING,
                "it runs on " + held.workerId() + " since " + Reasons.at(since, nowMillis))
            .setWorkerId(held.workerId())
            .setSinceMs(since)
            .setAttempt(life.attempt());
    NoteTable.Note note = progressNotes.read(life.id());
    if (note != null && note.lease() == TaskId.leaseNumber(held.token())) {
      reason.setProgress(note.value()).setProgressMessage(note.text());
    }
    return reason;
  }

  private Reason.Builder queued(TaskLife.Held held, int slot, long word, long nowMillis) {
    long since = control.wallMillis(held.assignedMillis());
    long before = before(slot, word);
    return Reasons.of(
            ReasonKind.REASON_KIND_IN_WORKERS_QUEUE,
            "it was sent to "
                + held.workerId()
                + " at "
                + Reasons.at(since, nowMillis)
                + " and has not said that it started; "
                + Reasons.tasks(before)
                + " there run or go before it")
        .setWorkerId(held.workerId())
        .setSinceMs(since)
        .setCount(before)
        .setRemedy("they end; or a worker with free hands gets it");
  }

  /** How many tasks of the same worker run, or are better. */
  private long before(int slot, long word) {
    long[] count = {0};
    census.forEach(
        (other, its) -> {
          boolean same = other != slot && StateWord.worker(its) == StateWord.worker(word);
          boolean first = StateWord.state(its) != TaskState.ASSIGNED || isBetter(other, slot);
          count[0] += same && first ? 1 : 0;
        });
    return count[0];
  }

  private boolean isBetter(int other, int slot) {
    TaskOrder order = new TaskOrder(tasks, control);
    return TaskHeap.isBefore(
        order.first(other), order.second(other), order.first(slot), order.second(slot));
  }

  private void addLate(
      ExplainTaskResponse.Builder answer, TaskLife.Held held, long word, long nowMillis) {
    int row = StateWord.worker(word);
    if (word == -1 || row == StateWord.NO_WORKER) {
      return;
    }
    long silent = control.nanoTime() - workers.lastBeat(row);
    if (silent > beatNanos * LATE_BEATS_HALF / 2) {
      long millis = TimeUnit.NANOSECONDS.toMillis(silent);
      answer.addReasons(
          Reasons.of(
                  ReasonKind.REASON_KIND_WORKER_LATE,
                  "its worker "
                      + held.workerId()
                      + " has not been heard of for "
                      + Reasons.seconds(millis))
              .setWorkerId(held.workerId())
              .setSinceMs(nowMillis - millis)
              .setRemedy("it beats again; or it is taken for dead, and the task goes back"));
    }
  }
}
