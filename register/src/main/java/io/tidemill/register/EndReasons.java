package io.tidemill.register;

import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.Deadlines;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.shm.region.TermsTable;
import java.time.Instant;

/**
 * Why a live task should end though nobody says that it is done: it was cancelled, or a deadline of
 * its is over. What stands in the slot decides, whoever asked. Guarded.
 */
final class EndReasons {
  /**
   * @param end what the task ends as
   * @param text for its error
   * @param unlessStarted it is only to end if no handler has started it
   */
  record Reason(TaskState end, String text, boolean unlessStarted) {}

  private final Control control;
  private final TaskTable tasks;
  private final TermsTable terms;
  private final Deadlines deadlines;
  private final CancelTexts cancelTexts;

  EndReasons(Instance instance) {
    this.control = instance.control();
    this.tasks = instance.regions().tasks();
    this.terms = instance.regions().terms();
    this.deadlines = new Deadlines(tasks, terms);
    this.cancelTexts = new CancelTexts(instance.regions());
  }

  /** Null: it goes on. */
  Reason of(int slot, TaskState state, long nowNanos) {
    if (tasks.isCancelAsked(slot)) {
      return new Reason(TaskState.CANCELLED, cancelTexts.of(tasks.id(slot)), false);
    }
    if (!tasks.hasTerms(slot)) {
      return null;
    }
    if (deadlines.isEndOver(slot, nowNanos)) {
      return expired("its deadline is over: deadline=", terms.endByNanos(slot), false);
    }
    if (deadlines.isStartOver(slot, state, nowNanos)) {
      return expired("it did not start in time: start_by=", terms.startByNanos(slot), true);
    }
    return null;
  }

  private Reason expired(String what, long nanos, boolean unlessStarted) {
    Instant when = Instant.ofEpochMilli(control.wallMillis(control.millisAt(nanos)));
    return new Reason(TaskState.EXPIRED, what + when, unlessStarted);
  }
}
