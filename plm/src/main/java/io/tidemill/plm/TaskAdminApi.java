package io.tidemill.plm;

import io.grpc.stub.StreamObserver;
import io.tidemill.rpc.RpcErrors;
import io.tidemill.v1.BulkTasksRequest;
import io.tidemill.v1.BulkTasksResponse;
import io.tidemill.v1.DiscardTasksRequest;
import io.tidemill.v1.DiscardTasksResponse;
import io.tidemill.v1.RequeueTasksRequest;
import io.tidemill.v1.RequeueTasksResponse;
import io.tidemill.v1.TaskActionResult;
import io.tidemill.v1.TaskAdminServiceGrpc;
import java.util.List;

/** Calls that act on ended tasks and on many tasks. On the thread of lists and figures. */
final class TaskAdminApi extends TaskAdminServiceGrpc.TaskAdminServiceImplBase {
  static final int TASKS_MAX = 1_000;

  private final Requeues requeues;
  private final Discards discards;
  private final BulkCalls bulk;
  private final Intake intake;
  private final SlowCalls slow;

  TaskAdminApi(
      Requeues requeues, Discards discards, BulkCalls bulk, Intake intake, SlowCalls slow) {
    this.requeues = requeues;
    this.discards = discards;
    this.bulk = bulk;
    this.intake = intake;
    this.slow = slow;
  }

  @Override
  public void requeueTasks(
      RequeueTasksRequest request, StreamObserver<RequeueTasksResponse> answer) {
    slow.run(
        answer,
        () -> {
          checkCount(request.getTaskIdsCount());
          List<Long> ids = request.getTaskIdsList();
          Requeues.Outcomes outcomes = requeues.requeue(ids, request.getSucceeded());
          RequeueTasksResponse.Builder response = RequeueTasksResponse.newBuilder();
          for (int i = 0; i < ids.size(); i++) {
            Requeues.Outcome outcome = outcomes.all().get(i);
            TaskActionResult.Builder result =
                TaskActionResult.newBuilder()
                    .setTaskId(ids.get(i))
                    .setNewTaskId(outcome.newId())
                    .setAlready(outcome.already());
            addRefusal(result, outcome.refused(), i);
            response.addResults(result);
          }
          afterPromise(outcomes.waitsForDisk(), () -> SlowCalls.reply(answer, response.build()));
        });
  }

  @Override
  public void discardTasks(
      DiscardTasksRequest request, StreamObserver<DiscardTasksResponse> answer) {
    slow.run(
        answer,
        () -> {
          checkCount(request.getTaskIdsCount());
          List<Long> ids = request.getTaskIdsList();
          Refused[] refused = discards.discard(ids);
          DiscardTasksResponse.Builder response = DiscardTasksResponse.newBuilder();
          for (int i = 0; i < ids.size(); i++) {
            TaskActionResult.Builder result = TaskActionResult.newBuilder().setTaskId(ids.get(i));
            addRefusal(result, refused[i], i);
            response.addResults(result);
          }
          intake.afterDefined(() -> SlowCalls.reply(answer, response.build()));
        });
  }

  private static void addRefusal(TaskActionResult.Builder result, Refused refused, int index) {
    if (refused != null) {
      result.setRefusal(refused.toRefusal(index));
    }
  }

  @Override
  public void bulkTasks(BulkTasksRequest request, StreamObserver<BulkTasksResponse> answer) {
    slow.run(
        answer,
        () -> {
          BulkCalls.Done done = bulk.call(request);
          afterPromise(done.waitsForDisk(), () -> SlowCalls.reply(answer, done.response()));
        });
  }

  private void afterPromise(boolean disk, Runnable then) {
    if (disk) {
      intake.afterForce(then);
    } else {
      then.run();
    }
  }

  private static void checkCount(int count) {
    if (count == 0 || count > TASKS_MAX) {
      throw RpcErrors.invalid(
          "TASK_IDS_COUNT",
          "task_ids",
          count,
          (count == 0 ? "no task is named" : "too many tasks are named")
              + ": task_ids="
              + count
              + "; name 1 to "
              + TASKS_MAX);
    }
  }
}
