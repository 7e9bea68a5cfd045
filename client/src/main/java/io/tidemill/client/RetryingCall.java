package io.tidemill.client;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.MoreExecutors;
import com.google.rpc.RetryInfo;
import io.grpc.Status;
import io.grpc.stub.AbstractStub;
import io.tidemill.rpc.Backoff;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * One unary call with its repetitions. Only for calls that may be made twice: reads, cancellations,
 * and submissions that carry a request id. Repeats what did not reach the server or was not
 * answered, with backoff, and what was refused for want of room after the time that the server
 * names, until the call's time is over. The first attempt tells at once that there is no server;
 * the others wait for the connection, so that thousands of calls take nothing from the server that
 * they wait for, which may be starting on this host.
 */
final class RetryingCall<T> {
  /** Makes one attempt: {@code how -> how.on(stub).method(request)}. */
  interface Attempt<T> {
    ListenableFuture<T> start(How how);
  }

  /**
   * How an attempt is made.
   *
   * @param millis after which it gives up
   * @param waits for a connection, where there is none; else it fails at once
   */
  record How(long millis, boolean waits) {
    <S extends AbstractStub<S>> S on(S stub) {
      S limited = stub.withDeadlineAfter(millis, TimeUnit.MILLISECONDS);
      return waits ? limited.withWaitForReady() : limited;
    }
  }

  private static final long BACKOFF_FIRST_MILLIS = 50;
  private static final long BACKOFF_MAX_MILLIS = 1_000;

  private final Peer peer;
  private final Attempt<T> attempt;
  private final ClientTimer timer;
  private final long attemptMillis;
  private final long endNanos;
  private final Backoff backoff = new Backoff(BACKOFF_FIRST_MILLIS, BACKOFF_MAX_MILLIS);
  private final CompletableFuture<T> answer = new CompletableFuture<>();
  private volatile Throwable told;

  private RetryingCall(
      Peer peer, Attempt<T> attempt, ClientTimer timer, Duration attemptTimeout, Duration timeout) {
    this.peer = peer;
    this.attempt = attempt;
    this.timer = timer;
    this.attemptMillis = attemptTimeout.toMillis();
    this.endNanos = System.nanoTime() + timeout.toNanos();
  }

  static <T> CompletableFuture<T> start(
      Peer peer, ClientTimer timer, Duration attemptTimeout, Duration timeout, Attempt<T> attempt) {
    RetryingCall<T> call = new RetryingCall<>(peer, attempt, timer, attemptTimeout, timeout);
    call.tryOnce(false);
    return call.answer;
  }

  private void tryOnce(boolean waits) {
    if (answer.isDone()) {
      return; // given up by the caller
    }
    // Once to twice as long: thousands of calls that began together and are taken back together
    // look
    // like an attack to a server.
    long millis = Math.max(1, Math.min(Backoff.jittered(2 * attemptMillis), remainingMillis()));
    Futures.addCallback(
        attempt.start(new How(millis, waits)),
        new FutureCallback<T>() {
          @Override
          public void onSuccess(T result) {
            answer.complete(result);
          }

          @Override
          public void onFailure(Throwable error) {
            failed(error);
          }
        },
        MoreExecutors.directExecutor());
  }

  private void failed(Throwable error) {
    if (Status.fromThrowable(error).getCode() != Status.Code.DEADLINE_EXCEEDED) {
      told = error;
    }
    long waitMillis = waitMillis(error);
    if (waitMillis < 0
        || waitMillis >= remainingMillis()
        || !timer.after(waitMillis, this::again)) {
      answer.completeExceptionally(TidemillException.of(cause(error), peer.toString()));
    }
  }

  /** A last attempt that had no time left says less than what the one before it was told. */
  private Throwable cause(Throwable last) {
    boolean late = Status.fromThrowable(last).getCode() == Status.Code.DEADLINE_EXCEEDED;
    return late && told != null ? told : last;
  }

  private void again() {
    peer.reconnect();
    tryOnce(true);
  }

  private long remainingMillis() {
    return TimeUnit.NANOSECONDS.toMillis(endNanos - System.nanoTime());
  }

  /** How long until the next attempt; negative: none is of use. */
  private long waitMillis(Throwable error) {
    return switch (Status.fromThrowable(error).getCode()) {
      // A server that shuts down resets what it was at, which comes as CANCELLED.
      case UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED -> backoff.nextMillis();
      case RESOURCE_EXHAUSTED ->
          cutOff(Status.fromThrowable(error)) ? backoff.nextMillis() : retryAfterMillis(error);
      case UNKNOWN -> brokeWhileWritten(Status.fromThrowable(error)) ? backoff.nextMillis() : -1;
      default -> -1;
    };
  }

  /** So the transport names a connection that breaks while a call is written to it. */
  static boolean brokeWhileWritten(Status unknown) {
    return unknown.getCause() instanceof IOException;
  }

  /**
   * So the transport names a connection that a server has closed because too much came over it: the
   * other calls of a client of which some thousand were taken back in a second.
   */
  static boolean cutOff(Status exhausted) {
    return exhausted.getDescription() != null && exhausted.getDescription().contains("GOAWAY");
  }

  /** What the server says; without a word from it the same would be refused again. */
  private static long retryAfterMillis(Throwable error) {
    RetryInfo info =
        TidemillException.detail(error, RetryInfo.class, RetryInfo.getDefaultInstance());
    if (info.hasRetryDelay()) {
      com.google.protobuf.Duration delay = info.getRetryDelay();
      return Backoff.jittered(delay.getSeconds() * 1000 + delay.getNanos() / 1_000_000 + 1);
    }
    String text =
        TidemillException.errorInfo(error).getMetadataMap().getOrDefault("retry_after_ms", "");
    return text.matches("[1-9][0-9]{0,8}") ? Backoff.jittered(Long.parseLong(text)) : -1;
  }
}
