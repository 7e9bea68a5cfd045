package io.tidemill.bench.relay;

import io.grpc.stub.StreamObserver;
import io.tidemill.shm.region.Ring;
import io.tidemill.shm.region.Rings;
import io.tidemill.shm.region.Role;
import io.tidemill.shm.region.WakeUp;
import io.tidemill.v1.HeartbeatRequest;
import io.tidemill.v1.HeartbeatResponse;
import io.tidemill.v1.TaskReport;
import io.tidemill.v1.WorkerServiceGrpc;

/** In the Register's place: results go to the ring, and the worker hears that they are settled. */
final class RelayRegister extends WorkerServiceGrpc.WorkerServiceImplBase {
  private final Ring toPlm;
  private final WakeUp plm;

  RelayRegister(RelayMemory memory) {
    this.toPlm = memory.rings().registerToPlm();
    this.plm = memory.wakeUp(Role.PLM);
  }

  @Override
  public StreamObserver<HeartbeatRequest> heartbeat(StreamObserver<HeartbeatResponse> call) {
    return new StreamObserver<>() {
      @Override
      public void onNext(HeartbeatRequest beat) {
        for (TaskReport report : beat.getReportsList()) {
          toPlm.offer(Rings.event(Rings.TASK_ENDED, 0), report.getTaskId());
        }
        plm.wake();
        call.onNext(
            HeartbeatResponse.newBuilder()
                .setSettledThrough(beat.getFirstReport() + beat.getReportsCount() - 1)
                .build());
      }

      @Override
      public void onError(Throwable gone) {}

      @Override
      public void onCompleted() {
        call.onCompleted();
      }
    };
  }
}
