package io.tidemill.register;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.tidemill.rpc.Transport;
import io.tidemill.shm.region.WorkerKey;
import io.tidemill.v1.HeartbeatRequest;
import io.tidemill.v1.HeartbeatResponse;
import io.tidemill.v1.RegisterWorkerRequest;
import io.tidemill.v1.TaskReport;
import io.tidemill.v1.WorkerServiceGrpc;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Reports its tasks one run after the other, on one stream after the other, until each has its
 * verdict.
 */
final class StubbornWorker {
  /** How many reports it has under way. */
  static final int WINDOW = 256;

  private static final int RUN = 37;

  private final ManagedChannel channel;
  private final ExecutorService retries = Executors.newSingleThreadExecutor();
  private final List<TaskReport> reports = new ArrayList<>();
  private final long key;

  // Guarded by this.
  private ClientCallStreamObserver<HeartbeatRequest> up;
  private int settled;
  private int sent;
  private int exceptions;

  StubbornWorker(String address, String id) {
    this.channel = Transport.channel(address, 1 << 20);
    this.key =
        WorkerServiceGrpc.newBlockingStub(channel)
            .withWaitForReady()
            .withDeadlineAfter(60, TimeUnit.SECONDS)
            .registerWorker(
                RegisterWorkerRequest.newBuilder()
                    .setWorkerId(id)
                    .setInstanceId(1)
                    .setCapacity(1)
                    .addTaskTypes("t")
                    .build())
            .getWorkerKey();
  }

  static boolean isListening(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
      return true;
    } catch (IOException notYet) {
      return false;
    }
  }

  int row() {
    return WorkerKey.row(key);
  }

  void give(Others.Leased task) {
    reports.add(
        TaskReport.newBuilder()
            .setTaskId(task.id())
            .setLease(task.lease())
            .setKind(TaskReport.Kind.KIND_SUCCEEDED)
            .setResult(ByteString.copyFromUtf8("result of " + task.slot()))
            .build());
  }

  void start() {
    WorkerServiceGrpc.newStub(channel).withWaitForReady().heartbeat(new Stream());
  }

  /** The Register listens again. */
  void hurry() {
    channel.resetConnectBackoff();
  }

  synchronized boolean isDone() {
    return settled == reports.size();
  }

  synchronized int exceptions() {
    return exceptions;
  }

  private synchronized void greet(ClientCallStreamObserver<HeartbeatRequest> stream) {
    up = stream;
    sent = settled;
    stream.onNext(HeartbeatRequest.newBuilder().setWorkerKey(key).build());
    send();
  }

  private synchronized void send() {
    while (up.isReady() && sent < reports.size() && sent - settled < WINDOW) {
      int end = Math.min(reports.size(), Math.min(sent + RUN, settled + WINDOW));
      up.onNext(
          HeartbeatRequest.newBuilder()
              .setFirstReport(sent + 1)
              .addAllReports(reports.subList(sent, end))
              .build());
      sent = end;
    }
  }

  private synchronized void settle(HeartbeatResponse message) {
    settled = (int) Math.max(settled, message.getSettledThrough());
    exceptions += message.getExceptionsCount();
    sent = Math.max(sent, settled);
    send();
  }

  void close() {
    retries.shutdownNow();
    channel.shutdownNow();
  }

  private final class Stream
      implements ClientResponseObserver<HeartbeatRequest, HeartbeatResponse> {
    private boolean greeted;

    @Override
    public void beforeStart(ClientCallStreamObserver<HeartbeatRequest> stream) {
      stream.setOnReadyHandler(
          () -> {
            if (greeted) {
              send();
            } else {
              greeted = true;
              greet(stream);
            }
          });
    }

    @Override
    public void onNext(HeartbeatResponse message) {
      settle(message);
    }

    @Override
    public void onError(Throwable broken) {
      if (!retries.isShutdown()) {
        retries.execute(StubbornWorker.this::start);
      }
    }

    @Override
    public void onCompleted() {
      onError(null);
    }
  }
}
