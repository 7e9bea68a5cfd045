package io.tidemill.worker;

import com.google.protobuf.ByteString;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.StreamObserver;
import io.tidemill.rpc.Transport;
import io.tidemill.v1.Assignment;
import io.tidemill.v1.DispatchHello;
import io.tidemill.v1.DispatchRequest;
import io.tidemill.v1.DispatchResponse;
import io.tidemill.v1.DispatchServiceGrpc;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * A Main Scheduler over loopback that sends what a test wants sent, and notes the hellos and
 * windows.
 */
final class FakeScheduler extends DispatchServiceGrpc.DispatchServiceImplBase
    implements AutoCloseable {
  final List<DispatchHello> hellos = new CopyOnWriteArrayList<>();
  final List<Integer> windows = new CopyOnWriteArrayList<>();

  /** What it had assigned when it heard that a worker wants nothing more. */
  volatile DispatchResponse atTheLast = DispatchResponse.getDefaultInstance();

  private final List<StreamObserver<DispatchResponse>> streams = new CopyOnWriteArrayList<>();
  private final Server server;

  FakeScheduler(int port) throws IOException {
    this.server =
        Transport.server(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                8 << 20,
                new HealthStatusManager(),
                List.of(this))
            .start();
  }

  int port() {
    return server.getPort();
  }

  @Override
  public StreamObserver<DispatchRequest> dispatch(StreamObserver<DispatchResponse> down) {
    return new StreamObserver<>() {
      @Override
      public void onNext(DispatchRequest message) {
        windows.add(message.getWindow());
        if (message.hasHello()) {
          streams.add(down);
          hellos.add(message.getHello());
        }
      }

      @Override
      public void onError(Throwable error) {
        streams.remove(down);
      }

      @Override
      public void onCompleted() {
        if (streams.remove(down)) {
          down.onNext(atTheLast);
          down.onCompleted();
        }
      }
    };
  }

  static Assignment.Builder task(long taskId, String type, String payload) {
    return Assignment.newBuilder()
        .setTaskId(taskId)
        .setLease(taskId)
        .setType(type)
        .setPayload(ByteString.copyFromUtf8(payload))
        .setSequence(taskId)
        .setAttempt(1)
        .setExecutionTimeoutMs(60_000);
  }

  void send(Assignment.Builder... assignments) {
    DispatchResponse.Builder message = DispatchResponse.newBuilder();
    for (Assignment.Builder assignment : assignments) {
      message.addAssignments(assignment);
    }
    send(message.build());
  }

  synchronized void send(DispatchResponse message) {
    streams.forEach(stream -> stream.onNext(message));
  }

  void breakStreams(Status status) {
    List<StreamObserver<DispatchResponse>> broken = List.copyOf(streams);
    streams.removeAll(broken);
    for (StreamObserver<DispatchResponse> stream : broken) {
      stream.onError(status.asRuntimeException());
    }
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
