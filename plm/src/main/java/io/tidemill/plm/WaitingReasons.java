package io.tidemill.plm;

import io.tidemill.shm.instance.Regions;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.PastLease;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TermsTable;
import io.tidemill.v1.ExplainTaskResponse;
import io.tidemill.v1.GetDependenciesResponse;
import io.tidemill.v1.ParentResult;
import io.tidemill.v1.Reason;
import io.tidemill.v1.ReasonKind;
import io.tidemill.v1.TaskState;
import java.util.List;

/** What a task that is not in the order waits for. By one thread. */
final class WaitingReasons {
  private static final int TASKS_SHOWN = 10;

  private final Control control;
  private final TermsTable terms;
  private final DependencyViews dependencies;

  WaitingReasons(Regions regions, DependencyViews dependencies) {
    this.control = regions.control();
    this.terms = regions.terms();
    this.dependencies = dependencies;
  }

  void add(ExplainTaskResponse.Builder answer, TaskLife life, long nowMillis) {
    int slot = TaskId.slot(life.id());
    if (terms.pending(slot) > 0) {
      addTasks(answer, life.id());
    }
    long due = terms.runAtMillis(slot);
    if (due == 0 && terms.dueNanos(slot) != 0) {
      due = control.wallMillis(control.millisAt(terms.dueNanos(slot)));
    }
    if (due != 0) {
      answer.addReasons(
          life.attempt() > 1 ? backoff(life, due, nowMillis) : delayed(due, nowMillis));
    }
    if (answer.getReasonsCount() == 0) {
      answer.addReasons(
          Reasons.of(
              ReasonKind.REASON_KIND_ABOUT_TO_BE_ASSIGNED,
              "what it waited for has come: it is about to be ready"));
    }
  }

  private static Reason.Builder delayed(long due, long nowMillis) {
    return Reasons.of(
            ReasonKind.REASON_KIND_DELAYED, "it is not due before " + Reasons.at(due, nowMillis))
        .setUntilMs(due);
  }

  private static Reason.Builder backoff(TaskLife life, long due, long nowMillis) {
    List<PastLease> past = life.past().leases();
    PastLease failed = past.isEmpty() ? null : past.get(past.size() - 1);
    String error = failed == null ? "" : failed.error();
    int attempt = life.attempt() - 1;
    return Reasons.of(
            ReasonKind.REASON_KIND_BACKOFF,
            "attempt "
                + attempt
                + " failed"
                + (error.isEmpty() ? "" : " (" + error + ")")
                + "; it is tried again at "
                + Reasons.at(due, nowMillis))
        .setUntilMs(due)
        .setAttempt(attempt)
        .setError(error);
  }

  private void addTasks(ExplainTaskResponse.Builder answer, long id) {
    GetDependenciesResponse found = dependencies.of(id);
    if (found == null) {
      return;
    }
    List<Long> open =
        found.getTasksList().stream()
            .filter(each -> each.getStateValue() < TaskState.TASK_STATE_SUCCEEDED_VALUE)
            .map(ParentResult::getTaskId)
            .toList();
    answer.addReasons(
        Reasons.of(
                ReasonKind.REASON_KIND_WAITS_FOR_TASKS,
                "it waits for "
                    + Reasons.tasks(open.size())
                    + " of "
                    + found.getTotal()
                    + " to end")
            .setCount(open.size())
            .setLimit(found.getTotal())
            .addAllTaskIds(open.subList(0, Math.min(TASKS_SHOWN, open.size())))
            .setRemedy("explain the first of them"));
  }
}
