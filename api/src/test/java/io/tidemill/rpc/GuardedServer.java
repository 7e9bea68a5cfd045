package io.tidemill.rpc;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.tidemill.v1.GetTaskRequest;
import io.tidemill.v1.GetTaskResponse;
import io.tidemill.v1.SessionOpened;
import io.tidemill.v1.SessionRequest;
import io.tidemill.v1.SessionResponse;
import io.tidemill.v1.SubmitTaskRequest;
import io.tidemill.v1.SubmitTaskResponse;
import io.tidemill.v1.SubmitTasksRequest;
import io.tidemill.v1.SubmitTasksResponse;
import io.tidemill.v1.Task;
import io.tidemill.v1.TaskServiceGrpc;
import io.tidemill.v1.WaitTaskRequest;
import io.tidemill.v1.WaitTaskResponse;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** A server with low limits, whose service answers at once, or when it is told to. */
final class GuardedServer implements AutoCloseable {
  static final int MESSAGE_BYTES_MAX = 1 << 20;
  static final int REQUEST_BYTES = 2 << 20;
  static final int RESPONSE_BYTES = 2 << 20;
  static final int ANSWER_BYTES = 256 << 10;

  static final ConnectionLimits LIMITS =
      new ConnectionLimits(
          60, 40, 30, 20, REQUEST_BYTES, RESPONSE_BYTES, 400, 1_000, 600, 200, 200);

  /** Its answers find no memory. */
  static final MethodDescriptor<Task, Task> UNWRITABLE =
      MethodDescriptor.<Task, Task>newBuilder()
          .setType(MethodDescriptor.MethodType.SERVER_STREAMING)
          .setFullMethodName("test.Unwritable/Get")
          .setRequestMarshaller(ProtoUtils.marshaller(Task.getDefaultInstance()))
          .setResponseMarshaller(new WithoutMemory())
          .build();

  final Service service = new Service();
  final CompletableFuture<String> unwritableSaid = new CompletableFuture<>();
  private final ServerServiceDefinition unwritable =
      ServerServiceDefinition.builder("test.Unwritable")
          .addMethod(UNWRITABLE, ServerCalls.asyncServerStreamingCall(this::answerTwice))
          .build();
  final ServerGuard guard;
  private final Server server;

  GuardedServer() throws IOException {
    guard =
        new ServerGuard(
            LIMITS,
            MESSAGE_BYTES_MAX,
            new HealthStatusManager(),
            List.of(service, () -> unwritable));
    server =
        guard
            .onTcp(
                NettyServerBuilder.forAddress(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)))
            .build()
            .start();
  }

  private void answerTwice(Task request, StreamObserver<Task> answer) {
    try {
      answer.onNext(request);
      answer.onNext(request);
      answer.onCompleted();
      unwritableSaid.complete("went on");
    } catch (RuntimeException | Error e) {
      unwritableSaid.complete(e.toString());
    }
  }

  private static final class WithoutMemory implements MethodDescriptor.Marshaller<Task> {
    @Override
    public InputStream stream(Task value) {
      throw new OutOfMemoryError("Cannot reserve 4096 bytes of direct buffer memory");
    }

    @Override
    public Task parse(InputStream stream) {
      return Task.getDefaultInstance();
    }
  }

  int port() {
    return server.getPort();
  }

  ManagedChannel channel() {
    return Transport.channel("127.0.0.1:" + port(), 16 << 20);
  }

  @Override
  public void close() {
    server.shutdownNow();
  }

  static final class Service extends TaskServiceGrpc.TaskServiceImplBase {
    final Queue<StreamObserver<WaitTaskResponse>> waiting = new ConcurrentLinkedQueue<>();
    final Queue<ServerCallStreamObserver<SessionResponse>> sessions = new ConcurrentLinkedQueue<>();
    final AtomicInteger submitted = new AtomicInteger();
    final AtomicInteger got = new AtomicInteger();

    @Override
    public void submitTask(SubmitTaskRequest request, StreamObserver<SubmitTaskResponse> answer) {
      submitted.incrementAndGet();
      answer.onNext(SubmitTaskResponse.newBuilder().setTaskId(1).build());
      answer.onCompleted();
    }

    @Override
    public void submitTasks(
        SubmitTasksRequest request, StreamObserver<SubmitTasksResponse> answer) {
      submitted.addAndGet(request.getTasksCount());
      answer.onNext(SubmitTasksResponse.getDefaultInstance());
      answer.onCompleted();
    }

    @Override
    public void getTask(GetTaskRequest request, StreamObserver<GetTaskResponse> answer) {
      got.incrementAndGet();
      Task task =
          Task.newBuilder()
              .setTaskId(request.getTaskId())
              .setResult(ByteString.copyFrom(new byte[ANSWER_BYTES]))
              .build();
      answer.onNext(GetTaskResponse.newBuilder().setTask(task).build());
      answer.onCompleted();
    }

    @Override
    public void waitTask(WaitTaskRequest request, StreamObserver<WaitTaskResponse> answer) {
      ((ServerCallStreamObserver<?>) answer).setOnCancelHandler(() -> waiting.remove(answer));
      waiting.add(answer);
    }

    /** Takes one message, and no further one. */
    @Override
    public StreamObserver<SessionRequest> session(StreamObserver<SessionResponse> answer) {
      ServerCallStreamObserver<SessionResponse> call =
          (ServerCallStreamObserver<SessionResponse>) answer;
      call.disableAutoRequest();
      call.setOnCancelHandler(() -> sessions.remove(call));
      call.request(1);
      sessions.add(call);
      return new StreamObserver<>() {
        @Override
        public void onNext(SessionRequest request) {
          if (request.hasOpen()) {
            answer.onNext(
                SessionResponse.newBuilder().setOpened(SessionOpened.getDefaultInstance()).build());
          } else {
            call.request(1);
          }
        }

        @Override
        public void onError(Throwable error) {
          sessions.remove(call);
        }

        @Override
        public void onCompleted() {
          answer.onCompleted();
        }
      };
    }
  }
}
