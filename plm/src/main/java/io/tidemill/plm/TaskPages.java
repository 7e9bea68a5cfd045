package io.tidemill.plm;

import io.tidemill.rpc.RpcErrors;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.v1.ListTasksRequest;
import io.tidemill.v1.ListTasksResponse;
import io.tidemill.v1.Task;
import java.util.BitSet;
import java.util.HashSet;
import java.util.Set;

/**
 * Lists tasks page by page: the live ones in the order of their slots, then the kept ended ones,
 * oldest first. A token says where the next page begins, so that tasks that come and go meanwhile
 * disturb nothing. A page may be short, even empty, where a filter leaves much out.
 */
final class TaskPages {
  private static final int PAGE_DEFAULT = 100;
  private static final int PAGE_MAX = 1_000;

  /** Kept tasks that one call looks at. */
  private static final int KEPT_PER_CALL = 100_000;

  private static final int LOCKED_STEPS = 1_000;
  private static final int PAGE_BYTES = 3 << 20;

  private final TaskTable tasks;
  private final FreeSlots free;
  private final Ends ends;
  private final TaskViews views;

  TaskPages(TaskTable tasks, FreeSlots free, Ends ends, TaskViews views) {
    this.tasks = tasks;
    this.free = free;
    this.ends = ends;
    this.views = views;
  }

  /** What a request asks for, looked at field by field. */
  private final class Page {
    private final ListTasksResponse.Builder response = ListTasksResponse.newBuilder();
    private final int size;
    private final Set<Integer> states = new HashSet<>();
    private final BitSet lanes;
    private long bytes;

    Page(ListTasksRequest request) {
      size = pageSize(request.getPageSize());
      request.getStatesValueList().forEach(state -> states.add(checkedState(state)));
      lanes = request.getType().isEmpty() ? null : views.lanesOf(request.getType());
    }

    boolean isFull() {
      return response.getTasksCount() >= size || bytes >= PAGE_BYTES;
    }

    boolean wants(int state, int ofType) {
      return (states.isEmpty() || states.contains(state)) && (lanes == null || lanes.get(ofType));
    }

    void add(Task task) {
      if (task != null && (states.isEmpty() || states.contains(task.getStateValue()))) {
        response.addTasks(task);
        bytes += task.getSerializedSize();
      }
    }

    ListTasksResponse end(String token) {
      return response.setNextPageToken(token).build();
    }
  }

  /** One page. Reads slots and journals for some milliseconds: not for a transport's thread. */
  ListTasksResponse page(ListTasksRequest request) {
    Page page = new Page(request);
    String token = request.getPageToken();
    if (page.lanes != null && page.lanes.isEmpty()) {
      position(token);
      return page.end("");
    }
    return token.startsWith("e") ? kept(page, position(token)) : live(page, position(token));
  }

  private ListTasksResponse live(Page page, long from) {
    int frontier = free.frontier();
    for (long slot = from; slot < frontier; slot++) {
      if (page.isFull()) {
        return page.end("s" + slot);
      }
      addLive(page, (int) slot);
    }
    return kept(page, 0);
  }

  private void addLive(Page page, int slot) {
    long word = tasks.word(slot);
    TaskState state = StateWord.state(word);
    if (state.isLive() && page.wants(state.number(), tasks.type(slot))) {
      page.add(views.live(tasks.id(slot)));
    }
  }

  private ListTasksResponse kept(Page page, long from) {
    long next = from;
    long[] found = new long[3 * LOCKED_STEPS];
    for (int seen = 0; seen < KEPT_PER_CALL; seen += LOCKED_STEPS) {
      if (page.isFull()) {
        return page.end("e" + next);
      }
      long begin = next;
      int wanted = page.size - page.response.getTasksCount();
      long end = ends.whileStill(kept -> collect(kept, page, begin, wanted, found));
      int count = (int) found[0];
      for (int i = 0; i < count; i++) {
        page.add(views.ended(found[3 * i + 1], found[3 * i + 2], found[3 * i + 3]));
      }
      if (end < 0) {
        return page.end("");
      }
      next = end;
    }
    return page.end("e" + next);
  }

  /**
   * Under the lock: notes what is wanted, {count, id, outcome, submission, ...}; answers where to
   * go on, -1: nowhere.
   */
  private static long collect(EndedTasks kept, Page page, long begin, int wanted, long[] found) {
    long number = Math.max(begin, kept.oldestNumber());
    int limit = Math.min(wanted, LOCKED_STEPS - 1);
    int count = 0;
    for (int steps = 0; steps < LOCKED_STEPS && count < limit; steps++, number++) {
      if (number >= kept.nextNumber()) {
        found[0] = count;
        return -1;
      }
      int at = kept.index(number);
      if (page.wants(kept.state(at).number(), kept.type(at))) {
        found[3 * count + 1] = kept.id(at);
        found[3 * count + 2] = kept.outcome(at);
        found[3 * count + 3] = kept.submission(at);
        count++;
      }
    }
    found[0] = count;
    return number;
  }

  private static int pageSize(int asked) {
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

  private static int checkedState(int state) {
    if (state <= 0 || io.tidemill.v1.TaskState.forNumber(state) == null) {
      throw RpcErrors.invalid(
          "STATE_UNKNOWN",
          "states",
          state,
          "unknown task state: states=" + state + "; leave the list empty for all");
    }
    return state;
  }

  private static long position(String token) {
    if (token.isEmpty()) {
      return 0;
    }
    if (token.matches("[se][0-9]{1,18}")) {
      return Long.parseLong(token.substring(1));
    }
    throw RpcErrors.invalid(
        "PAGE_TOKEN_INVALID",
        "page_token",
        SpecCheck.shown(token),
        "not a page token: page_token='"
            + SpecCheck.shown(token)
            + "'; use next_page_token of the answer before, or none");
  }
}
