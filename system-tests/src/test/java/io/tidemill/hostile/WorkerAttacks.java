package io.tidemill.hostile;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import io.tidemill.rpc.RpcErrors;
import io.tidemill.rpc.Transport;
import io.tidemill.v1.Assignment;
import io.tidemill.v1.DispatchHello;
import io.tidemill.v1.DispatchRequest;
import io.tidemill.v1.DispatchResponse;
import io.tidemill.v1.DispatchServiceGrpc;
import io.tidemill.v1.HeartbeatRequest;
import io.tidemill.v1.HeartbeatResponse;
import io.tidemill.v1.RegisterWorkerRequest;
import io.tidemill.v1.TaskProgress;
import io.tidemill.v1.TaskReport;
import io.tidemill.v1.WorkerServiceGrpc;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** Workers that keep to no rule. Each goes on for a time, and says what came of it. */
final class WorkerAttacks implements AutoCloseable {
  /** More than there are rows for workers. */
  private static final int NAMES_MAX = 20_000;

  private final ManagedChannel register;
  private final ManagedChannel scheduler;
  private final long millis;

  WorkerAttacks(int portBase, long millis) {
    this.scheduler = Transport.channel("127.0.0.1:" + (portBase + 1), 16 << 20);
    this.register = Transport.channel("127.0.0.1:" + (portBase + 2), 16 << 20);
    this.millis = millis;
  }

  private WorkerServiceGrpc.WorkerServiceBlockingStub calls() {
    return WorkerServiceGrpc.newBlockingStub(register).withDeadlineAfter(30, TimeUnit.SECONDS);
  }

  private long register(String id, String type, int capacity) {
    return calls()
        .registerWorker(
            RegisterWorkerRequest.newBuilder()
                .setWorkerId(id)
                .setInstanceId(77)
                .setCapacity(capacity)
                .addTaskTypes(type)
                .build())
        .getWorkerKey();
  }

  private boolean goesOn(long startedNanos) {
    return System.nanoTime() - startedNanos < TimeUnit.MILLISECONDS.toNanos(millis);
  }

  /** Reports a capacity that nothing has. */
  String boasts() {
    try {
      register("boaster", "echo", 1_000_000_000);
      return "let in";
    } catch (StatusRuntimeException refused) {
      return RpcErrors.reason(refused);
    }
  }

  /**
   * Registers under ever new names: for the time, and until it is refused, however slow that is.
   */
  String endlessNames() {
    long started = System.nanoTime();
    int in = 0;
    Map<String, Integer> refusals = new ConcurrentHashMap<>();
    while (goesOn(started) || (refusals.isEmpty() && in < NAMES_MAX)) {
      try {
        register("name-" + in, "echo-" + in, 1);
        in++;
      } catch (StatusRuntimeException refused) {
        refusals.merge(RpcErrors.reason(refused), 1, Integer::sum);
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
      }
    }
    return in + " let in, refused " + refusals;
  }

  /** Whether one more worker is let in. */
  boolean findsRoom() {
    try {
      register("latecomer", "nothing", 1);
      return true;
    } catch (StatusRuntimeException refused) {
      return false;
    }
  }

  /** Beats as fast as the stream takes it. */
  String beats() {
    return floods(HeartbeatRequest.getDefaultInstance());
  }

  /** Tells of the progress of tasks that it does not hold, at length. */
  String tells() {
    HeartbeatRequest.Builder message = HeartbeatRequest.newBuilder();
    for (int i = 0; i < 1_000; i++) {
      message.addProgress(
          TaskProgress.newBuilder().setTaskId(i).setLease(i).setMessage("x".repeat(3_000)));
    }
    return floods(message.build());
  }

  /** Reports the ends of tasks that it never had. */
  String lies() {
    HeartbeatRequest.Builder message = HeartbeatRequest.newBuilder().setFirstReport(1);
    for (int i = 0; i < 5_000; i++) {
      message.addReports(
          TaskReport.newBuilder()
              .setTaskId(0x0000_0100_0000_0000L + i)
              .setLease(i)
              .setKind(TaskReport.Kind.KIND_SUCCEEDED));
    }
    return floods(message.build());
  }

  private String floods(HeartbeatRequest message) {
    Heart heart = new Heart(register("flooder", "flood", 1));
    long started = System.nanoTime();
    long sent = 0;
    while (goesOn(started) && heart.error == null) {
      if (heart.up.isReady()) {
        heart.send(message);
        sent++;
      } else {
        LockSupport.parkNanos(100_000);
      }
    }
    heart.up.cancel("enough", null);
    return sent + " messages" + (heart.error == null ? "" : ", ended: " + heart.error.getMessage());
  }

  /** Opens many dispatch streams, each with the same hello. */
  String manyStreams() {
    long key = register("many", "many", 1);
    AtomicInteger ended = new AtomicInteger();
    long started = System.nanoTime();
    int opened = 0;
    while (goesOn(started)) {
      StreamObserver<DispatchRequest> up =
          DispatchServiceGrpc.newStub(scheduler)
              .dispatch(
                  new Ignoring<DispatchResponse>() {
                    @Override
                    public void onError(Throwable error) {
                      ended.incrementAndGet();
                    }
                  });
      up.onNext(hello(key, 1));
      opened++;
      LockSupport.parkNanos(200_000);
    }
    return opened + " opened, " + ended + " ended";
  }

  private static DispatchRequest hello(long key, int window) {
    return DispatchRequest.newBuilder()
        .setHello(DispatchHello.newBuilder().setWorkerKey(key))
        .setWindow(window)
        .build();
  }

  /**
   * Takes tasks of a type and answers each twice, and once more under another lease.
   *
   * @return how many it answered
   */
  int answersTwice(String type, int tasks) {
    long key = register("twice", type, 100);
    Heart heart = new Heart(key);
    AtomicLong next = new AtomicLong(1);
    AtomicInteger answered = new AtomicInteger();
    dispatch(
        key,
        task -> {
          TaskReport report =
              TaskReport.newBuilder()
                  .setTaskId(task.getTaskId())
                  .setLease(task.getLease())
                  .setKind(TaskReport.Kind.KIND_SUCCEEDED)
                  .build();
          long first = next.getAndAdd(3);
          heart.send(
              HeartbeatRequest.newBuilder()
                  .setFirstReport(first)
                  .addReports(report)
                  .addReports(report.toBuilder().setKind(TaskReport.Kind.KIND_FAILED_FOR_GOOD))
                  .addReports(report.toBuilder().setLease(report.getLease() + 1))
                  .build());
          answered.incrementAndGet();
        });
    long started = System.nanoTime();
    while (answered.get() < tasks && goesOn(started)) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
    return answered.get();
  }

  /** Takes all tasks of a type that it gets, and never says anything but that it lives. */
  List<Long> swallows(String type, int tasks) {
    long key = register("swallower", type, 100);
    Heart heart = new Heart(key);
    List<Long> taken = java.util.Collections.synchronizedList(new ArrayList<>());
    dispatch(key, task -> taken.add(task.getTaskId()));
    long started = System.nanoTime();
    while (taken.size() < tasks && goesOn(started)) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
      heart.send(HeartbeatRequest.getDefaultInstance());
    }
    return List.copyOf(taken);
  }

  private interface OnTask {
    void take(Assignment task);
  }

  private void dispatch(long key, OnTask onTask) {
    DispatchServiceGrpc.newStub(scheduler)
        .dispatch(
            new Ignoring<DispatchResponse>() {
              @Override
              public void onNext(DispatchResponse message) {
                message.getAssignmentsList().forEach(onTask::take);
              }
            })
        .onNext(hello(key, 100));
  }

  /** A heartbeat stream. */
  private final class Heart extends Ignoring<HeartbeatResponse>
      implements ClientResponseObserver<HeartbeatRequest, HeartbeatResponse> {
    private volatile ClientCallStreamObserver<HeartbeatRequest> up;
    private volatile Throwable error;

    Heart(long key) {
      WorkerServiceGrpc.newStub(register).heartbeat(this);
      send(HeartbeatRequest.newBuilder().setWorkerKey(key).build());
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<HeartbeatRequest> stream) {
      up = stream;
    }

    synchronized void send(HeartbeatRequest message) {
      try {
        up.onNext(message);
      } catch (IllegalStateException e) {
        error = e;
      }
    }

    @Override
    public void onError(Throwable broken) {
      error = broken;
    }
  }

  private static class Ignoring<T> implements StreamObserver<T> {
    @Override
    public void onNext(T message) {}

    @Override
    public void onError(Throwable error) {}

    @Override
    public void onCompleted() {}
  }

  @Override
  public void close() {
    register.shutdownNow();
    scheduler.shutdownNow();
  }
}
