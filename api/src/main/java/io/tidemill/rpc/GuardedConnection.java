package io.tidemill.rpc;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Error;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslHandler;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One connection of a server, at the head of its pipeline: what memory it holds, and what it has
 * begun and not finished. Fields are the connection's thread's unless they say otherwise.
 */
final class GuardedConnection extends ChannelInboundHandlerAdapter {
  /** How long one may hold what others wait for without getting on. */
  private static final long STALL_NANOS = TimeUnit.SECONDS.toNanos(3);

  private static final int GOAWAY_BYTES_BEFORE_TEXT = 8;
  private static final byte GOAWAY = 7;

  private final ConnectionLimits limits;
  private final MemoryBudget memory;
  private final ServerShape shape;
  private final Channel channel;
  private final Runnable left;
  private ChannelHandlerContext context;
  private Http2ConnectionHandler handler;
  private FrameWatch watch;

  /** Calls of which something has come and something is missing, the oldest first. */
  private final Set<IncomingCall> unfinished = new LinkedHashSet<>();

  /** Bytes that came and that nobody asked for yet: of streams that are not read. */
  private long unread;

  /** Since when there have been some, and none of them was asked for. */
  private long unreadNanos;

  private long frames;

  /** Since when bytes come without a frame's end, 0: the last ones brought one. Read by others. */
  private volatile long partialNanos;

  /** It was asked to answer since then: whoever is in the middle of a frame cannot. */
  private boolean asked;

  private boolean paused;
  private long pausedNanos;

  /** Any thread. */
  private final Held requests = new Held();

  private final Held responses = new Held();
  private final AtomicBoolean gone = new AtomicBoolean();
  private volatile boolean hasUnfinished;
  private volatile long wanted;
  private volatile long takenNanos = System.nanoTime();

  /**
   * @param left run when it is over
   */
  GuardedConnection(
      ConnectionLimits limits,
      MemoryBudget memory,
      ServerShape shape,
      Channel channel,
      Runnable left) {
    this.limits = limits;
    this.memory = memory;
    this.shape = shape;
    this.channel = channel;
    this.left = left;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
    memory.add(this);
  }

  /**
   * Takes its place in HTTP/2 as soon as that is there: behind the TLS handshake, if there is one.
   */
  @Override
  public void channelRead(ChannelHandlerContext read, Object message) {
    if (watch == null) {
      handler = read.pipeline().get(Http2ConnectionHandler.class);
      if (handler != null) {
        watch = FrameWatch.put(handler, this, limits, shape);
      }
    }
    long before = frames;
    read.fireChannelRead(message);
    if (frames != before) {
      partialNanos = 0;
      asked = false;
    } else if (watch != null && partialNanos == 0) {
      partialNanos = System.nanoTime();
    }
  }

  /** A whole frame has come. */
  void frame() {
    frames++;
  }

  // What it holds. Any thread.

  /** Room for a message that begins; false if there is none. */
  boolean tryTake(long bytes) {
    if (!memory.tryTakeRequest(bytes)) {
      return false;
    }
    if (!requests.add(bytes)) {
      memory.giveRequest(bytes);
    }
    return true;
  }

  /** Room for what is here already. */
  void take(long bytes) {
    if (requests.add(bytes)) {
      memory.takeRequest(bytes);
    }
  }

  void give(long bytes) {
    if (requests.add(-bytes)) {
      memory.giveRequest(bytes);
    }
  }

  long requestBytes() {
    return requests.get();
  }

  void takeResponse(long bytes) {
    if (responses.get() == 0) {
      takenNanos = System.nanoTime();
    }
    if (responses.add(bytes)) {
      memory.takeResponse(bytes);
    }
  }

  void giveResponse(long bytes) {
    takenNanos = System.nanoTime();
    if (responses.add(-bytes)) {
      memory.giveResponse(bytes);
    }
  }

  long responseBytes() {
    return responses.get();
  }

  /** Whether it may ask for more. */
  boolean takesResponses() {
    return !gone.get() && memory.hasResponseRoom(responses.get());
  }

  /** Cut off: what is left of what it sent means nothing. */
  boolean isGone() {
    return gone.get();
  }

  /**
   * What it has not taken, and for how long: whoever is being answered just now is not to blame.
   */
  long untakenByteMillis() {
    long nanos = System.nanoTime() - takenNanos;
    return responseBytes() * (1 + TimeUnit.NANOSECONDS.toMillis(nanos));
  }

  /** What it has not taken for a while. */
  long stalledResponseBytes() {
    return System.nanoTime() - takenNanos > STALL_NANOS ? responseBytes() : 0;
  }

  /** A count that ends when the connection does. */
  private static final class Held {
    private long bytes;
    private boolean over;

    synchronized boolean add(long more) {
      bytes += over ? 0 : more;
      return !over;
    }

    synchronized long get() {
      return bytes;
    }

    /** Answers what was held; nothing is from now on. */
    synchronized long end() {
      long last = bytes;
      bytes = 0;
      over = true;
      return last;
    }
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext removed) {
    gone.set(true);
    memory.giveRequest(requests.end());
    memory.giveResponse(responses.end());
    memory.remove(this);
    left.run();
  }

  // What it has begun.

  int messageBytesMax() {
    return shape.messageBytesMax();
  }

  void begun(IncomingCall call) {
    unfinished.add(call);
    hasUnfinished = true;
  }

  void finished(IncomingCall call) {
    unfinished.remove(call);
    hasUnfinished = !unfinished.isEmpty();
  }

  boolean isUnfinished(IncomingCall call) {
    return unfinished.contains(call);
  }

  /** Whether it can wait: what it has begun can only end if it is read on. */
  boolean canPause(IncomingCall call) {
    return !paused && unfinished.size() == (unfinished.contains(call) ? 1 : 0);
  }

  /** Nothing more is read until there is room for so many bytes. */
  void pauseFor(long bytes) {
    paused = true;
    pausedNanos = System.nanoTime();
    wanted = bytes;
    channel.config().setAutoRead(false);
    memory.await(this);
  }

  long wantedBytes() {
    return wanted;
  }

  /** The room has been taken. Any thread. */
  void resume() {
    if (!requests.add(wanted)) {
      memory.giveRequest(wanted);
    }
    channel.eventLoop().execute(this::goOn);
  }

  private void goOn() {
    paused = false;
    long now = System.nanoTime();
    unreadNanos = now;
    unfinished.forEach(call -> call.beginAgain(now));
    channel.config().setAutoRead(true);
  }

  /** So many bytes more, or less, came and were not asked for. */
  void unread(long more) {
    if (unread == 0 || more < 0) {
      unreadNanos = System.nanoTime();
    }
    unread += more;
    if (more > 0) {
      take(more);
    } else if (more < 0) {
      give(-more);
    }
  }

  /** From time to time: whoever does not get on is cut off. Any thread. */
  void look() {
    if (!gone.get() && (hasUnfinished || partialNanos != 0 || requests.get() > 0)) {
      channel.eventLoop().execute(this::lookNow);
    }
  }

  private void lookNow() {
    long now = System.nanoTime();
    if (!channel.isActive()) {
      return;
    }
    if (paused) {
      if (requests.get() > 0 && now - pausedNanos > STALL_NANOS) {
        cut("it waits for memory, and holds some that others wait for");
      }
      return;
    }
    watch.countUnread();
    ask();
    Iterator<IncomingCall> calls = unfinished.iterator();
    long oldest = calls.hasNext() ? now - calls.next().begunNanos() : 0;
    oldest = Math.max(oldest, partialNanos == 0 ? 0 : now - partialNanos);
    long stalled = unread > 0 ? now - unreadNanos : 0;
    if (oldest > TimeUnit.MILLISECONDS.toNanos(limits.receiveMillis())) {
      cut(
          "what it began to send did not come to its end within request.receive.ms="
              + limits.receiveMillis());
    } else if (memory.isContended()
        && requests.get() > 0
        && Math.max(oldest, stalled) > STALL_NANOS) {
      cut("it holds memory that others wait for");
    }
  }

  /**
   * Bytes without a frame's end may be a part of one, or a whole one that HTTP/2 passes over, as
   * what comes for a call that has ended. The answer to a ping tells one from the other.
   */
  private void ask() {
    if (partialNanos != 0 && !asked) {
      asked = true;
      ChannelHandlerContext to = channel.pipeline().context(handler);
      var unused = handler.encoder().writePing(to, false, FrameWatch.OUR_PING, to.newPromise());
      to.flush();
    }
  }

  // The end.

  /** Closes the connection, with a word of why. Any thread. */
  void cut(String why) {
    if (!gone.compareAndSet(false, true)) {
      return;
    }
    long held = requests.end();
    long untaken = responses.end();
    memory
        .faults()
        .say(
            "connection cut off: peer="
                + channel.remoteAddress()
                + " request_bytes="
                + held
                + " response_bytes="
                + untaken
                + "; "
                + why);
    memory.giveRequest(held);
    memory.giveResponse(untaken);
    channel.eventLoop().execute(() -> closeNow(why));
  }

  @SuppressWarnings(
      "FutureReturnValueIgnored") // It is closed next, whether that was written or not.
  private void closeNow(String why) {
    if (channel.isActive() && watch != null && channel.pipeline().get(SslHandler.class) == null) {
      context.writeAndFlush(goAway(why));
    }
    channel.unsafe().close(channel.unsafe().voidPromise());
  }

  /** The frame itself: what goes the orderly way waits for a peer that does not read. */
  private ByteBuf goAway(String why) {
    byte[] text = why.getBytes(StandardCharsets.US_ASCII);
    return channel
        .alloc()
        .buffer()
        .writeMedium(GOAWAY_BYTES_BEFORE_TEXT + text.length)
        .writeByte(GOAWAY)
        .writeByte(0)
        .writeInt(0)
        .writeInt(Integer.MAX_VALUE)
        .writeInt((int) Http2Error.ENHANCE_YOUR_CALM.code())
        .writeBytes(text);
  }
}
