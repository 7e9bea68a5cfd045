package io.tidemill.bench.relay;

import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import io.tidemill.rpc.Transport;
import io.tidemill.v1.Assignment;
import io.tidemill.v1.DispatchHello;
import io.tidemill.v1.DispatchRequest;
import io.tidemill.v1.DispatchResponse;
import io.tidemill.v1.DispatchServiceGrpc;
import io.tidemill.v1.HeartbeatRequest;
import io.tidemill.v1.HeartbeatResponse;
import io.tidemill.v1.TaskReport;
import io.tidemill.v1.WorkerServiceGrpc;
import java.util.concurrent.CountDownLatch;

/**
 * In the worker's place: each task's payload goes back as its result, on the transport's thread.
 */
final class RelayWorker implements StreamObserver<DispatchResponse> {
  private final CountDownLatch gone = new CountDownLatch(1);
  private final StreamObserver<HeartbeatRequest> beats;
  private long reports;

  RelayWorker(String schedulerAddress, String registerAddress) {
    ManagedChannel scheduler = Transport.channel(schedulerAddress, RelayMain.MESSAGE_BYTES);
    ManagedChannel register = Transport.channel(registerAddress, RelayMain.MESSAGE_BYTES);
    this.beats = WorkerServiceGrpc.newStub(register).heartbeat(new Verdicts());
    DispatchServiceGrpc.newStub(scheduler)
        .dispatch(this)
        .onNext(
            DispatchRequest.newBuilder()
                .setHello(DispatchHello.newBuilder().setWorkerKey(1))
                .setWindow(1)
                .build());
  }

  void awaitGone() throws InterruptedException {
    gone.await();
  }

  @Override
  public void onNext(DispatchResponse message) {
    HeartbeatRequest.Builder beat = HeartbeatRequest.newBuilder().setFirstReport(reports + 1);
    for (Assignment task : message.getAssignmentsList()) {
      beat.addReports(
          TaskReport.newBuilder()
              .setTaskId(task.getTaskId())
              .setLease(task.getLease())
              .setKind(TaskReport.Kind.KIND_SUCCEEDED)
              .setResult(task.getPayload())
              .setRunUs(1));
    }
    reports += message.getAssignmentsCount();
    beats.onNext(beat.build());
  }

  @Override
  public void onError(Throwable broken) {
    gone.countDown();
  }

  @Override
  public void onCompleted() {
    gone.countDown();
  }

  private static final class Verdicts implements StreamObserver<HeartbeatResponse> {
    @Override
    public void onNext(HeartbeatResponse verdict) {}

    @Override
    public void onError(Throwable broken) {}

    @Override
    public void onCompleted() {}
  }
}
