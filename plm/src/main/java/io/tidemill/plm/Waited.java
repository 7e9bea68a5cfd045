package io.tidemill.plm;

import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.TaskState;

/** When a task was to be ready for the first time, and was. By the instance's clock, in ms. */
final class Waited {
  private Waited() {}

  /** Not before this; 0: at once. */
  static long dueMillis(Control control, TaskLife life) {
    return life.accepted().runAtWallMillis() == 0
        ? life.accepted().dueMillis()
        : life.accepted().runAtWallMillis() - control.wallMillis(1) + 1;
  }

  /** When it first took its place in the order; 0: it has not, or that is not known. */
  static long readyMillis(Control control, TaskLife life) {
    long due = dueMillis(control, life);
    boolean waits = life.accepted().waitsFor() > 0 && life.accepted().releasedMillis() == 0;
    boolean wasHeld = life.held() != null || !life.past().leases().isEmpty();
    if (wasHeld || life.state() == TaskState.READY) {
      return waits ? 0 : latest(life, due);
    }
    boolean ended = life.end() != null && !waits && latest(life, due) <= life.end().millis();
    return ended ? latest(life, due) : 0;
  }

  private static long latest(TaskLife life, long due) {
    return Math.max(life.accepted().millis(), Math.max(due, life.accepted().releasedMillis()));
  }
}
