package io.tidemill.plm;

import io.tidemill.v1.BulkRefusals;
import io.tidemill.v1.BulkTasksRequest;
import io.tidemill.v1.BulkTasksResponse;
import io.tidemill.v1.Task;
import io.tidemill.v1.TaskFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Does something with all tasks that match, a bounded number a call: each call goes over some of
 * them as {@link TaskWalk} does, and acts on those it has met before it answers. A call that is
 * sent again finds what it has done, and does it once: a requeue answers the same new task, what
 * was discarded is no longer met, and to cancel twice is to cancel.
 */
final class BulkCalls {
  /** Acted on in one call. */
  private static final int TASKS_PER_CALL = 500;

  private static final int SAMPLES_MAX = 10;

  private final TaskWalk walk;
  private final TaskViews views;
  private final Cancels cancels;
  private final Requeues requeues;
  private final Discards discards;

  BulkCalls(TaskWalk walk, TaskViews views, Cancels cancels, Requeues requeues, Discards discards) {
    this.walk = walk;
    this.views = views;
    this.cancels = cancels;
    this.requeues = requeues;
    this.discards = discards;
  }

  /** The answer, and whether what it promises has to be forced first. */
  record Done(BulkTasksResponse response, boolean waitsForDisk) {}

  /**
   * One call's share. Reads and writes journals: not for a transport's thread.
   *
   * @throws io.grpc.StatusRuntimeException that names the field that is wrong
   */
  Done call(BulkTasksRequest request) {
    TaskFilter filter = BulkCheck.filter(request);
    ListToken from =
        walk.position(request.getPageToken(), TaskMatcher.hash(filter, request.getAction().name()));
    TaskMatcher matcher = views.matcher(filter);
    Met met = new Met(views, matcher, request.getDryRun());
    String next = walk.walk(from, matcher, met);
    Report report = new Report();
    report.response.setMatched(met.matched).addAllSamples(met.samples).setNextPageToken(next);
    boolean disk = act(request, filter, met.ids, report);
    return new Done(report.build(), disk);
  }

  private boolean act(BulkTasksRequest request, TaskFilter filter, List<Long> ids, Report report) {
    if (ids.isEmpty()) {
      return false;
    }
    return switch (request.getAction()) {
      case BULK_ACTION_CANCEL -> cancel(ids, request.getReason(), filter, report);
      case BULK_ACTION_REQUEUE -> requeue(ids, report);
      default -> discard(ids, report);
    };
  }

  /** Those that have left the states that were asked for meanwhile stay as they are. */
  private boolean cancel(List<Long> ids, String reason, TaskFilter filter, Report report) {
    for (long id : ids) {
      report.add(cancels.ask(id, reason, filter.getStatesValueList()), false);
    }
    return false;
  }

  /** The filter has said which. */
  private boolean requeue(List<Long> ids, Report report) {
    Requeues.Outcomes outcomes = requeues.requeue(ids, true);
    for (Requeues.Outcome outcome : outcomes.all()) {
      report.add(outcome.refused(), outcome.already());
    }
    return outcomes.waitsForDisk();
  }

  private boolean discard(List<Long> ids, Report report) {
    for (Refused refused : discards.discard(ids)) {
      report.add(refused, false);
    }
    return discards.isDisk();
  }

  /** What one call meets: the ids to act on, or in a dry run their number and some of them. */
  private static final class Met extends TaskReading {
    private final TaskViews views;
    private final boolean isDry;
    private final List<Long> ids = new ArrayList<>();
    private final List<Task> samples = new ArrayList<>();
    private long matched;

    Met(TaskViews views, TaskMatcher matcher, boolean isDry) {
      super(views, matcher);
      this.views = views;
      this.isDry = isDry;
    }

    @Override
    public int room() {
      return isDry ? super.room() : Math.min(super.room(), TASKS_PER_CALL - ids.size());
    }

    @Override
    public void slot(long id, int state, boolean sure) {
      if (sure) {
        take(id, null);
      } else {
        super.slot(id, state, false);
      }
    }

    @Override
    public void kept(long id, int state, long outcome, long submission, boolean sure) {
      if (sure) {
        take(id, null);
      } else {
        super.kept(id, state, outcome, submission, false);
      }
    }

    @Override
    void found(Task task) {
      take(task.getTaskId(), task);
    }

    private void take(long id, Task known) {
      matched++;
      if (!isDry) {
        ids.add(id);
      } else if (samples.size() < SAMPLES_MAX) {
        Task task = known == null ? views.view(id) : known;
        if (task != null) {
          samples.add(task.toBuilder().clearResult().build());
        }
      }
    }
  }

  /** What came of those that were met. */
  private static final class Report {
    private final BulkTasksResponse.Builder response = BulkTasksResponse.newBuilder();
    private final Map<String, BulkRefusals.Builder> refusals = new TreeMap<>();
    private long done;
    private long already;

    void add(Refused refused, boolean before) {
      if (refused == null) {
        done++;
        already += before ? 1 : 0;
        return;
      }
      BulkRefusals.Builder same =
          refusals.computeIfAbsent(
              refused.reason(),
              reason -> BulkRefusals.newBuilder().setReason(reason).setMessage(refused.message()));
      same.setCount(same.getCount() + 1);
    }

    BulkTasksResponse build() {
      refusals.values().forEach(response::addRefusals);
      return response.setDone(done).setAlready(already).build();
    }
  }
}
