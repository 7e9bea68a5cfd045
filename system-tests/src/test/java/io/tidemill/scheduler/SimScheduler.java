package io.tidemill.scheduler;

import io.grpc.stub.StreamObserver;
import io.tidemill.shm.instance.Instance;
import io.tidemill.sim.SimServer;
import io.tidemill.v1.DispatchRequest;
import io.tidemill.v1.DispatchResponse;

/** The Main Scheduler in a simulation. */
public final class SimScheduler implements SimServer {
  private final SchedulerPart part;
  private final DispatchService service;

  public SimScheduler(Instance instance) {
    this.part = new SchedulerPart(instance);
    this.service = part.service();
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
    return 0;
  }

  public StreamObserver<DispatchRequest> dispatch(StreamObserver<DispatchResponse> answers) {
    return service.dispatch(answers);
  }
}
