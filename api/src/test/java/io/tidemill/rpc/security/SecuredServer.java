package io.tidemill.rpc.security;

import io.grpc.ManagedChannel;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.StreamObserver;
import io.tidemill.rpc.Listeners;
import io.tidemill.rpc.Transport;
import io.tidemill.v1.CancelTaskRequest;
import io.tidemill.v1.CancelTaskResponse;
import io.tidemill.v1.DispatchRequest;
import io.tidemill.v1.DispatchResponse;
import io.tidemill.v1.DispatchServiceGrpc;
import io.tidemill.v1.DrainWorkerRequest;
import io.tidemill.v1.DrainWorkerResponse;
import io.tidemill.v1.GetStatsRequest;
import io.tidemill.v1.GetStatsResponse;
import io.tidemill.v1.SessionOpened;
import io.tidemill.v1.SessionRequest;
import io.tidemill.v1.SessionResponse;
import io.tidemill.v1.SetPriorityRequest;
import io.tidemill.v1.SetPriorityResponse;
import io.tidemill.v1.SubmitTaskRequest;
import io.tidemill.v1.SubmitTaskResponse;
import io.tidemill.v1.TaskServiceGrpc;
import io.tidemill.v1.WorkerServiceGrpc;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A server on real sockets, with services that only answer, behind what settings put before it. */
final class SecuredServer implements AutoCloseable {
  private static final int MESSAGE_MAX = 1 << 20;

  final Path data;
  final int port;
  final AtomicInteger served = new AtomicInteger();
  final AtomicInteger broken = new AtomicInteger();
  private final Listeners listeners;
  private final List<ManagedChannel> channels = new ArrayList<>();

  private SecuredServer(Path data, Map<String, String> settings) throws IOException {
    this.data = data;
    this.port = Integer.parseInt(settings.get("port.plm"));
    for (String folder : List.of("run", "logs")) {
      Files.createDirectories(
          data.resolve(folder),
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    HealthStatusManager health = new HealthStatusManager();
    health.setStatus("", ServingStatus.SERVING);
    listeners =
        new Listeners(
            new Listeners.Place("plm", data, settings),
            MESSAGE_MAX,
            health,
            List.of(new Tasks(), new Workers(), new Dispatch()));
    try {
      listeners.start();
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /** With settings as key=value. */
  static SecuredServer start(Path data, String... assignments) throws IOException {
    return new SecuredServer(data, settings(assignments));
  }

  static Map<String, String> settings(String... assignments) throws IOException {
    Map<String, String> settings = new HashMap<>(limits());
    settings.putAll(
        Map.of(
            "bind.host", "127.0.0.1",
            "port.plm", Integer.toString(freePort()),
            "bind.unix", "off",
            "tls.certificate", "",
            "tls.key", "",
            "tls.client.ca", "",
            "tls.client.auth", "none",
            "tls.client.roles", "submit,work",
            "tokens.file", "",
            "audit", "auto"));
    settings.put("audit.files.max", "10");
    Arrays.stream(assignments)
        .map(assignment -> assignment.split("=", 2))
        .forEach(pair -> settings.put(pair[0], pair[1]));
    return settings;
  }

  private static Map<String, String> limits() {
    Map<String, String> limits =
        new HashMap<>(
            Map.of(
                "connections.max", "1000",
                "connections.per.address.max", "1000",
                "calls.max", "10000",
                "calls.per.connection.max", "1000",
                "request.bytes.max", "67108864",
                "response.bytes.max", "67108864",
                "connection.handshake.ms", "10000",
                "request.receive.ms", "20000",
                "connection.idle.seconds", "1800",
                "connection.control.frames.max", "500"));
    limits.put("connection.resets.max", "1000");
    return limits;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  String address() {
    return "localhost:" + port;
  }

  ManagedChannel connect(Access access) {
    return connect(address(), access);
  }

  ManagedChannel connect(String address, Access access) {
    ManagedChannel channel = Transport.channel(address, MESSAGE_MAX, access);
    channels.add(channel);
    return channel;
  }

  /** A new connection's, with a token. */
  ManagedChannel connect(String token) {
    return connect(Access.builder().token(token).build());
  }

  static GetStatsResponse stats(ManagedChannel channel) {
    return TaskServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(20, TimeUnit.SECONDS)
        .getStats(GetStatsRequest.getDefaultInstance());
  }

  String audit() throws IOException {
    Path file = data.resolve("logs/audit-plm.log");
    return Files.exists(file) ? Files.readString(file) : "";
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
    listeners.shutdownNow();
    try {
      listeners.awaitTermination(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private final class Tasks extends TaskServiceGrpc.TaskServiceImplBase {
    @Override
    public void getStats(GetStatsRequest request, StreamObserver<GetStatsResponse> answer) {
      reply(answer, GetStatsResponse.getDefaultInstance());
    }

    @Override
    public void submitTask(SubmitTaskRequest request, StreamObserver<SubmitTaskResponse> answer) {
      reply(answer, SubmitTaskResponse.newBuilder().setTaskId(7).build());
    }

    @Override
    public void cancelTask(CancelTaskRequest request, StreamObserver<CancelTaskResponse> answer) {
      reply(answer, CancelTaskResponse.getDefaultInstance());
    }

    @Override
    public void setPriority(
        SetPriorityRequest request, StreamObserver<SetPriorityResponse> answer) {
      reply(answer, SetPriorityResponse.getDefaultInstance());
    }

    @Override
    public StreamObserver<SessionRequest> session(StreamObserver<SessionResponse> answer) {
      return new Echo(answer);
    }
  }

  private <A> void reply(StreamObserver<A> answer, A message) {
    served.incrementAndGet();
    answer.onNext(message);
    answer.onCompleted();
  }

  /** Answers each message, and counts the streams that broke. */
  private final class Echo implements StreamObserver<SessionRequest> {
    private final StreamObserver<SessionResponse> answer;

    Echo(StreamObserver<SessionResponse> answer) {
      this.answer = answer;
    }

    @Override
    public void onNext(SessionRequest request) {
      served.incrementAndGet();
      answer.onNext(
          SessionResponse.newBuilder().setOpened(SessionOpened.getDefaultInstance()).build());
    }

    @Override
    public void onError(Throwable error) {
      broken.incrementAndGet();
    }

    @Override
    public void onCompleted() {
      answer.onCompleted();
    }
  }

  private final class Workers extends WorkerServiceGrpc.WorkerServiceImplBase {
    @Override
    public void drainWorker(
        DrainWorkerRequest request, StreamObserver<DrainWorkerResponse> answer) {
      reply(answer, DrainWorkerResponse.getDefaultInstance());
    }
  }

  private static final class Dispatch extends DispatchServiceGrpc.DispatchServiceImplBase {
    @Override
    public StreamObserver<DispatchRequest> dispatch(StreamObserver<DispatchResponse> answer) {
      answer.onCompleted();
      return new io.grpc.stub.StreamObserver<>() {
        @Override
        public void onNext(DispatchRequest request) {}

        @Override
        public void onError(Throwable error) {}

        @Override
        public void onCompleted() {}
      };
    }
  }
}
