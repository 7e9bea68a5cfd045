package io.tidemill.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.util.concurrent.Futures;
import io.grpc.Status;
import io.tidemill.rpc.security.Access;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RetryingCallTest {
  private final Peer peer = new Peer("the PLM", "127.0.0.1:1", Access.none());
  private final ClientTimer timer = new ClientTimer();
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

  /** The first attempt ends so. */
  private CompletableFuture<String> call(Status first) {
    return RetryingCall.start(
        peer,
        timer,
        Duration.ofSeconds(30),
        Duration.ofSeconds(30),
        millis ->
            attempts.incrementAndGet() == 1
                ? Futures.immediateFailedFuture(first.asRuntimeException())
                : Futures.immediateFuture("answer"));
  }
}
