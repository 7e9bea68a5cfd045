package io.tidemill.register;

import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.tidemill.v1.RegisterWorkerResponse;

/** Whoever waits for a registration's answer. Answered once the guard is let go. */
final class Caller {
  private final Guard guard;
  private final ServerCallStreamObserver<RegisterWorkerResponse> observer;

  Caller(Guard guard, StreamObserver<RegisterWorkerResponse> observer) {
    this.guard = guard;
    this.observer = (ServerCallStreamObserver<RegisterWorkerResponse>) observer;
    // With a handler of ours, an answer to a call that is cancelled meanwhile is dropped silently.
    this.observer.setOnCancelHandler(() -> {});
  }

  boolean isGone() {
    return observer.isCancelled();
  }

  void answer(RegisterWorkerResponse response) {
    guard.afterwards(
        () -> {
          observer.onNext(response);
          observer.onCompleted();
        });
  }

  void fail(StatusRuntimeException error) {
    guard.afterwards(() -> observer.onError(error));
  }
}
