package io.tidemill.plm;

import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.instance.Regions;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.Role;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.shm.region.TermsTable;
import io.tidemill.v1.ExplainTaskResponse;
import io.tidemill.v1.ProcessInfo;
import io.tidemill.v1.ReasonKind;
import io.tidemill.v1.Task;

/**
 * Why a task is not running, and what would change that, put together from what stands in the
 * mapped files: nobody is asked, and nobody is disturbed. By the one thread of the views, so that
 * however many ask, one core at most is busy with it.
 */
final class ExplainViews {
  private final Control control;
  private final TaskTable tasks;
  private final TermsTable terms;
  private final TaskLives lives;
  private final TaskViews views;
  private final Stats stats;
  private final ReadyReasons ready;
  private final LeasedReasons leased;
  private final WaitingReasons waiting;
  private final TimeViews times;

  ExplainViews(
      Instance instance,
      TaskLives lives,
      TaskViews views,
      DependencyViews dependencies,
      FreeSlots free,
      Stats stats) {
    Regions regions = instance.regions();
    this.control = regions.control();
    this.tasks = regions.tasks();
    this.terms = regions.terms();
    this.lives = lives;
    this.views = views;
    this.stats = stats;
    LeaseCensus census = new LeaseCensus(regions, free);
    Fleet fleet = new Fleet(regions.workers(), regions.workerHeap());
    this.ready = new ReadyReasons(instance, fleet, census, views::lane);
    this.leased = new LeasedReasons(instance, census);
    this.waiting = new WaitingReasons(regions, dependencies);
    this.times = new TimeViews(control);
  }

  /** Null: the task is neither live nor kept. */
  ExplainTaskResponse of(long id) {
    TaskLife life = lives.of(id);
    if (life == null) {
      return null;
    }
    ExplainTaskResponse.Builder answer =
        ExplainTaskResponse.newBuilder()
            .setTaskId(id)
            .setStateValue(life.state().number())
            .setTime(times.of(life));
    if (life.end() != null) {
      answer.addReasons(
          Reasons.of(
                  ReasonKind.REASON_KIND_ENDED,
                  "it has ended: "
                      + life.state()
                      + (life.end().error().isEmpty() ? "" : ", " + life.end().error()))
              .setError(life.end().error())
              .setAttempt(life.attempt()));
      return answer.build();
    }
    addLive(answer, life, System.currentTimeMillis());
    return answer.build();
  }

  private void addLive(ExplainTaskResponse.Builder answer, TaskLife life, long nowMillis) {
    addCancel(answer, life);
    switch (life.state()) {
      case WAITING -> waiting.add(answer, life, nowMillis);
      case READY -> {
        addIfDown(answer, Role.SCHEDULER, "nothing is assigned");
        Task task = views.view(life.id());
        String key = task == null ? "" : task.getKey();
        ready.add(answer, TaskId.slot(life.id()), key, nowMillis);
      }
      default -> {
        addIfDown(answer, Role.REGISTER, "no end is recorded");
        leased.add(answer, life, nowMillis);
      }
    }
    addDeadlines(answer, life, nowMillis);
  }

  private static void addCancel(ExplainTaskResponse.Builder answer, TaskLife life) {
    if (life.cancel() != null) {
      String why = life.cancel().isEmpty() ? "" : ": " + life.cancel();
      answer.addReasons(
          Reasons.of(
                  ReasonKind.REASON_KIND_CANCEL_ASKED, "its cancellation has been asked for" + why)
              .setError(life.cancel())
              .setRemedy(
                  life.held() == null
                      ? "it ends in a moment"
                      : "its worker has been told; it ends as its handler decides"));
    }
  }

  private void addIfDown(ExplainTaskResponse.Builder answer, Role role, String what) {
    for (ProcessInfo process : stats.get().getProcessesList()) {
      boolean runs = process.getState().equals("ALIVE");
      if (process.getRole().equals(role.label()) && !runs) {
        answer.addReasons(
            Reasons.of(
                    ReasonKind.REASON_KIND_SERVER_DOWN,
                    "the server "
                        + role.label()
                        + " does not run ("
                        + process.getState()
                        + "): "
                        + what)
                .setName(role.label())
                .setRemedy("the supervisor starts it again; without one: scripts/start-all.sh"));
      }
    }
  }

  private void addDeadlines(ExplainTaskResponse.Builder answer, TaskLife life, long nowMillis) {
    int slot = TaskId.slot(life.id());
    if (!tasks.hasTerms(slot)) {
      return;
    }
    long startBy = wall(terms.startByNanos(slot));
    if (startBy != 0 && life.state() != TaskState.RUNNING && tasks.startedNanos(slot) == 0) {
      answer.addReasons(
          Reasons.of(
                  ReasonKind.REASON_KIND_START_DEADLINE,
                  "it ends EXPIRED if it has not started by " + Reasons.at(startBy, nowMillis))
              .setUntilMs(startBy));
    }
    long endBy = wall(terms.endByNanos(slot));
    if (endBy != 0) {
      answer.addReasons(
          Reasons.of(
                  ReasonKind.REASON_KIND_DEADLINE,
                  "it ends EXPIRED if it has not ended by " + Reasons.at(endBy, nowMillis))
              .setUntilMs(endBy));
    }
  }

  private long wall(long nanos) {
    return nanos == 0 ? 0 : control.wallMillis(control.millisAt(nanos));
  }
}
