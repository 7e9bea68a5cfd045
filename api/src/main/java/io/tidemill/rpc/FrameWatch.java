package io.tidemill.rpc;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Connection;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Error;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Exception;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Flags;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2FrameListener;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Headers;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Settings;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Stream;
import java.util.concurrent.TimeUnit;

/**
 * Sees the frames of one connection before gRPC does: counts what calls bring, and those frames
 * that bring none, which cost their sender less than us.
 */
final class FrameWatch extends Http2FrameListenerDecorator {
  /** What a ping of ours says, so that its answer is not taken for one to gRPC's. */
  static final long OUR_PING = 0x7469_6465_6d69_6c6cL;

  private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Shares of one control frame: what honest peers send often weighs less. */
  private static final int WHOLE = 200;

  private static final int PING = 20;
  private static final int WINDOW_UPDATE = 1;

  private final GuardedConnection guarded;
  private final Http2Connection http2;
  private final Http2Connection.PropertyKey calls;
  private final ServerShape shape;
  private final long allowed;
  private long windowNanos = System.nanoTime();
  private long used;

  private FrameWatch(
      Http2FrameListener grpc,
      Http2Connection http2,
      GuardedConnection guarded,
      ConnectionLimits limits,
      ServerShape shape) {
    super(grpc);
    this.guarded = guarded;
    this.http2 = http2;
    this.calls = http2.newKey();
    this.shape = shape;
    this.allowed = (long) limits.controlFramesPerSecond() * WHOLE;
  }

  /** Puts one before gRPC's own handling. */
  static FrameWatch put(
      Http2ConnectionHandler handler,
      GuardedConnection guarded,
      ConnectionLimits limits,
      ServerShape shape) {
    Http2Connection http2 = handler.connection();
    FrameWatch watch =
        new FrameWatch(handler.decoder().frameListener(), http2, guarded, limits, shape);
    http2.addListener(watch.ends());
    handler.decoder().frameListener(watch);
    return watch;
  }

  private Http2ConnectionAdapter ends() {
    return new Http2ConnectionAdapter() {
      @Override
      public void onStreamClosed(Http2Stream stream) {
        IncomingCall call = stream.removeProperty(calls);
        if (call != null) {
          call.over();
        }
      }
    };
  }

  // Frames of calls.

  @Override
  public void onHeadersRead(
      ChannelHandlerContext context,
      int streamId,
      Http2Headers headers,
      int dependency,
      short weight,
      boolean exclusive,
      int padding,
      boolean isEnd)
      throws Http2Exception {
    open(streamId, headers, isEnd);
    try {
      super.onHeadersRead(
          context, streamId, headers, dependency, weight, exclusive, padding, isEnd);
    } finally {
      IncomingCall.exit();
    }
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext context, int streamId, Http2Headers headers, int padding, boolean isEnd)
      throws Http2Exception {
    open(streamId, headers, isEnd);
    try {
      super.onHeadersRead(context, streamId, headers, padding, isEnd);
    } finally {
      IncomingCall.exit();
    }
  }

  private void open(int streamId, Http2Headers headers, boolean isEnd) {
    guarded.frame();
    Http2Stream stream = http2.stream(streamId);
    if (stream == null || stream.getProperty(calls) != null) {
      return;
    }
    IncomingCall call = new IncomingCall(guarded, shape.isStreamed(headers.path()));
    stream.setProperty(calls, call);
    call.opened(isEnd);
    call.enter();
  }

  @Override
  public int onDataRead(
      ChannelHandlerContext context, int streamId, ByteBuf data, int padding, boolean isEnd)
      throws Http2Exception {
    guarded.frame();
    if (!data.isReadable() && !isEnd) {
      spend(WHOLE);
    }
    Http2Stream stream = http2.stream(streamId);
    IncomingCall call = stream == null ? null : stream.getProperty(calls);
    if (call == null) {
      return super.onDataRead(context, streamId, data, padding, isEnd);
    }
    call.received(data);
    if (call.isRefused() || guarded.isGone()) {
      return data.readableBytes() + padding;
    }
    call.enter();
    try {
      return super.onDataRead(context, streamId, data, padding, isEnd);
    } finally {
      IncomingCall.exit();
      call.delivered(isEnd);
      countUnread(stream, call);
    }
  }

  /** Looks again: what waited in a stream may have been asked for. */
  void countUnread() {
    try {
      http2.forEachActiveStream(this::countUnread);
    } catch (Http2Exception e) {
      throw new IllegalStateException("a count throws nothing", e);
    }
  }

  private boolean countUnread(Http2Stream stream) {
    IncomingCall call = stream.getProperty(calls);
    if (call != null) {
      countUnread(stream, call);
    }
    return true;
  }

  /**
   * By stream: the window of the connection is opened again at once, whatever becomes of what came.
   */
  private void countUnread(Http2Stream stream, IncomingCall call) {
    call.unread(http2.local().flowController().unconsumedBytes(stream));
  }

  // Frames of none.

  @Override
  public void onPriorityRead(
      ChannelHandlerContext context, int streamId, int dependency, short weight, boolean exclusive)
      throws Http2Exception {
    spend(WHOLE);
    super.onPriorityRead(context, streamId, dependency, weight, exclusive);
  }

  @Override
  public void onSettingsRead(ChannelHandlerContext context, Http2Settings settings)
      throws Http2Exception {
    spend(WHOLE);
    super.onSettingsRead(context, settings);
  }

  @Override
  public void onPingRead(ChannelHandlerContext context, long data) throws Http2Exception {
    spend(PING);
    super.onPingRead(context, data);
  }

  @Override
  public void onPingAckRead(ChannelHandlerContext context, long data) throws Http2Exception {
    spend(PING);
    if (data != OUR_PING) {
      super.onPingAckRead(context, data);
    }
  }

  @Override
  public void onWindowUpdateRead(ChannelHandlerContext context, int streamId, int increment)
      throws Http2Exception {
    spend(WINDOW_UPDATE);
    super.onWindowUpdateRead(context, streamId, increment);
  }

  @Override
  public void onUnknownFrame(
      ChannelHandlerContext context, byte type, int streamId, Http2Flags flags, ByteBuf payload)
      throws Http2Exception {
    spend(WHOLE);
    super.onUnknownFrame(context, type, streamId, flags, payload);
  }

  @Override
  public void onSettingsAckRead(ChannelHandlerContext context) throws Http2Exception {
    spend(WHOLE);
    super.onSettingsAckRead(context);
  }

  /** Counted by gRPC, under a limit of its own. */
  @Override
  public void onRstStreamRead(ChannelHandlerContext context, int streamId, long errorCode)
      throws Http2Exception {
    guarded.frame();
    super.onRstStreamRead(context, streamId, errorCode);
  }

  @Override
  public void onGoAwayRead(ChannelHandlerContext context, int last, long errorCode, ByteBuf text)
      throws Http2Exception {
    spend(WHOLE);
    super.onGoAwayRead(context, last, errorCode, text);
  }

  private void spend(int share) throws Http2Exception {
    guarded.frame();
    long now = System.nanoTime();
    if (now - windowNanos > WINDOW_NANOS) {
      windowNanos = now;
      used = 0;
    }
    used += share;
    if (used > allowed) {
      guarded.cut("it sends more than connection.control.frames.max=" + allowed / WHOLE);
      throw Http2Exception.connectionError(
          Http2Error.ENHANCE_YOUR_CALM, "too many frames that carry no call");
    }
  }
}
