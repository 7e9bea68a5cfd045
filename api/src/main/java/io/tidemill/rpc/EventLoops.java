package io.tidemill.rpc;

import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.IoHandlerFactory;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.ServerChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;

/**
 * The threads that all servers of this process share. Ours rather than gRPC's own, since gRPC takes
 * a server channel of ours (which it must, for {@link ConnectionGate}) only with threads of ours.
 * Daemons, as long as the process.
 */
final class EventLoops {
  static final EventLoopGroup ACCEPT = group(1, "grpc-accept");
  static final EventLoopGroup SERVE = group(0, "grpc-serve");

  private EventLoops() {}

  /**
   * @param threads 0: twice as many as there are processors
   */
  private static EventLoopGroup group(int threads, String name) {
    IoHandlerFactory io =
        Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    return new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory(name, true), io);
  }

  /** A channel to listen on TCP with. */
  static ServerChannel newTcpServer() {
    return Epoll.isAvailable() ? new EpollServerSocketChannel() : new NioServerSocketChannel();
  }
}
