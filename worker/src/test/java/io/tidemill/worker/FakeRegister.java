package io.tidemill.worker;

import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.StreamObserver;
import io.tidemill.rpc.RpcErrors;
import io.tidemill.rpc.Transport;
import io.tidemill.v1.CancelOrder;
import io.tidemill.v1.HeartbeatRequest;
import io.tidemill.v1.HeartbeatResponse;
import io.tidemill.v1.RegisterWorkerRequest;
import io.tidemill.v1.RegisterWorkerResponse;
import io.tidemill.v1.TaskReport;
import io.tidemill.v1.WorkerServiceGrpc;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * A Register over loopback that keeps nothing but what it was told. It gives verdicts at once
 * unless told to hold them, and notes whatever a Register could not accept.
 */
final class FakeRegister extends WorkerServiceGrpc.WorkerServiceImplBase implements AutoCloseable {
  /** A report as it came. */
  record Seen(long workerKey, long number, TaskReport report) {}

  final List<RegisterWorkerRequest> registrations = new CopyOnWriteArrayList<>();
  final List<HeartbeatRequest> messages = new CopyOnWriteArrayList<>();
  final List<Seen> reports = new CopyOnWriteArrayList<>();
  final List<String> broken = new CopyOnWriteArrayList<>();
  private final List<Beats> streams = new CopyOnWriteArrayList<>();
  private final String dispatchAddress;
  private final Server server;

  volatile StatusRuntimeException refusal;
  volatile boolean givesVerdicts = true;
  volatile boolean hearsReports = true;
  volatile int resultBytesMax = 1 << 20;
  volatile int beatMillis = 100;
  private volatile long knownKey;

  FakeRegister(int port, String dispatchAddress) throws IOException {
    this.dispatchAddress = dispatchAddress;
    this.server =
        Transport.server(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                8 << 20,
                new HealthStatusManager(),
                List.of(this))
            .start();
  }

  String address() {
    return "127.0.0.1:" + port();
  }

  int port() {
    return server.getPort();
  }

  @Override
  public void registerWorker(
      RegisterWorkerRequest request, StreamObserver<RegisterWorkerResponse> answer) {
    StatusRuntimeException error = refusal;
    if (error != null) {
      answer.onError(error);
      return;
    }
    registrations.add(request);
    knownKey = 1_000L + registrations.size();
    answer.onNext(
        RegisterWorkerResponse.newBuilder()
            .setWorkerKey(knownKey)
            .setBeatIntervalMs(beatMillis)
            .setBeatMisses(3)
            .setDispatchAddress(dispatchAddress)
            .setResultBytesMax(resultBytesMax)
            .build());
    answer.onCompleted();
  }

  @Override
  public StreamObserver<HeartbeatRequest> heartbeat(StreamObserver<HeartbeatResponse> down) {
    Beats beats = new Beats(down);
    streams.add(beats);
    return beats;
  }

  /** The server's end of one heartbeat stream. */
  private final class Beats implements StreamObserver<HeartbeatRequest> {
    private final StreamObserver<HeartbeatResponse> down;
    private long workerKey;
    private long next;
    private final boolean hears = hearsReports;

    Beats(StreamObserver<HeartbeatResponse> down) {
      this.down = down;
    }

    @Override
    public synchronized void onNext(HeartbeatRequest message) {
      if (!streams.contains(this)) {
        return;
      }
      if (workerKey == 0 && !greet(message.getWorkerKey())) {
        return;
      }
      if (hears && message.getReportsCount() > 0) {
        take(message);
      }
      messages.add(message);
      if (givesVerdicts && hears && message.getReportsCount() > 0) {
        send(HeartbeatResponse.newBuilder().setSettledThrough(next - 1).build());
      }
      if (message.getLeaving()) {
        streams.remove(this);
        down.onCompleted();
      }
    }

    private boolean greet(long key) {
      workerKey = key;
      if (key == knownKey) {
        return true;
      }
      streams.remove(this);
      down.onError(
          RpcErrors.of(
              Status.Code.FAILED_PRECONDITION, "WORKER_UNKNOWN", "register again", Map.of()));
      return false;
    }

    private void take(HeartbeatRequest message) {
      if (next != 0 && message.getFirstReport() != next) {
        broken.add("expected report " + next + ", got " + message.getFirstReport());
      }
      next = message.getFirstReport();
      for (TaskReport report : message.getReportsList()) {
        reports.add(new Seen(workerKey, next++, report));
      }
    }

    /** A stream that was broken meanwhile takes nothing. */
    synchronized void send(HeartbeatResponse message) {
      if (streams.contains(this)) {
        down.onNext(message);
      }
    }

    synchronized void breakOff(Status status) {
      streams.remove(this);
      down.onError(status.asRuntimeException());
    }

    @Override
    public void onError(Throwable error) {
      streams.remove(this);
    }

    @Override
    public void onCompleted() {
      if (streams.remove(this)) {
        down.onCompleted();
      }
    }
  }

  boolean isConnected() {
    return !streams.isEmpty();
  }

  void send(HeartbeatResponse message) {
    streams.forEach(stream -> stream.send(message));
  }

  void settle(long through) {
    send(HeartbeatResponse.newBuilder().setSettledThrough(through).build());
  }

  void cancel(long taskId, long lease, String reason) {
    CancelOrder order =
        CancelOrder.newBuilder().setTaskId(taskId).setLease(lease).setReason(reason).build();
    send(HeartbeatResponse.newBuilder().addCancels(order).build());
  }

  void breakStreams(Status status) {
    streams.forEach(stream -> stream.breakOff(status));
  }

  /** The next stream under a key given out so far is refused. */
  void forgetWorkers() {
    knownKey = -1;
  }

  TaskReport.Kind kindOf(long taskId) {
    return reportOf(taskId) == null ? null : reportOf(taskId).getKind();
  }

  TaskReport reportOf(long taskId) {
    for (Seen seen : reports) {
      if (seen.report().getTaskId() == taskId) {
        return seen.report();
      }
    }
    return null;
  }

  @Override
  public void close() {
    server.shutdownNow();
    try {
      server.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
