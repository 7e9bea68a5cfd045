package io.tidemill.worker;

import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.tidemill.v1.HeartbeatRequest;
import io.tidemill.v1.HeartbeatResponse;

/**
 * One heartbeat stream. Written to by whoever holds the {@link ReportSender}; its callbacks come on
 * the transport's thread and hand on at once.
 */
final class HeartbeatLink implements ClientResponseObserver<HeartbeatRequest, HeartbeatResponse> {
  /** Who hears what the stream brings. */
  interface Listener {
    void ready();

    void received(HeartbeatLink link, HeartbeatResponse message);

    /**
     * @param error null if the server ended the stream in order
     */
    void ended(HeartbeatLink link, Throwable error);
  }

  final Registration registration;
  final long openedNanos = System.nanoTime();
  private final Listener listener;
  private volatile ClientCallStreamObserver<HeartbeatRequest> up;
  private volatile boolean over;
  volatile boolean heard;

  // By the holder of the sender.
  boolean greeted;
  long nextReport = 1;

  HeartbeatLink(Registration registration, Listener listener) {
    this.registration = registration;
    this.listener = listener;
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<HeartbeatRequest> stream) {
    up = stream;
    stream.setOnReadyHandler(listener::ready);
  }

  boolean isReady() {
    ClientCallStreamObserver<HeartbeatRequest> stream = up;
    return !over && stream != null && stream.isReady();
  }

  /**
   * A stream that broke meanwhile takes nothing; that it is over is told by {@link Listener#ended}.
   */
  void send(HeartbeatRequest message) {
    try {
      up.onNext(message);
    } catch (IllegalStateException closed) {
      over = true;
    }
  }

  void halfClose() {
    try {
      up.onCompleted();
    } catch (IllegalStateException closed) {
      over = true;
    }
  }

  void cancel(String why) {
    over = true;
    ClientCallStreamObserver<HeartbeatRequest> stream = up;
    if (stream != null) {
      stream.cancel(why, null);
    }
  }

  @Override
  public void onNext(HeartbeatResponse message) {
    heard = true;
    listener.received(this, message);
  }

  @Override
  public void onError(Throwable error) {
    over = true;
    listener.ended(this, error);
  }

  @Override
  public void onCompleted() {
    over = true;
    listener.ended(this, null);
  }
}
