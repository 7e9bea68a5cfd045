package io.tidemill.bench;

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
import io.tidemill.v1.RegisterWorkerRequest;
import io.tidemill.v1.RegisterWorkerResponse;
import io.tidemill.v1.TaskReport;
import io.tidemill.v1.WorkerLoad;
import io.tidemill.v1.WorkerServiceGrpc;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * Many workers out of one process, each with connections of its own to both servers: echoes on the
 * transport's thread. {@code REGISTER COUNT WINDOW}; runs until its standard input ends.
 */
public final class LeanWorkers {
  private static final int MESSAGE_BYTES = 16 << 20;

  /** What nothing refers to is collected, calls or no calls, and its streams end. */
  private static final List<ManagedChannel> CHANNELS = new CopyOnWriteArrayList<>();

  private static final LongAdder MESSAGES = new LongAdder();
  private static final LongAdder TASKS = new LongAdder();

  private LeanWorkers() {}

  /** One worker. */
  private static final class Lean implements StreamObserver<DispatchResponse> {
    private final StreamObserver<HeartbeatRequest> beats;
    private long reports;

    Lean(String registerAddress, int number, int window) {
      ManagedChannel register = Transport.channel(registerAddress, MESSAGE_BYTES);
      RegisterWorkerResponse registered =
          WorkerServiceGrpc.newBlockingStub(register)
              .registerWorker(
                  RegisterWorkerRequest.newBuilder()
                      .setWorkerId("lean-" + number)
                      .setInstanceId(number)
                      .setCapacity(1)
                      .addTaskTypes("echo")
                      .build());
      this.beats = WorkerServiceGrpc.newStub(register).heartbeat(new Unheard());
      beats.onNext(HeartbeatRequest.newBuilder().setWorkerKey(registered.getWorkerKey()).build());
      ManagedChannel scheduler =
          Transport.channel(scheduler(registerAddress, registered), MESSAGE_BYTES);
      CHANNELS.addAll(List.of(register, scheduler));
      DispatchServiceGrpc.newStub(scheduler)
          .dispatch(this)
          .onNext(
              DispatchRequest.newBuilder()
                  .setHello(DispatchHello.newBuilder().setWorkerKey(registered.getWorkerKey()))
                  .setWindow(window)
                  .build());
    }

    /** An address without a host means the Register's host. */
    private static String scheduler(String register, RegisterWorkerResponse registered) {
      String address = registered.getDispatchAddress();
      return address.startsWith(":")
          ? register.substring(0, register.lastIndexOf(':')) + address
          : address;
    }

    @Override
    public synchronized void onNext(DispatchResponse message) {
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
      MESSAGES.increment();
      TASKS.add(message.getAssignmentsCount());
      beats.onNext(beat.build());
    }

    synchronized void beat() {
      beats.onNext(HeartbeatRequest.newBuilder().setLoad(WorkerLoad.getDefaultInstance()).build());
    }

    @Override
    public void onError(Throwable broken) {
      System.err.println("a lean worker lost its stream: " + broken.getMessage());
      System.exit(1);
    }

    @Override
    public void onCompleted() {}
  }

  private static final class Unheard implements StreamObserver<HeartbeatResponse> {
    @Override
    public void onNext(HeartbeatResponse verdicts) {}

    @Override
    public void onError(Throwable broken) {
      System.err.println("a lean worker lost its beats: " + broken.getMessage());
    }

    @Override
    public void onCompleted() {}
  }

  private static void sayHowManyTogether() {
    System.err.printf(
        "tasks a message to a worker: %.1f%n", (double) TASKS.sum() / Math.max(1, MESSAGES.sum()));
  }

  public static void main(String[] args) throws IOException {
    ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    List<Lean> all = new CopyOnWriteArrayList<>();
    // The first ones beat while the last ones connect.
    ScheduledFuture<?> beating =
        timer.scheduleAtFixedRate(() -> all.forEach(Lean::beat), 1, 1, TimeUnit.SECONDS);
    for (int i = 1; i <= Integer.parseInt(args[1]); i++) {
      all.add(new Lean(args[0], i, Integer.parseInt(args[2])));
    }
    Runtime.getRuntime().addShutdownHook(new Thread(LeanWorkers::sayHowManyTogether));
    System.out.println("ready");
    while (System.in.read() >= 0) {}
    beating.cancel(true);
    System.exit(0);
  }
}
