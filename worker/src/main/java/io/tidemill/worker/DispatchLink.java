package io.tidemill.worker;

import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.tidemill.v1.DispatchHello;
import io.tidemill.v1.DispatchRequest;
import io.tidemill.v1.DispatchResponse;
import io.tidemill.v1.HeldLease;
import java.util.List;

/**
 * One dispatch stream: tasks down, the window up. The hello is made when the stream is up, by the
 * thread that will bring its tasks, so that it lists what all earlier streams brought.
 */
final class DispatchLink implements ClientResponseObserver<DispatchRequest, DispatchResponse> {
  /** Who hears what the stream brings, and says what it takes. */
  interface Listener {
    List<HeldLease> heldLeases();

    void received(DispatchLink link, DispatchResponse message);

    /**
     * @param error null if the server ended the stream in order
     */
    void ended(DispatchLink link, Throwable error);
  }

  final Registration registration;
  final long openedNanos = System.nanoTime();
  private final Listener listener;
  private volatile ClientCallStreamObserver<DispatchRequest> up;
  private volatile boolean over;
  private volatile boolean ending;
  volatile boolean heard;

  // Guarded by this; messages are written under it too, one at a time.
  private boolean greeted;
  private int told;
  private int wanted;

  /**
   * @param window what the hello grants; 0: nothing is wanted
   */
  DispatchLink(Registration registration, int window, Listener listener) {
    this.registration = registration;
    this.wanted = window;
    this.listener = listener;
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<DispatchRequest> stream) {
    up = stream;
    stream.setOnReadyHandler(this::flush);
  }

  /** The window wanted now: told if it differs enough from what was told before. */
  void want(int window) {
    synchronized (this) {
      wanted = window;
    }
    flush();
  }

  private synchronized void flush() {
    ClientCallStreamObserver<DispatchRequest> stream = up;
    if (over || ending || stream == null || !stream.isReady()) {
      return;
    }
    if (!greeted) {
      greeted = true;
      send(stream, hello());
    } else if (WindowPolicy.isMaterial(told, Math.max(1, wanted))) {
      // 0 means unchanged here, so 1 is the least that can be said.
      told = Math.max(1, wanted);
      send(stream, DispatchRequest.newBuilder().setWindow(told).build());
    }
  }

  private DispatchRequest hello() {
    told = wanted;
    return DispatchRequest.newBuilder()
        .setHello(
            DispatchHello.newBuilder()
                .setWorkerKey(registration.workerKey())
                .addAllHeld(listener.heldLeases()))
        .setWindow(wanted)
        .build();
  }

  private void send(ClientCallStreamObserver<DispatchRequest> stream, DispatchRequest message) {
    try {
      stream.onNext(message);
    } catch (IllegalStateException closed) {
      over = true;
    }
  }

  /**
   * Wants nothing more. What the Main Scheduler had assigned before it heard of that still comes,
   * and then the stream's end.
   */
  synchronized void halfClose() {
    ending = true;
    if (up != null) {
      try {
        up.onCompleted();
      } catch (IllegalStateException closed) {
        // It ended by itself: what was wanted.
      }
    }
  }

  void cancel(String why) {
    over = true;
    ClientCallStreamObserver<DispatchRequest> stream = up;
    if (stream != null) {
      stream.cancel(why, null);
    }
  }

  /** What a cancelled stream still brings belongs to a registration that is over. */
  @Override
  public void onNext(DispatchResponse message) {
    heard = true;
    if (!over) {
      listener.received(this, message);
    }
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
