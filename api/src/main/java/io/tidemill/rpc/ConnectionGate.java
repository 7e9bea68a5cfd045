package io.tidemill.rpc;

import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.util.concurrent.ScheduledFuture;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Stands before a server's accepted connections: one too many, of all or of one address, is closed
 * before a byte is read or a buffer made for it. Written by the accepting thread, and by each
 * connection's thread when it closes.
 */
final class ConnectionGate extends ChannelInboundHandlerAdapter {
  private static final int IPV6_NETWORK_BYTES = 8;
  private static final long LOOK_MILLIS = 500;

  private final ConnectionLimits limits;
  private final MemoryBudget memory;
  private final ServerShape shape;
  private final AtomicInteger open = new AtomicInteger();
  private final ConcurrentHashMap<InetAddress, Integer> byAddress = new ConcurrentHashMap<>();

  private ScheduledFuture<?> looking;

  ConnectionGate(ConnectionLimits limits, MemoryBudget memory, ServerShape shape) {
    this.limits = limits;
    this.memory = memory;
    this.shape = shape;
  }

  @Override
  public void channelActive(ChannelHandlerContext listening) {
    looking =
        listening
            .executor()
            .scheduleAtFixedRate(
                () -> memory.connections().forEach(GuardedConnection::look),
                LOOK_MILLIS,
                LOOK_MILLIS,
                TimeUnit.MILLISECONDS);
    listening.fireChannelActive();
  }

  @Override
  public void channelInactive(ChannelHandlerContext closed) {
    if (looking != null) {
      looking.cancel(false);
    }
    closed.fireChannelInactive();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object accepted) {
    Channel connection = (Channel) accepted;
    InetAddress address = peer(connection.remoteAddress());
    if (!enter(address)) {
      refuse(connection, address);
      return;
    }
    Runnable left = () -> leave(address);
    connection.pipeline().addFirst(new GuardedConnection(limits, memory, shape, connection, left));
    context.fireChannelRead(accepted);
  }

  /** Null: not a peer of a network. */
  private static InetAddress peer(SocketAddress address) {
    return address instanceof InetSocketAddress ip ? network(ip.getAddress()) : null;
  }

  /** Whoever has an IPv6 address has all of its network. */
  private static InetAddress network(InetAddress address) {
    if (!(address instanceof Inet6Address)) {
      return address;
    }
    byte[] bytes = address.getAddress();
    if (!address.isLoopbackAddress()) {
      Arrays.fill(bytes, IPV6_NETWORK_BYTES, bytes.length, (byte) 0);
    }
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of a wrong length: bytes=" + bytes.length, e);
    }
  }

  private boolean enter(InetAddress address) {
    if (open.incrementAndGet() > limits.connections()) {
      open.decrementAndGet();
      return false;
    }
    if (address != null
        && byAddress.merge(address, 1, Integer::sum) > limits.connectionsPerAddress()) {
      leave(address);
      return false;
    }
    return true;
  }

  private void leave(InetAddress address) {
    open.decrementAndGet();
    if (address != null) {
      byAddress.computeIfPresent(address, (key, count) -> count == 1 ? null : count - 1);
    }
  }

  private void refuse(Channel connection, InetAddress address) {
    connection.unsafe().closeForcibly();
    memory
        .faults()
        .say(
            "connection refused: peer="
                + address
                + " open="
                + open.get()
                + " connections.max="
                + limits.connections()
                + " connections.per.address.max="
                + limits.connectionsPerAddress()
                + "; close some, or raise the limit");
  }
}
