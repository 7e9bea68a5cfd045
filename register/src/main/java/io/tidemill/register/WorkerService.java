package io.tidemill.register;

import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.tidemill.shm.region.WorkerTable.Registration;
import io.tidemill.v1.DrainWorkerRequest;
import io.tidemill.v1.DrainWorkerResponse;
import io.tidemill.v1.HeartbeatRequest;
import io.tidemill.v1.HeartbeatResponse;
import io.tidemill.v1.ListWorkersRequest;
import io.tidemill.v1.ListWorkersResponse;
import io.tidemill.v1.RegisterWorkerRequest;
import io.tidemill.v1.RegisterWorkerResponse;
import io.tidemill.v1.WorkerServiceGrpc;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * The gRPC service: checks what can be checked without the guard, and hands on. On the transport's
 * threads.
 */
final class WorkerService extends WorkerServiceGrpc.WorkerServiceImplBase {
  private final Guard guard;
  private final Registrar registrar;
  private final Heartbeats heartbeats;
  private final Workers workers;
  private final WorkerInfos infos;
  private final LongSupplier clock;
  private final Runnable wakeAgent;

  /**
   * @param wakeAgent for what has a time by which the agent must act
   */
  WorkerService(
      Guard guard,
      Registrar registrar,
      Heartbeats heartbeats,
      Workers workers,
      WorkerInfos infos,
      LongSupplier clock,
      Runnable wakeAgent) {
    this.guard = guard;
    this.registrar = registrar;
    this.heartbeats = heartbeats;
    this.workers = workers;
    this.infos = infos;
    this.clock = clock;
    this.wakeAgent = wakeAgent;
  }

  @Override
  public void registerWorker(
      RegisterWorkerRequest request, StreamObserver<RegisterWorkerResponse> observer) {
    Registration registration;
    try {
      registration = RegistrationRules.check(request);
    } catch (StatusRuntimeException wrong) {
      observer.onError(wrong);
      return;
    }
    Caller caller = new Caller(guard, observer);
    guard.run(() -> registrar.register(registration, caller, clock.getAsLong()));
    wakeAgent.run();
  }

  @Override
  public StreamObserver<HeartbeatRequest> heartbeat(StreamObserver<HeartbeatResponse> observer) {
    HeartbeatStream stream =
        new HeartbeatStream(
            heartbeats, guard, (ServerCallStreamObserver<HeartbeatResponse>) observer);
    stream.begin();
    return stream;
  }

  @Override
  public void drainWorker(
      DrainWorkerRequest request, StreamObserver<DrainWorkerResponse> observer) {
    Worker[] found = new Worker[1];
    guard.run(() -> found[0] = drain(request.getWorkerId()));
    if (found[0] == null) {
      observer.onError(Refusals.workerUnknown("worker_id", request.getWorkerId()));
      return;
    }
    observer.onNext(
        DrainWorkerResponse.newBuilder().setWorker(infos.of(found[0], clock.getAsLong())).build());
    observer.onCompleted();
  }

  private Worker drain(String workerId) {
    Worker worker = workers.byId(workerId);
    if (worker == null || !worker.isServed()) {
      return null;
    }
    workers.draining(worker);
    if (worker.stream() != null) {
      worker.stream().drain();
    }
    return worker;
  }

  @Override
  public void listWorkers(
      ListWorkersRequest request, StreamObserver<ListWorkersResponse> observer) {
    List<List<Worker>> all = new java.util.ArrayList<>(1);
    guard.run(() -> all.add(workers.all()));
    try {
      observer.onNext(infos.list(all.get(0), request, clock.getAsLong()));
      observer.onCompleted();
    } catch (StatusRuntimeException wrong) {
      observer.onError(wrong);
    }
  }
}
