package io.tidemill.plm;

import io.tidemill.rpc.RpcErrors;
import io.tidemill.v1.CountTasksRequest;
import io.tidemill.v1.CountTasksResponse;
import io.tidemill.v1.ListTasksRequest;
import io.tidemill.v1.ListTasksResponse;
import io.tidemill.v1.Task;
import io.tidemill.v1.TaskFilter;
import io.tidemill.v1.TaskState;

/**
 * Lists and counts tasks, page by page: as {@link TaskWalk} goes over them. A call looks at so many
 * tasks and reads so many records; what is left is for the next one.
 */
final class TaskPages {
  private static final int PAGE_DEFAULT = 100;
  private static final int PAGE_MAX = 1_000;

  private static final int PAGE_BYTES = 3 << 20;

  private final TaskWalk walk;
  private final TaskViews views;

  TaskPages(TaskWalk walk, TaskViews views) {
    this.walk = walk;
    this.views = views;
  }

  /** One page. Reads slots and journals for some milliseconds: not for a transport's thread. */
  ListTasksResponse page(ListTasksRequest request) {
    int size = pageSize(request.getPageSize());
    TaskFilter filter = filter(request);
    FilterCheck.check(filter);
    ListToken from = walk.position(request.getPageToken(), TaskMatcher.hash(filter, "list"));
    TaskMatcher matcher = views.matcher(filter);
    Page page = new Page(views, matcher, size);
    String next = walk.walk(from, matcher, page);
    return page.response.setNextPageToken(next).build();
  }

  private static final class Page extends TaskReading {
    private final ListTasksResponse.Builder response = ListTasksResponse.newBuilder();
    private final int size;
    private int pageBytes;

    Page(TaskViews views, TaskMatcher matcher, int size) {
      super(views, matcher);
      this.size = size;
    }

    @Override
    public int room() {
      return pageBytes >= PAGE_BYTES ? 0 : Math.min(super.room(), size - response.getTasksCount());
    }

    @Override
    void found(Task task) {
      response.addTasks(task);
      pageBytes += task.getSerializedSize();
    }
  }

  private static TaskFilter filter(ListTasksRequest request) {
    TaskFilter.Builder filter = request.getFilter().toBuilder();
    if (request.getStatesCount() > 0 && filter.getStatesCount() > 0) {
      throw twice("states");
    }
    if (!request.getType().isEmpty() && !filter.getType().isEmpty()) {
      throw twice("type");
    }
    filter.addAllStatesValue(request.getStatesValueList());
    return request.getType().isEmpty() ? filter.build() : filter.setType(request.getType()).build();
  }

  private static RuntimeException twice(String field) {
    return RpcErrors.invalid(
        "FILTER_TWICE",
        field,
        "",
        "said twice: " + field + " and filter." + field + "; say it in the filter");
  }

  /** What one call counts. */
  CountTasksResponse count(CountTasksRequest request) {
    TaskFilter filter = request.getFilter();
    FilterCheck.check(filter);
    ListToken from = walk.position(request.getPageToken(), TaskMatcher.hash(filter, "count"));
    TaskMatcher matcher = views.matcher(filter);
    Count count = new Count(views, matcher);
    String next = walk.walk(from, matcher, count);
    return count.response().setNextPageToken(next).build();
  }

  /** Reads no records where the slot and the index are enough. */
  private static final class Count extends TaskReading {
    private final long[] counts = new long[TaskState.values().length];

    Count(TaskViews views, TaskMatcher matcher) {
      super(views, matcher);
    }

    @Override
    public void slot(long id, int state, boolean sure) {
      if (sure) {
        counts[state]++;
      } else {
        super.slot(id, state, false);
      }
    }

    @Override
    public void kept(long id, int state, long outcome, long submission, boolean sure) {
      if (sure) {
        counts[state]++;
      } else {
        super.kept(id, state, outcome, submission, false);
      }
    }

    @Override
    void found(Task task) {
      counts[task.getStateValue()]++;
    }

    CountTasksResponse.Builder response() {
      CountTasksResponse.Builder response = CountTasksResponse.newBuilder();
      for (int state = 0; state < counts.length; state++) {
        if (counts[state] > 0) {
          response.addCounts(
              CountTasksResponse.Count.newBuilder().setStateValue(state).setCount(counts[state]));
        }
      }
      return response;
    }
  }

  static int pageSize(int asked) {
    if (asked < 0 || asked > PAGE_MAX) {
      throw RpcErrors.invalid(
          "PAGE_SIZE_OUT_OF_RANGE",
          "page_size",
          Integer.toUnsignedString(asked),
          "page is too large: page_size="
              + Integer.toUnsignedString(asked)
              + "; say 1 to 1000, or 0 for 100");
    }
    return asked == 0 ? PAGE_DEFAULT : asked;
  }
}
