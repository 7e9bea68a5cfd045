package io.tidemill.client;

import io.tidemill.v1.Duplicate;
import io.tidemill.v1.Durability;
import io.tidemill.v1.Refusal;
import io.tidemill.v1.SubmitTasksRequest;
import io.tidemill.v1.SubmitTasksResponse;
import io.tidemill.v1.TaskSpec;
import java.util.ArrayList;
import java.util.List;

/** Cuts many submissions into requests that fit a message, and joins the answers to one. */
final class SubmitBatches {
  private static final int TASKS_MAX = 10_000;
  private static final int BYTES_MAX = 1024 * 1024;

  private SubmitBatches() {}

  static List<SubmitTasksRequest> cut(List<TaskSpec> specs) {
    List<SubmitTasksRequest> requests = new ArrayList<>();
    SubmitTasksRequest.Builder request = SubmitTasksRequest.newBuilder();
    int bytes = 0;
    for (TaskSpec spec : specs) {
      int size = spec.getSerializedSize();
      boolean full = request.getTasksCount() == TASKS_MAX || bytes + size > BYTES_MAX;
      if (full && request.getTasksCount() > 0) {
        requests.add(request.build());
        request = SubmitTasksRequest.newBuilder();
        bytes = 0;
      }
      request.addTasks(spec);
      bytes += size;
    }
    if (request.getTasksCount() > 0) {
      requests.add(request.build());
    }
    return requests;
  }

  /**
   * Adds the answer to the next request; its refusals' and duplicates' indexes then count from the
   * first request's first task.
   */
  static SubmitTasksResponse join(SubmitTasksResponse before, SubmitTasksResponse next) {
    int offset = before.getTaskIdsCount();
    SubmitTasksResponse.Builder joined =
        before.toBuilder()
            .addAllTaskIds(next.getTaskIdsList())
            .setDuplicates(before.getDuplicates() + next.getDuplicates())
            .setDurability(lower(before.getDurability(), next.getDurability()));
    for (Refusal refusal : next.getRefusalsList()) {
      joined.addRefusals(refusal.toBuilder().setNumber(refusal.getNumber() + offset));
    }
    for (Duplicate duplicate : next.getDuplicateTasksList()) {
      joined.addDuplicateTasks(duplicate.toBuilder().setNumber(duplicate.getNumber() + offset));
    }
    return joined.build();
  }

  private static Durability lower(Durability before, Durability next) {
    boolean first = before == Durability.DURABILITY_UNSPECIFIED;
    return first || next.getNumber() < before.getNumber() ? next : before;
  }
}
