package io.tidemill.rpc;

import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import java.util.Map;

/**
 * What has come of one call's request: follows the messages by their length prefixes, before
 * anything is kept of them. By the connection's thread.
 */
final class IncomingCall {
  /** A flag and the length of what follows. */
  private static final int PREFIX_BYTES = 5;

  private static final int BYTE_BITS = 8;
  private static final int BYTE_MASK = 0xff;
  private static final int RETRY_AFTER_MILLIS = 200;

  /** The call whose frame this thread is handling. */
  private static final ThreadLocal<IncomingCall> CURRENT = new ThreadLocal<>();

  private final GuardedConnection connection;
  private final boolean streamed;
  private ServerCall<?, ?> call;
  private long begunNanos = System.nanoTime();
  private int prefixBytes;
  private long length;
  private long missing;

  /** Held until the call is over; of a stream until its message has been handled. */
  private long held;

  /** Held for the messages of a stream that came in, or began to, since it was last looked. */
  private long heldForMessages;

  /** Of that, for the one that has not come to its end. */
  private long heldForPartial;

  /** A message came to its end since it was last looked: what is partial began after it. */
  private boolean hasEnded;

  /** What has come and was not asked for. */
  private long unread;

  /** Also read by threads that answer. */
  private volatile boolean refused;

  IncomingCall(GuardedConnection connection, boolean streamed) {
    this.connection = connection;
    this.streamed = streamed;
  }

  /** Null: this thread is not handling a frame of a call. */
  static IncomingCall current() {
    return CURRENT.get();
  }

  void enter() {
    CURRENT.set(this);
  }

  static void exit() {
    CURRENT.remove();
  }

  boolean isRefused() {
    return refused;
  }

  GuardedConnection connection() {
    return connection;
  }

  /** What it can be refused by. */
  void call(ServerCall<?, ?> begun) {
    call = begun;
  }

  long begunNanos() {
    return begunNanos;
  }

  void beginAgain(long nowNanos) {
    begunNanos = nowNanos;
  }

  /** The request's headers came. */
  void opened(boolean isAll) {
    if (!streamed && !isAll) {
      connection.begun(this);
    }
  }

  /** Before the bytes are handed on. */
  void received(ByteBuf data) {
    int at = data.readerIndex();
    int end = data.writerIndex();
    while (at < end && !refused) {
      if (missing > 0) {
        long taken = Math.min(missing, end - at);
        missing -= taken;
        at += (int) taken;
        endIfWhole();
      } else {
        prefix(data.getByte(at++) & BYTE_MASK);
      }
    }
  }

  private void prefix(int value) {
    if (prefixBytes > 0) {
      length = (length << BYTE_BITS) | value;
    }
    if (++prefixBytes == PREFIX_BYTES) {
      begin(length);
      missing = length;
      prefixBytes = 0;
      length = 0;
      endIfWhole();
    }
  }

  private void endIfWhole() {
    if (missing == 0) {
      hasEnded = true;
      heldForPartial = 0;
    }
  }

  private void begin(long bytes) {
    if (bytes > connection.messageBytesMax()) {
      refuse(tooLong(bytes, connection.messageBytesMax()));
    } else if (connection.tryTake(bytes)) {
      hold(bytes);
    } else if (!streamed) {
      refuse(noRoom());
    } else if (connection.canPause(this)) {
      connection.pauseFor(bytes);
      hold(bytes);
    } else {
      connection.take(bytes);
      hold(bytes);
    }
  }

  private void hold(long bytes) {
    if (streamed) {
      heldForMessages += bytes;
      heldForPartial = bytes;
    } else {
      held += bytes;
    }
  }

  /** What the request grew to when it was read. */
  void weigh(long bytes) {
    if (!streamed) {
      held += bytes;
      connection.take(bytes);
    }
  }

  /**
   * After the bytes were handed on: whole messages of a stream have been handled. One that sends
   * without a pause has always begun another one, which counts from its own beginning.
   */
  void delivered(boolean isEnd) {
    boolean partial = missing > 0 || prefixBytes > 0;
    if (heldForMessages > heldForPartial) {
      connection.give(heldForMessages - heldForPartial);
      heldForMessages = heldForPartial;
    }
    if (streamed && hasEnded) {
      connection.finished(this);
      hasEnded = false;
    }
    boolean isUnfinished = streamed ? partial : !isEnd;
    if (!isUnfinished || refused) {
      connection.finished(this);
    } else if (streamed) {
      begunNanos = connection.isUnfinished(this) ? begunNanos : System.nanoTime();
      connection.begun(this);
    }
  }

  /**
   * So many of its bytes wait to be asked for. For a message of which a part is here, all is held.
   */
  void unread(long bytes) {
    long ofPartial = heldForPartial == 0 ? 0 : heldForPartial - missing;
    long more = Math.max(0, bytes - ofPartial) - unread;
    unread += more;
    connection.unread(more);
  }

  /** The call is over. */
  void over() {
    unread(0);
    connection.finished(this);
    connection.give(held + heldForMessages);
    held = 0;
    heldForMessages = 0;
    heldForPartial = 0;
  }

  /** Nothing more of it is handed on, and its client is told why. */
  void refuse(StatusRuntimeException why) {
    refused = true;
    if (call != null) {
      call.close(why.getStatus(), RpcErrors.trailers(why));
    }
  }

  private static StatusRuntimeException noRoom() {
    return RpcErrors.exhausted(
        "REQUEST_BYTES_FULL",
        "the server holds as many bytes of requests as it may; try again in a moment,"
            + " or raise request.bytes.max",
        Map.of(),
        RETRY_AFTER_MILLIS);
  }

  private static StatusRuntimeException tooLong(long bytes, int limit) {
    return RpcErrors.of(
        Status.Code.RESOURCE_EXHAUSTED,
        "MESSAGE_TOO_LONG",
        "a message is too long: bytes=" + bytes + " limit=" + limit + "; send it in several",
        Map.of("value", Long.toString(bytes), "limit", Integer.toString(limit)));
  }
}
