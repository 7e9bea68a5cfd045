package io.tidemill.plm;

import io.tidemill.shm.journal.RecordView;
import io.tidemill.shm.journal.SubmissionDecoder;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.v1.GetDependenciesResponse;
import io.tidemill.v1.ParentResult;
import io.tidemill.v1.StoredExtra;
import io.tidemill.v1.TaskState;
import java.util.List;

/** What tasks wait for, as clients see it. Any thread. */
final class DependencyViews {
  private final TaskTable tasks;
  private final Ends ends;
  private final RecordReaders submissions;
  private final TaskViews views;

  DependencyViews(TaskTable tasks, Ends ends, RecordReaders submissions, TaskViews views) {
    this.tasks = tasks;
    this.ends = ends;
    this.submissions = submissions;
    this.views = views;
  }

  /** Null: the task is neither live nor kept. */
  GetDependenciesResponse of(long id) {
    StoredExtra extra = extra(id);
    if (extra == null) {
      return null;
    }
    List<ParentResult> known =
        extra.getParentsCount() > 0
            ? extra.getParentsList().stream().map(p -> p.toBuilder().clearResult().build()).toList()
            : extra.getDependsOnList().stream().map(this::look).toList();
    int ended = 0;
    int succeeded = 0;
    for (ParentResult each : known) {
      ended += each.getStateValue() >= TaskState.TASK_STATE_SUCCEEDED_VALUE ? 1 : 0;
      succeeded += each.getState() == TaskState.TASK_STATE_SUCCEEDED ? 1 : 0;
    }
    return GetDependenciesResponse.newBuilder()
        .setRule(extra.getDependencyRule())
        .setTotal(known.size())
        .setEnded(ended)
        .setSucceeded(succeeded)
        .setFailed(ended - succeeded)
        .addAllTasks(known)
        .build();
  }

  /** Null if the task cannot be found; empty if it waits for none. */
  private StoredExtra extra(long id) {
    return ends.find(
        id,
        this::live,
        (outcome, submission) -> {
          StoredExtra kept = read(id, submission);
          return kept == null ? StoredExtra.getDefaultInstance() : kept;
        });
  }

  /** Of the slot; null if the task is not there, or was moved while we looked. */
  private StoredExtra live(long id) {
    long word = tasks.wordOf(id);
    boolean filled =
        word != -1 && StateWord.state(word) != io.tidemill.shm.region.TaskState.FILLING;
    return filled ? read(id, tasks.submission(TaskId.slot(id))) : null;
  }

  /** Null: there is no such record any more. */
  private StoredExtra read(long id, long position) {
    try (RecordReaders.Lent lent = submissions.lend()) {
      RecordView record = position == 0 ? null : lent.read(position);
      if (record == null) {
        return null;
      }
      SubmissionDecoder submission = new SubmissionDecoder().wrap(record);
      return submission.taskId() == id ? Extras.of(submission.terms()) : null;
    }
  }

  private ParentResult look(long id) {
    var task = views.view(id);
    return ParentResult.newBuilder()
        .setTaskId(id)
        .setState(task == null ? TaskState.TASK_STATE_UNSPECIFIED : task.getState())
        .build();
  }
}
