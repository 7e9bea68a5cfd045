package io.tidemill.plm;

import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.LeaseEnd;
import io.tidemill.shm.region.PastLease;
import io.tidemill.shm.region.TaskState;
import io.tidemill.v1.GetHistoryResponse;
import io.tidemill.v1.HistoryEvent;
import io.tidemill.v1.HistoryKind;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** Tasks' lives as clients see them: event after event. Any thread. */
final class HistoryViews {
  private final Control control;
  private final TaskLives lives;

  HistoryViews(Control control, TaskLives lives) {
    this.control = control;
    this.lives = lives;
  }

  /** Null: the task is neither live nor kept. */
  GetHistoryResponse of(long id) {
    TaskLife life = lives.of(id);
    return life == null ? null : new Telling(life).tell();
  }

  /** One answer. */
  private final class Telling {
    private final TaskLife life;
    private final GetHistoryResponse.Builder answer = GetHistoryResponse.newBuilder();
    private final Deque<TaskLife.Priority> prioritiesLeft;

    Telling(TaskLife life) {
      this.life = life;
      this.prioritiesLeft = new ArrayDeque<>(life.accepted().priorities());
    }

    GetHistoryResponse tell() {
      answer
          .setTaskId(life.id())
          .setStateValue(life.state().number())
          .setLeasesGone(life.leasesGone())
          .setFromBeforeReboot(life.reboot())
          .setPriorityChangesGone(life.accepted().prioritiesGone());
      addBeginning();
      List<PastLease> past = life.past().leases();
      for (int i = 0; i < past.size(); i++) {
        addLease(past.get(i), i + 1 < past.size() || life.held() != null);
      }
      addHeld();
      if (life.cancel() != null) {
        add(HistoryKind.HISTORY_KIND_CANCEL_ASKED, 0).setError(life.cancel());
      }
      if (life.end() != null) {
        add(HistoryKind.HISTORY_KIND_ENDED, life.end().millis())
            .setStateValue(life.state().number())
            .setError(life.end().error())
            .setAttempt(life.attempt())
            .setWorkerId(life.held() == null ? "" : life.held().workerId())
            .setLease(life.held() == null ? 0 : life.held().token());
      }
      addPrioritiesBefore(Long.MAX_VALUE);
      return answer.build();
    }

    private void addBeginning() {
      long accepted = life.accepted().millis();
      long due = Waited.dueMillis(control, life);
      add(HistoryKind.HISTORY_KIND_ACCEPTED, accepted);
      if (due != 0) {
        add(HistoryKind.HISTORY_KIND_WAITING, accepted).setUntilMs(control.wallMillis(due));
      }
      if (life.accepted().waitsFor() > 0) {
        add(HistoryKind.HISTORY_KIND_WAITING, accepted).setTasks(life.accepted().waitsFor());
      }
      long ready = Waited.readyMillis(control, life);
      if (ready != 0) {
        add(HistoryKind.HISTORY_KIND_READY, ready);
      }
    }

    private void addLease(PastLease lease, boolean followed) {
      add(HistoryKind.HISTORY_KIND_ASSIGNED, lease.assignedMillis())
          .setWorkerId(lease.workerId())
          .setLease(lease.token());
      int attempt = lease.end() == LeaseEnd.FAILED ? lease.attempt() : lease.attempt() + 1;
      if (lease.startedMillis() != 0) {
        add(HistoryKind.HISTORY_KIND_STARTED, lease.startedMillis())
            .setWorkerId(lease.workerId())
            .setLease(lease.token())
            .setAttempt(attempt);
      }
      add(kind(lease.end()), lease.overMillis())
          .setWorkerId(lease.workerId())
          .setLease(lease.token())
          .setAttempt(attempt)
          .setError(lease.error());
      addReadyAgain(lease, followed);
    }

    private void addReadyAgain(PastLease lease, boolean followed) {
      if (lease.dueMillis() != 0) {
        add(HistoryKind.HISTORY_KIND_WAITING, lease.overMillis())
            .setUntilMs(control.wallMillis(lease.dueMillis()));
      }
      long again = Math.max(lease.overMillis(), lease.dueMillis());
      boolean was = life.end() == null ? life.state() == TaskState.READY : isBeforeEnd(again);
      if (followed || was) {
        add(HistoryKind.HISTORY_KIND_READY, again);
      }
    }

    private boolean isBeforeEnd(long millis) {
      return millis <= life.end().millis();
    }

    private void addHeld() {
      TaskLife.Held held = life.held();
      if (held == null) {
        return;
      }
      add(HistoryKind.HISTORY_KIND_ASSIGNED, held.assignedMillis())
          .setWorkerId(held.workerId())
          .setLease(held.token());
      if (held.startedMillis() != 0) {
        add(HistoryKind.HISTORY_KIND_STARTED, held.startedMillis())
            .setWorkerId(held.workerId())
            .setLease(held.token())
            .setAttempt(life.attempt());
      }
    }

    /** They come between the other events: it waited for one of these then. */
    private void addPrioritiesBefore(long millis) {
      while (!prioritiesLeft.isEmpty() && prioritiesLeft.peek().millis() < millis) {
        TaskLife.Priority next = prioritiesLeft.remove();
        answer
            .addEventsBuilder()
            .setKind(HistoryKind.HISTORY_KIND_PRIORITY_CHANGED)
            .setAtMs(control.wallMillis(next.millis()))
            .setPriorityBefore(next.before())
            .setPriority(next.after());
      }
    }

    private HistoryEvent.Builder add(HistoryKind kind, long millis) {
      // Who has been taken by a worker waits no more.
      boolean waits = kind.getNumber() <= HistoryKind.HISTORY_KIND_READY_VALUE;
      addPrioritiesBefore(waits ? millis : millis + 1);
      return answer.addEventsBuilder().setKind(kind).setAtMs(control.wallMillis(millis));
    }
  }

  private static HistoryKind kind(LeaseEnd end) {
    return switch (end) {
      case FAILED -> HistoryKind.HISTORY_KIND_ATTEMPT_FAILED;
      case WORKER_LOST -> HistoryKind.HISTORY_KIND_WORKER_LOST;
      case OVERRAN -> HistoryKind.HISTORY_KIND_OVERRAN;
      case HANDED_BACK -> HistoryKind.HISTORY_KIND_HANDED_BACK;
      case STOLEN -> HistoryKind.HISTORY_KIND_STOLEN;
      case RECALLED -> HistoryKind.HISTORY_KIND_RECALLED;
      case UNKNOWN -> HistoryKind.HISTORY_KIND_UNSPECIFIED;
    };
  }
}
