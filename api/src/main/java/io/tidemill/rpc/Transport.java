package io.tidemill.rpc;

import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.tidemill.rpc.security.Access;
import io.tidemill.rpc.security.UnixSockets;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Servers and channels with the limits that all of ours have. Handlers run on the transport's own
 * threads (a hop to a pool costs more than the work), so they never block.
 */
public final class Transport {
  private static final int FLOW_WINDOW_BYTES = 4 * 1024 * 1024;

  private Transport() {}

  /**
   * A server on one address, not started yet, with health and reflection beside the given services,
   * and the default limits.
   *
   * @param messageBytesMax what one incoming message may have; a longer one ends its call with
   *     RESOURCE_EXHAUSTED
   */
  public static Server server(
      InetSocketAddress address,
      int messageBytesMax,
      HealthStatusManager health,
      List<BindableService> services) {
    ServerGuard guard =
        new ServerGuard(ConnectionLimits.defaults(), messageBytesMax, health, services);
    return guard.onTcp(NettyServerBuilder.forAddress(address)).build();
  }

  /**
   * Starts a server.
   *
   * @throws IOException with a sentence that names who has the port
   */
  public static void start(Server server, InetSocketAddress address, String setting)
      throws IOException {
    try {
      server.start();
    } catch (IOException e) {
      throw new IOException(
          "cannot listen: address="
              + address.getHostString()
              + ":"
              + address.getPort()
              + " taken_by="
              + PortOwner.describe(address.getPort())
              + "; stop that process, or set "
              + setting
              + " to another port",
          e);
    }
  }

  /** A plaintext channel to host:port whose callbacks run on the transport's thread. */
  public static ManagedChannel channel(String address, int messageBytesMax) {
    return channel(address, messageBytesMax, Access.none());
  }

  /**
   * A channel to host:port, or unix:PATH, whose callbacks run on the transport's thread.
   *
   * @throws IllegalArgumentException with a sentence, if the access cannot be used
   */
  public static ManagedChannel channel(String address, int messageBytesMax, Access access) {
    return builder(address, access)
        .directExecutor()
        .maxInboundMessageSize(messageBytesMax)
        .flowControlWindow(FLOW_WINDOW_BYTES)
        .keepAliveTime(30, TimeUnit.SECONDS)
        .keepAliveTimeout(10, TimeUnit.SECONDS)
        .build();
  }

  /** Whoever can open a socket of the instance's folder needs nothing else. */
  private static NettyChannelBuilder builder(String address, Access access) {
    if (UnixSockets.isUnix(address)) {
      return UnixSockets.channel(address);
    }
    NettyChannelBuilder builder = NettyChannelBuilder.forTarget("dns:///" + address);
    access.apply(builder, address);
    return builder;
  }
}
