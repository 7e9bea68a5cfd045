package io.tidemill.register;

import io.grpc.stub.StreamObserver;
import io.tidemill.rpc.Hearing;
import io.tidemill.shm.instance.Instance;
import io.tidemill.sim.SimServer;
import io.tidemill.v1.DrainWorkerRequest;
import io.tidemill.v1.DrainWorkerResponse;
import io.tidemill.v1.HeartbeatRequest;
import io.tidemill.v1.HeartbeatResponse;
import io.tidemill.v1.RegisterWorkerRequest;
import io.tidemill.v1.RegisterWorkerResponse;
import java.util.function.LongSupplier;

/** The Register in a simulation. */
public final class SimRegister implements SimServer {
  private final RegisterPart part;
  private final WorkerService service;

  public SimRegister(Instance instance, LongSupplier clock) {
    this.part =
        new RegisterPart(
            instance, instance.journals().writeOutcomes(0), clock, Hearing.direct(clock));
    this.service = part.service(() -> {});
  }

  @Override
  public void settle() {
    part.settle();
  }

  @Override
  public int turn(long nowNanos) {
    return part.agent().doWork(nowNanos);
  }

  @Override
  public int commit() {
    if (!part.parts().committer().isWaiting()) {
      return 0;
    }
    part.parts().committer().commit();
    return 1;
  }

  public void register(
      RegisterWorkerRequest request, StreamObserver<RegisterWorkerResponse> answer) {
    service.registerWorker(request, answer);
  }

  public StreamObserver<HeartbeatRequest> heartbeat(StreamObserver<HeartbeatResponse> answers) {
    return service.heartbeat(answers);
  }

  public void drain(String workerId, StreamObserver<DrainWorkerResponse> answer) {
    service.drainWorker(DrainWorkerRequest.newBuilder().setWorkerId(workerId).build(), answer);
  }
}
