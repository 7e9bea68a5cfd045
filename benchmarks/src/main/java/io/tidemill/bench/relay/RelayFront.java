package io.tidemill.bench.relay;

import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import io.tidemill.shm.region.Ring;
import io.tidemill.shm.region.Rings;
import io.tidemill.shm.region.Role;
import io.tidemill.shm.region.WakeUp;
import io.tidemill.v1.SessionOpened;
import io.tidemill.v1.SessionRequest;
import io.tidemill.v1.SessionResponse;
import io.tidemill.v1.SubmitAcks;
import io.tidemill.v1.SubmitRun;
import io.tidemill.v1.TaskResult;
import io.tidemill.v1.TaskResults;
import io.tidemill.v1.TaskServiceGrpc;
import io.tidemill.v1.TaskState;

/** In the PLM's place: submissions go to the ring, what comes back goes to the client. */
final class RelayFront extends TaskServiceGrpc.TaskServiceImplBase implements RelayLoop.Turn {
  private static final ByteString RESULT = ByteString.copyFromUtf8("0123456789abcdef");

  private final Ring toScheduler;
  private final WakeUp scheduler;
  private volatile StreamObserver<SessionResponse> client;

  RelayFront(RelayMemory memory) {
    this.toScheduler = memory.rings().plmToScheduler();
    this.scheduler = memory.wakeUp(Role.SCHEDULER);
  }

  @Override
  public StreamObserver<SessionRequest> session(StreamObserver<SessionResponse> call) {
    client = call;
    return new StreamObserver<>() {
      @Override
      public void onNext(SessionRequest request) {
        if (request.hasOpen()) {
          send(SessionResponse.newBuilder().setOpened(SessionOpened.getDefaultInstance()).build());
        } else {
          submit(request.getSubmit());
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

  private void submit(SubmitRun run) {
    SubmitAcks.Builder acks = SubmitAcks.newBuilder().setFirstNumber(run.getFirstNumber());
    for (int i = 0; i < run.getTasksCount(); i++) {
      long id = run.getFirstNumber() + i;
      acks.addTaskIds(id);
      toScheduler.offer(Rings.event(Rings.TASK_READY, 0), id);
    }
    scheduler.wake();
    send(SessionResponse.newBuilder().setAcks(acks).build());
  }

  @Override
  public void onIds(long[] ids, int count) {
    TaskResults.Builder results = TaskResults.newBuilder();
    for (int i = 0; i < count; i++) {
      results.addResults(
          TaskResult.newBuilder()
              .setTaskId(ids[i])
              .setNumber(ids[i])
              .setState(TaskState.TASK_STATE_SUCCEEDED)
              .setResult(RESULT));
    }
    send(SessionResponse.newBuilder().setResults(results).build());
  }

  /** From the transport's thread and from the loop. */
  private void send(SessionResponse message) {
    synchronized (this) {
      client.onNext(message);
    }
  }
}
