package io.tidemill.system;

import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import io.tidemill.rpc.Transport;
import io.tidemill.v1.DispatchHello;
import io.tidemill.v1.DispatchRequest;
import io.tidemill.v1.DispatchResponse;
import io.tidemill.v1.DispatchServiceGrpc;
import io.tidemill.v1.HeartbeatRequest;
import io.tidemill.v1.HeartbeatResponse;
import io.tidemill.v1.RegisterWorkerRequest;
import io.tidemill.v1.RegisterWorkerResponse;
import io.tidemill.v1.WorkerLoad;
import io.tidemill.v1.WorkerServiceGrpc;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** Many workers that beat and wait for tasks of a type that nobody submits, out of one process. */
final class IdleWorkers implements AutoCloseable {
  private final ManagedChannel register;
  private final ManagedChannel scheduler;
  private final List<StreamObserver<HeartbeatRequest>> heartbeats = new CopyOnWriteArrayList<>();
  private final ScheduledFuture<?> beating;
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

  IdleWorkers(int portBase, int count) {
    this.scheduler = Transport.channel("127.0.0.1:" + (portBase + 1), 4 << 20);
    this.register = Transport.channel("127.0.0.1:" + (portBase + 2), 4 << 20);
    // The first ones beat while the last ones connect, however long that takes.
    this.beating = timer.scheduleAtFixedRate(this::beat, 1, 1, TimeUnit.SECONDS);
    for (int i = 0; i < count; i++) {
      heartbeats.add(connect("idle-" + i, i + 1));
    }
  }

  private StreamObserver<HeartbeatRequest> connect(String id, long instance) {
    RegisterWorkerResponse registered =
        WorkerServiceGrpc.newBlockingStub(register)
            .registerWorker(
                RegisterWorkerRequest.newBuilder()
                    .setWorkerId(id)
                    .setInstanceId(instance)
                    .setCapacity(1)
                    .addTaskTypes("idle")
                    .build());
    DispatchServiceGrpc.newStub(scheduler)
        .dispatch(new Silent<DispatchResponse>())
        .onNext(
            DispatchRequest.newBuilder()
                .setHello(DispatchHello.newBuilder().setWorkerKey(registered.getWorkerKey()))
                .setWindow(2)
                .build());
    StreamObserver<HeartbeatRequest> heartbeat =
        WorkerServiceGrpc.newStub(register).heartbeat(new Silent<HeartbeatResponse>());
    heartbeat.onNext(HeartbeatRequest.newBuilder().setWorkerKey(registered.getWorkerKey()).build());
    return heartbeat;
  }

  private void beat() {
    HeartbeatRequest beat =
        HeartbeatRequest.newBuilder().setLoad(WorkerLoad.getDefaultInstance()).build();
    heartbeats.forEach(heartbeat -> heartbeat.onNext(beat));
  }

  @Override
  public void close() {
    beating.cancel(true);
    timer.shutdownNow();
    register.shutdownNow();
    scheduler.shutdownNow();
  }

  private static final class Silent<T> implements StreamObserver<T> {
    @Override
    public void onNext(T message) {}

    @Override
    public void onError(Throwable error) {}

    @Override
    public void onCompleted() {}
  }
}
