package io.tidemill.client;

import io.tidemill.v1.BulkTasksRequest;
import io.tidemill.v1.BulkTasksResponse;
import io.tidemill.v1.DiscardTasksRequest;
import io.tidemill.v1.DiscardTasksResponse;
import io.tidemill.v1.RequeueTasksRequest;
import io.tidemill.v1.RequeueTasksResponse;
import io.tidemill.v1.TaskActionResult;
import io.tidemill.v1.TaskAdminServiceGrpc.TaskAdminServiceFutureStub;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * What is done with ended tasks and with many tasks at once. Every call repeats itself while the
 * server is away, and so that nothing is done twice. Of {@link TidemillClient#admin}.
 */
public final class TaskAdmin {
  /** In one call. */
  private static final int IDS_MAX = 1_000;

  private final TidemillClient client;
  private final TaskAdminServiceFutureStub stub;

  TaskAdmin(TidemillClient client, TaskAdminServiceFutureStub stub) {
    this.client = client;
    this.stub = stub;
  }

  /**
   * Submits ended tasks again, as new tasks with what they were submitted with: one new task for
   * each, however often this is called.
   *
   * @param taskIds any number of FAILED, CANCELLED, EXPIRED or DEAD ones
   * @param succeeded SUCCEEDED ones, too
   * @return one for each, in their order: the new task's id, or a refusal
   */
  public List<TaskActionResult> requeue(List<Long> taskIds, boolean succeeded) {
    List<TaskActionResult> results = new ArrayList<>();
    for (List<Long> ids : parts(taskIds)) {
      RequeueTasksRequest request =
          RequeueTasksRequest.newBuilder().addAllTaskIds(ids).setSucceeded(succeeded).build();
      RequeueTasksResponse answer = client.ask(how -> how.on(stub).requeueTasks(request));
      results.addAll(answer.getResultsList());
    }
    return results;
  }

  /**
   * Forgets ended tasks now, with their results and errors.
   *
   * @return one for each, in their order: a refusal, or none
   */
  public List<TaskActionResult> discard(List<Long> taskIds) {
    List<TaskActionResult> results = new ArrayList<>();
    for (List<Long> ids : parts(taskIds)) {
      DiscardTasksRequest request = DiscardTasksRequest.newBuilder().addAllTaskIds(ids).build();
      DiscardTasksResponse answer = client.ask(how -> how.on(stub).discardTasks(request));
      results.addAll(answer.getResultsList());
    }
    return results;
  }

  private static List<List<Long>> parts(List<Long> all) {
    List<List<Long>> parts = new ArrayList<>();
    for (int from = 0; from < all.size(); from += IDS_MAX) {
      parts.add(all.subList(from, Math.min(all.size(), from + IDS_MAX)));
    }
    return parts;
  }

  /**
   * Does something with all tasks that match, or counts them (a dry run): call after call, until
   * there are no more. Tasks that were submitted after it began are left alone.
   *
   * @return the sums over all calls
   */
  public BulkTasksResponse bulk(BulkTasksRequest request) {
    return bulk(request, sums -> {});
  }

  /**
   * The same.
   *
   * @param progress told the sums after each call
   */
  public BulkTasksResponse bulk(BulkTasksRequest request, Consumer<BulkTasksResponse> progress) {
    BulkSums sums = new BulkSums();
    String token = request.getPageToken();
    do {
      BulkTasksRequest next = request.toBuilder().setPageToken(token).build();
      BulkTasksResponse answer = client.ask(how -> how.on(stub).bulkTasks(next));
      sums.add(answer);
      progress.accept(sums.sums());
      token = answer.getNextPageToken();
    } while (!token.isEmpty());
    return sums.sums();
  }
}
