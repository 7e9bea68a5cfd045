package io.tidemill.plm;

import io.grpc.Status;
import io.tidemill.rpc.TaskIds;
import io.tidemill.shm.instance.Regions;
import io.tidemill.shm.region.NoteTable;
import io.tidemill.shm.region.Ring;
import io.tidemill.shm.region.Rings;
import io.tidemill.shm.region.Role;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.shm.region.WakeUp;
import java.util.List;
import java.util.Map;

/**
 * Asks the Register to cancel. The mark in the slot is what counts; the ring only hurries: an entry
 * that is lost is found by the Register's next scan.
 */
final class Cancels {
  private final Ends ends;
  private final TaskTable tasks;
  private final NoteTable notes;
  private final Ring toRegister;
  private final WakeUp register;

  Cancels(Ends ends, Regions regions) {
    this.ends = ends;
    this.tasks = regions.tasks();
    this.notes = regions.cancelNotes();
    this.toRegister = regions.rings().plmToRegister();
    this.register = regions.wakeUp(Role.REGISTER);
  }

  /**
   * Marks a live task; answers its state at that moment, or null if it is not live. The last reason
   * given counts, if the task has not ended by then; none (an empty one) takes none away.
   */
  TaskState ask(long id, String reason) {
    // Under the lock of the ends no slot goes to another task between the look and the mark.
    TaskState state = ends.whileStill(kept -> mark(id, reason));
    if (state != null) {
      register.wake();
    }
    return state;
  }

  /**
   * Marks a task if it is in one of these states.
   *
   * @param states their numbers
   * @return null, or why not
   */
  Refused ask(long id, String reason, List<Integer> states) {
    TaskState[] other = new TaskState[1];
    TaskState marked =
        ends.whileStill(
            kept -> {
              long word = tasks.wordOf(id);
              TaskState state = word == -1 ? null : StateWord.state(word);
              other[0] = state;
              boolean meant = state != null && states.contains(state.number());
              return meant ? mark(id, reason) : null;
            });
    if (marked == null) {
      return moved(id, other[0]);
    }
    register.wake();
    return null;
  }

  private static Refused moved(long id, TaskState state) {
    String shown = state == null || state.isEnd() ? "ended" : state.name();
    return new Refused(
        Status.Code.FAILED_PRECONDITION,
        "STATE_CHANGED",
        "the task has left the states that were asked for: task_id="
            + TaskIds.format(id)
            + " state="
            + shown
            + "; it stays as it is",
        Map.of("field", "task_id", "value", TaskIds.format(id)),
        0);
  }

  private TaskState mark(long id, String reason) {
    long word = tasks.wordOf(id);
    if (word == -1 || !StateWord.state(word).isLive()) {
      return null;
    }
    int slot = TaskId.slot(id);
    if (!reason.isEmpty()) {
      // Before the mark: the Register looks for the reason when it has seen that. The lock makes us
      // the notes' one writer.
      notes.write(id, 0, 0, reason);
    }
    tasks.cancelAsked(slot, true);
    toRegister.offer(Rings.event(Rings.TASK_CANCEL, slot), id);
    return StateWord.state(word);
  }
}
