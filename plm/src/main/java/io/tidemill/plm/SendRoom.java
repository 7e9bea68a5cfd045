package io.tidemill.plm;

import io.grpc.stub.ServerCallStreamObserver;
import io.tidemill.rpc.SendBuffer;

/**
 * How much more a stream may be sent before its client takes it. Counted as it is held: in buffers,
 * of which each message has its own however short it is.
 */
final class SendRoom {
  private static final int BYTES_MAX = 256 * 1_024;

  private final ServerCallStreamObserver<?> call;

  /** Sent since all had been taken; written by whoever sends, one at a time. */
  private volatile long sent;

  SendRoom(ServerCallStreamObserver<?> call) {
    this.call = call;
    call.setOnReadyThreshold(1); // Its handler is called each time that all has been taken.
  }

  /** Before a message of so many bytes is sent. */
  void sent(int bytes) {
    long before = isEmpty() ? 0 : sent;
    sent = before + SendBuffer.bytes(bytes);
  }

  /** The client has taken everything, as far as this host knows. */
  boolean isEmpty() {
    return call.isReady();
  }

  /** The client may be sent more. If not, the call's handler says when all has been taken. */
  boolean isFree() {
    return isEmpty() || sent < BYTES_MAX;
  }
}
