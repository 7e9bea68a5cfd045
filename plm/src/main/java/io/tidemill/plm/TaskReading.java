package io.tidemill.plm;

import io.tidemill.v1.Task;

/** Reads the records of tasks that a walk meets, up to what one call may read. */
abstract class TaskReading implements TaskWalk.Visitor {
  /** Tasks whose records one call reads. */
  private static final int RECORDS_PER_CALL = 5_000;

  /** Results read, of tasks that do not match as well. */
  private static final long BYTES_PER_CALL = 64 << 20;

  private final TaskViews views;
  private final TaskMatcher matcher;
  private int records = RECORDS_PER_CALL;
  private long bytes = BYTES_PER_CALL;

  TaskReading(TaskViews views, TaskMatcher matcher) {
    this.views = views;
    this.matcher = matcher;
  }

  @Override
  public int room() {
    return bytes <= 0 ? 0 : records;
  }

  @Override
  public void slot(long id, int state, boolean sure) {
    read(views.view(id));
  }

  @Override
  public void kept(long id, int state, long outcome, long submission, boolean sure) {
    read(views.ended(id, outcome, submission));
  }

  private void read(Task task) {
    records--;
    if (task != null) {
      bytes -= task.getResult().size();
      if (matcher.matches(task)) {
        found(task);
      }
    }
  }

  /** One that matches. */
  abstract void found(Task task);
}
