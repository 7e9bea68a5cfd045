package io.tidemill.bench.relay;

import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import io.tidemill.v1.SessionOpened;
import io.tidemill.v1.SessionRequest;
import io.tidemill.v1.SessionResponse;
import io.tidemill.v1.SubmitAcks;
import io.tidemill.v1.SubmitRun;
import io.tidemill.v1.TaskResult;
import io.tidemill.v1.TaskResults;
import io.tidemill.v1.TaskServiceGrpc;
import io.tidemill.v1.TaskState;

/**
 * Acknowledges and ends every task at once, in the transport's thread: what the client library and
 * the load generator can do at most.
 */
final class RelaySink extends TaskServiceGrpc.TaskServiceImplBase {
  private static final int WINDOW = 1 << 20;
  private static final ByteString RESULT = ByteString.copyFromUtf8("0123456789abcdef");

  @Override
  public StreamObserver<SessionRequest> session(StreamObserver<SessionResponse> call) {
    return new StreamObserver<>() {
      private boolean results;

      @Override
      public void onNext(SessionRequest request) {
        if (request.hasOpen()) {
          results = !request.getOpen().getNoResults();
          call.onNext(
              SessionResponse.newBuilder()
                  .setOpened(SessionOpened.newBuilder().setSubmitWindow(WINDOW))
                  .build());
        } else {
          answer(call, request.getSubmit(), results);
        }
      }

      @Override
      public void onError(Throwable gone) {}

      @Override
      public void onCompleted() {
        call.onCompleted();
      }
    };
  }

  private static void answer(StreamObserver<SessionResponse> to, SubmitRun run, boolean results) {
    SubmitAcks.Builder acks = SubmitAcks.newBuilder().setFirstNumber(run.getFirstNumber());
    TaskResults.Builder ends = TaskResults.newBuilder();
    for (int i = 0; i < run.getTasksCount(); i++) {
      long number = run.getFirstNumber() + i;
      acks.addTaskIds(number);
      if (results) {
        ends.addResults(
            TaskResult.newBuilder()
                .setTaskId(number)
                .setNumber(number)
                .setState(TaskState.TASK_STATE_SUCCEEDED)
                .setResult(RESULT));
      }
    }
    to.onNext(SessionResponse.newBuilder().setAcks(acks).build());
    if (results) {
      to.onNext(SessionResponse.newBuilder().setResults(ends).build());
    }
  }
}
