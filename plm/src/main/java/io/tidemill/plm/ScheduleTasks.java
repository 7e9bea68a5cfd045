package io.tidemill.plm;

import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.v1.StoredExtra;
import io.tidemill.v1.StoredSchedule;
import io.tidemill.v1.TaskSpec;
import java.util.List;
import java.util.function.Consumer;

/** What schedules do with tasks and definitions. */
final class ScheduleTasks {
  private final Intake intake;
  private final Cancels cancels;
  private final TaskTable tasks;

  ScheduleTasks(Intake intake, Cancels cancels, TaskTable tasks) {
    this.intake = intake;
    this.cancels = cancels;
    this.tasks = tasks;
  }

  SpecCheck check() {
    return intake.check();
  }

  /**
   * Submits the task of an occurrence, and makes definitions hold behind it in the same run.
   *
   * @return the batch, with an id or a refusal; where its unique key is held with the holder's id,
   *     and then nothing stands in the journal
   */
  Batch submit(StoredSchedule stored, long occurrence, List<Definitions.Change> along) {
    Batch batch =
        Batch.ofSchedule(stored.getSchedule().getTask(), origin(stored, occurrence), along);
    Refused untried = intake.acceptNow(batch);
    if (untried != null) {
      batch.refuse(0, untried);
    }
    intake.afterPromise(batch, done -> {});
    return batch;
  }

  /**
   * Submits its task beside its occurrences.
   *
   * @param acknowledge with the batch, when what is promised has been done
   * @return null, or why not
   */
  Refused trigger(StoredSchedule stored, String requestId, Consumer<Batch> acknowledge) {
    TaskSpec spec = stored.getSchedule().getTask().toBuilder().setRequestId(requestId).build();
    Batch batch = Batch.ofSchedule(spec, origin(stored, 0), List.of());
    return intake.run(
        List.of(spec),
        () -> {
          intake.accept(batch);
          intake.afterPromise(batch, acknowledge);
        });
  }

  private static StoredExtra origin(StoredSchedule stored, long occurrence) {
    return StoredExtra.newBuilder()
        .setSchedule(stored.getSchedule().getName())
        .setScheduleId(stored.getScheduleId())
        .setOccurrenceMs(occurrence)
        .build();
  }

  boolean isLive(long id) {
    long word = tasks.wordOf(id);
    return word != -1 && StateWord.state(word).isLive();
  }

  void cancel(long id, String reason) {
    cancels.ask(id, reason);
  }

  /** Null, or why they do not hold. */
  Refused define(List<Definitions.Change> changes) {
    return intake.define(changes, () -> {});
  }

  /** Runs something when what holds is as durable as the instance promises. */
  void afterDefined(Runnable then) {
    intake.afterDefined(then);
  }
}
