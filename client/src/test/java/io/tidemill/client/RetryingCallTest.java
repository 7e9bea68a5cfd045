package io.tidemill.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.common.util.concurrent.Futures;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.tidemill.rpc.security.Access;
import io.tidemill.v1.GetStatsRequest;
import io.tidemill.v1.GetStatsResponse;
import io.tidemill.v1.TaskServiceGrpc;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RetryingCallTest {
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final int CALLS = 200;

  private final ClientTimer timer = new ClientTimer();
  private final Peer peer = new Peer("the PLM", "127.0.0.1:1", Access.none(), timer);
  private final AtomicInteger attempts = new AtomicInteger();

  @AfterEach
  void close() {
    timer.close();
    peer.close();
  }

  /** A server that is killed while a call is written to it is told as UNKNOWN by the transport. */
  @Test
  void repeatsWhatAConnectionBrokeUnder() {
    Status broken = Status.UNKNOWN.withCause(new ClosedChannelException());
    assertThat(call(broken).join()).isEqualTo("answer");
    assertThat(attempts).hasValue(2);
  }

  @Test
  void doesNotRepeatWhatTheServerSays() {
    assertThatThrownBy(() -> call(Status.UNKNOWN.withDescription("a fault")).join())
        .hasCauseInstanceOf(TidemillException.class);
    assertThat(attempts).hasValue(1);
  }

  /** As a server does when a client gives up a thousand calls in a second. */
  @Test
  void repeatsWhatAServerCutOffForTheClientsOtherCalls() throws IOException {
    Unanswering service = new Unanswering();
    Server server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .maxRstFramesPerWindow(CALLS / 10, 1)
            .addService(service)
            .build()
            .start();
    Peer severe = new Peer("the PLM", "127.0.0.1:" + server.getPort(), Access.none(), timer);
    try {
      CompletableFuture<GetStatsResponse> patient = stats(severe, PATIENCE);
      await().atMost(PATIENCE).until(() -> service.calls.get() == 1);
      List<Future<GetStatsResponse>> others =
          IntStream.range(1, CALLS).mapToObj(i -> once(severe)).toList();
      await().atMost(PATIENCE).until(() -> service.calls.get() == CALLS);
      others.forEach(call -> call.cancel(true));

      assertThat(patient.join()).isNotNull();
      assertThat(service.calls).as("it was asked again").hasValue(CALLS + 1);
    } finally {
      severe.close();
      server.shutdownNow();
    }
  }

  private static Future<GetStatsResponse> once(Peer plm) {
    return TaskServiceGrpc.newFutureStub(plm.channel())
        .getStats(GetStatsRequest.getDefaultInstance());
  }

  /** Answers none of the first calls. */
  private static final class Unanswering extends TaskServiceGrpc.TaskServiceImplBase {
    private final AtomicInteger calls = new AtomicInteger();

    @Override
    public void getStats(GetStatsRequest request, StreamObserver<GetStatsResponse> answers) {
      if (calls.incrementAndGet() > CALLS) {
        answers.onNext(GetStatsResponse.getDefaultInstance());
        answers.onCompleted();
      }
    }
  }

  /** However many wait: each fails once and then stands in the channel. */
  @Test
  void callsWaitForTheServerWithoutAskingAgain() {
    try (FakePlm plm = new FakePlm()) {
      Peer away = new Peer("the PLM", plm.address(), Access.none(), timer);
      plm.kill();
      List<CompletableFuture<GetStatsResponse>> calls =
          IntStream.range(0, CALLS).mapToObj(i -> stats(away, PATIENCE)).toList();
      await().atMost(PATIENCE).until(() -> attempts.get() >= 2 * CALLS);
      plm.start();

      CompletableFuture.allOf(calls.toArray(CompletableFuture[]::new)).join();
      assertThat(attempts).hasValue(2 * CALLS);
      away.close();
    }
  }

  private CompletableFuture<GetStatsResponse> stats(Peer plm, Duration attempt) {
    var stub = TaskServiceGrpc.newFutureStub(plm.channel());
    return RetryingCall.start(
        plm,
        timer,
        attempt,
        PATIENCE,
        how -> {
          attempts.incrementAndGet();
          return how.on(stub).getStats(GetStatsRequest.getDefaultInstance());
        });
  }

  /** The first attempt ends so. */
  private CompletableFuture<String> call(Status first) {
    return RetryingCall.start(
        peer,
        timer,
        Duration.ofSeconds(30),
        Duration.ofSeconds(30),
        how ->
            attempts.incrementAndGet() == 1
                ? Futures.immediateFailedFuture(first.asRuntimeException())
                : Futures.immediateFuture("answer"));
  }
}
