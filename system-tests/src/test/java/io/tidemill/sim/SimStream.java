package io.tidemill.sim;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.function.Function;

/**
 * A call between a peer of the simulation and a server: takes gRPC's place, with its flow control,
 * between the peer's messages and the server's own observers.
 *
 * @param <Q> what the peer sends
 * @param <A> what the server answers
 */
final class SimStream<Q, A> {
  /** The peer's side. */
  interface Peer<A> {
    void onMessage(A message);

    /** The server ended the call, or died: null if it ended it in good order. */
    void onEnd(Throwable error);
  }

  private final World world;
  private final SimProcess server;
  private final Peer<A> peer;
  private final Call call = new Call();
  private final Link up = new Link(this::serverTakes);
  private final Link down = new Link(() -> true);
  private StreamObserver<Q> service;
  private boolean over;

  SimStream(
      World world,
      SimProcess server,
      Function<StreamObserver<A>, StreamObserver<Q>> open,
      Peer<A> peer) {
    this.world = world;
    this.server = server;
    this.peer = peer;
    up.event(() -> world.in(server, () -> service = open.apply(call)));
    world.connected(this);
  }

  SimProcess server() {
    return server;
  }

  Link up() {
    return up;
  }

  Link down() {
    return down;
  }

  private boolean serverTakes() {
    return call.requested > 0;
  }

  // The peer.

  void send(Q message) {
    up.message(
        () -> {
          call.requested--;
          world.in(server, () -> service.onNext(message));
        });
  }

  void halfClose() {
    up.event(() -> world.in(server, service::onCompleted));
  }

  /** The peer goes away: what it had sent and the server had not read is lost. */
  void cancel() {
    over = true;
    down.clear();
    if (service == null) {
      up.clear();
      return;
    }
    up.clear();
    up.event(() -> world.in(server, this::cancelled));
  }

  private void cancelled() {
    call.cancelled = true;
    if (call.onCancel != null) {
      call.onCancel.run();
    }
    if (!call.ended) {
      service.onError(Status.CANCELLED.asRuntimeException());
    }
  }

  // The world.

  /**
   * The server died.
   *
   * @param lossy what it had sent and did not arrive is lost
   */
  void serverDied(boolean lossy) {
    up.clear();
    if (lossy) {
      down.clear();
    }
    end(Status.UNAVAILABLE.asRuntimeException());
  }

  boolean isOver() {
    return over && up.isEmpty() && down.isEmpty();
  }

  private void end(Throwable error) {
    if (!over) {
      down.event(
          () -> {
            over = true;
            peer.onEnd(error);
          });
    }
  }

  private final class Call extends ServerCallStreamObserver<A> {
    private long requested = Long.MAX_VALUE;
    private Runnable onCancel;
    private boolean cancelled;
    private boolean ended;

    @Override
    public boolean isCancelled() {
      return cancelled;
    }

    @Override
    public void setOnCancelHandler(Runnable handler) {
      onCancel = handler;
    }

    @Override
    public void setCompression(String compression) {}

    @Override
    public boolean isReady() {
      return !cancelled && !ended;
    }

    @Override
    public void setOnReadyHandler(Runnable handler) {}

    @Override
    public void setOnReadyThreshold(int bytes) {}

    @Override
    public void disableAutoRequest() {
      requested = 0;
    }

    @Override
    @Deprecated
    public void disableAutoInboundFlowControl() {
      requested = 0;
    }

    @Override
    public void request(int count) {
      requested += count;
    }

    @Override
    public void setMessageCompression(boolean enable) {}

    @Override
    public void onNext(A message) {
      if (!cancelled && !over) {
        down.message(() -> peer.onMessage(message));
      }
    }

    @Override
    public void onError(Throwable error) {
      ended = true;
      end(error);
    }

    @Override
    public void onCompleted() {
      ended = true;
      end(null);
    }
  }
}
