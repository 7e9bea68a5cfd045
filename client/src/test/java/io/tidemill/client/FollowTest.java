package io.tidemill.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.tidemill.rpc.security.Access;
import io.tidemill.v1.EmittedPart;
import io.tidemill.v1.Task;
import io.tidemill.v1.TaskServiceGrpc;
import io.tidemill.v1.TaskServiceGrpc.TaskServiceStub;
import io.tidemill.v1.TaskSpec;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class FollowTest {
  private final FakePlm plm = new FakePlm();
  private final TidemillClient client = TidemillClient.connect(plm.address());

  @AfterEach
  void close() {
    client.close();
    plm.close();
  }

  private static final class Told implements FollowListener {
    private final List<EmittedPart> parts = new CopyOnWriteArrayList<>();
    private final List<Task> changes = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Task> end = new CompletableFuture<>();

    @Override
    public void changed(Task task) {
      changes.add(task);
    }

    @Override
    public void part(EmittedPart part) {
      parts.add(part);
    }

    @Override
    public void ended(Task task) {
      end.complete(task);
    }

    @Override
    public void failed(TidemillException error) {
      end.completeExceptionally(error);
    }
  }

  private static EmittedPart part(long lease, long position, String data) {
    return EmittedPart.newBuilder()
        .setAttempt(1)
        .setLease(lease)
        .setPosition(position)
        .setData(ByteString.copyFromUtf8(data))
        .build();
  }

  private long submit() {
    return client
        .submit(TaskSpec.newBuilder().setType("t").setPayload(ByteString.copyFromUtf8("x")).build())
        .getTaskId();
  }

  /** Each stream begins with what is kept. */
  @Test
  void tellsEachByteOnceThoughTheStreamBreaks() {
    long id = submit();
    plm.emitted(part(1, 0, "one "), part(2, 0, "two "), part(2, 4, "three"));
    plm.failNextCalls.set(3);
    Told told = new Told();
    try (Follow follow = client.follow(id, told)) {
      assertThat(told.end.join().getTaskId()).isEqualTo(id);
      assertThat(follow).isNotNull();
    }
    assertThat(told.parts)
        .containsExactly(part(1, 0, "one "), part(2, 0, "two "), part(2, 4, "three"));
    assertThat(told.changes).hasSize(4);
  }

  @Test
  void failsWhereTryingAgainIsOfNoUse() {
    Told told = new Told();
    try (Follow follow = client.follow(77, told)) {
      assertThat(follow).isNotNull();
      Throwable error = catchThrowable(told.end::join);
      assertThat(((TidemillException) error.getCause()).code()).isEqualTo(Status.Code.NOT_FOUND);
    }
  }

  /** By another thread, when the call is about to begin: nobody else would end it at the server. */
  @Test
  void endsTheCallThatItIsClosedBefore() {
    ClientTimer timer = new ClientTimer();
    Peer peer = new Peer("PLM", plm.address(), Access.none(), timer);
    ClosesFirst closing = new ClosesFirst();
    TaskServiceStub stub = TaskServiceGrpc.newStub(peer.channel()).withInterceptors(closing);
    closing.follow = new Follow(stub, peer, timer, submit(), new Told());
    closing.follow.open();
    assertThat(closing.cancelled).isTrue();
    timer.close();
    peer.close();
  }

  private static final class ClosesFirst implements ClientInterceptor {
    private Follow follow;
    private boolean cancelled;

    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(
        MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
      follow.close();
      return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
        @Override
        public void cancel(String message, Throwable cause) {
          cancelled = true;
          super.cancel(message, cause);
        }
      };
    }
  }
}
