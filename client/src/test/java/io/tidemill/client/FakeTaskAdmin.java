package io.tidemill.client;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.tidemill.v1.BulkRefusals;
import io.tidemill.v1.BulkTasksRequest;
import io.tidemill.v1.BulkTasksResponse;
import io.tidemill.v1.DiscardTasksRequest;
import io.tidemill.v1.DiscardTasksResponse;
import io.tidemill.v1.Refusal;
import io.tidemill.v1.RequeueTasksRequest;
import io.tidemill.v1.RequeueTasksResponse;
import io.tidemill.v1.Task;
import io.tidemill.v1.TaskActionResult;
import io.tidemill.v1.TaskAdminServiceGrpc;
import java.util.ArrayList;
import java.util.List;

/**
 * A PLM's part that acts on ended and on many tasks: knows ids from 1 to 100 and requeues each as
 * 1,000 more; has 25 tasks that match anything, ten a call, of which the last one is refused.
 */
public final class FakeTaskAdmin extends TaskAdminServiceGrpc.TaskAdminServiceImplBase {
  private static final int MATCHING = 25;
  private static final int A_CALL = 10;

  private final List<BulkTasksRequest> bulks = new ArrayList<>();

  /** What was asked for. */
  public synchronized List<BulkTasksRequest> bulks() {
    return List.copyOf(bulks);
  }

  @Override
  public void requeueTasks(
      RequeueTasksRequest request, StreamObserver<RequeueTasksResponse> responses) {
    RequeueTasksResponse.Builder answer = RequeueTasksResponse.newBuilder();
    for (long id : request.getTaskIdsList()) {
      TaskActionResult.Builder result = result(id);
      answer.addResults(result.hasRefusal() ? result : result.setNewTaskId(1_000 + id));
    }
    responses.onNext(answer.build());
    responses.onCompleted();
  }

  @Override
  public void discardTasks(
      DiscardTasksRequest request, StreamObserver<DiscardTasksResponse> responses) {
    DiscardTasksResponse.Builder answer = DiscardTasksResponse.newBuilder();
    request.getTaskIdsList().forEach(id -> answer.addResults(result(id)));
    responses.onNext(answer.build());
    responses.onCompleted();
  }

  private static TaskActionResult.Builder result(long id) {
    TaskActionResult.Builder result = TaskActionResult.newBuilder().setTaskId(id);
    return id <= 100
        ? result
        : result.setRefusal(
            Refusal.newBuilder()
                .setReason("TASK_UNKNOWN")
                .setMessage("no such task")
                .setCode(Status.Code.NOT_FOUND.value()));
  }

  @Override
  public synchronized void bulkTasks(
      BulkTasksRequest request, StreamObserver<BulkTasksResponse> responses) {
    bulks.add(request);
    int from = request.getPageToken().isEmpty() ? 0 : Integer.parseInt(request.getPageToken());
    int to = Math.min(MATCHING, from + A_CALL);
    boolean last = to == MATCHING;
    BulkTasksResponse.Builder answer =
        BulkTasksResponse.newBuilder()
            .setMatched(to - from)
            .setNextPageToken(last ? "" : String.valueOf(to));
    if (request.getDryRun()) {
      answer.addSamples(Task.newBuilder().setTaskId(from + 1).setType("echo"));
    } else {
      answer.setDone(to - from - (last ? 1 : 0));
      if (last) {
        answer.addRefusals(
            BulkRefusals.newBuilder().setReason("TASKS_FULL").setCount(1).setMessage("no room"));
      }
    }
    responses.onNext(answer.build());
    responses.onCompleted();
  }
}
