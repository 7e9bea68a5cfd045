package io.tidemill.plm.lifecycle;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.tidemill.rpc.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.TimeUnit;

/** Asks a server over gRPC whether it serves, as a client would. */
final class HealthProbe {
  private static final long DEADLINE_SECONDS = 5;
  private static final int MESSAGE_BYTES_MAX = 1 << 16;

  private HealthProbe() {}

  /** Whether somebody listens there. */
  static boolean listens(String host, int port) {
    InetAddress any = new InetSocketAddress(host, port).getAddress();
    boolean everywhere = any != null && any.isAnyLocalAddress();
    InetAddress target = everywhere ? InetAddress.getLoopbackAddress() : any;
    try (Socket socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(target, port), (int) TimeUnit.SECONDS.toMillis(DEADLINE_SECONDS));
      return true;
    } catch (IOException e) {
      return false; // Asked again soon.
    }
  }

  static boolean serves(String address) {
    ManagedChannel channel = Transport.channel(address, MESSAGE_BYTES_MAX);
    try {
      return HealthGrpc.newBlockingStub(channel)
              .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
              .check(HealthCheckRequest.getDefaultInstance())
              .getStatus()
          == ServingStatus.SERVING;
    } catch (StatusRuntimeException e) {
      return false; // Asked again soon.
    } finally {
      channel.shutdownNow();
    }
  }
}
