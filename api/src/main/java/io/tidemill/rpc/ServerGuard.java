package io.tidemill.rpc;

import io.grpc.BindableService;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.ServerChannel;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * What all listeners of one process share: its services, with health and reflection beside them,
 * and the limits that hold for whoever connects, by whichever of them.
 */
final class ServerGuard {
  /** A peer can make a server hold so much that nobody asked for. */
  private static final int FLOW_WINDOW_BYTES = 1024 * 1024;

  private static final int METADATA_BYTES_MAX = 16 * 1024;

  private final ConnectionLimits limits;
  private final List<ServerServiceDefinition> services = new ArrayList<>();
  private final ServerShape shape;
  private final MemoryBudget memory;
  private final CallGuard calls;

  ServerGuard(
      ConnectionLimits limits,
      int messageBytesMax,
      HealthStatusManager health,
      List<BindableService> own) {
    this.limits = limits;
    own.forEach(service -> services.add(MessageGuard.guard(service.bindService())));
    services.add(MessageGuard.guard(health.getHealthService().bindService()));
    services.add(MessageGuard.guard(ProtoReflectionServiceV1.newInstance().bindService()));
    this.shape = ServerShape.of(messageBytesMax, services);
    // The longest message must find room, even beside another one.
    this.memory =
        new MemoryBudget(
            Math.max(limits.requestBytes(), 2L * messageBytesMax), limits.responseBytes());
    this.calls = new CallGuard(limits);
  }

  /** For a server that listens on TCP. */
  NettyServerBuilder onTcp(NettyServerBuilder builder) {
    return on(builder, EventLoops::newTcpServer);
  }

  /**
   * Puts services and limits behind a listener.
   *
   * @param listener makes the channel that accepts; of a kind that {@link EventLoops} serves
   */
  NettyServerBuilder on(NettyServerBuilder builder, Supplier<ServerChannel> listener) {
    services.forEach(builder::addService);
    return builder
        .directExecutor()
        .bossEventLoopGroup(EventLoops.ACCEPT)
        .workerEventLoopGroup(EventLoops.SERVE)
        .channelFactory(() -> gated(listener.get()))
        .intercept(calls)
        .maxInboundMessageSize(shape.messageBytesMax())
        .maxInboundMetadataSize(METADATA_BYTES_MAX)
        .flowControlWindow(FLOW_WINDOW_BYTES)
        .maxConcurrentCallsPerConnection(limits.callsPerConnection())
        .maxRstFramesPerWindow(limits.resetsPerSecond(), 1)
        .handshakeTimeout(limits.handshakeMillis(), TimeUnit.MILLISECONDS)
        .maxConnectionIdle(limits.idleSeconds(), TimeUnit.SECONDS)
        .permitKeepAliveTime(10, TimeUnit.SECONDS)
        .permitKeepAliveWithoutCalls(true)
        .keepAliveTime(30, TimeUnit.SECONDS)
        .keepAliveTimeout(10, TimeUnit.SECONDS);
  }

  private ServerChannel gated(ServerChannel listening) {
    listening.pipeline().addFirst(new ConnectionGate(limits, memory, shape));
    return listening;
  }

  /** Held of requests at the moment. */
  long requestBytes() {
    return memory.requestBytes();
  }

  /** Held of answers at the moment. */
  long responseBytes() {
    return memory.responseBytes();
  }
}
