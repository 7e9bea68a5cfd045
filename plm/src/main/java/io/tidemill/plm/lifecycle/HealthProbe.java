package io.tidemill.plm.lifecycle;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.tidemill.rpc.Transport;
import java.util.concurrent.TimeUnit;

/** Asks a server over gRPC whether it serves, as a client would. */
final class HealthProbe {
  private static final long DEADLINE_SECONDS = 5;
  private static final int MESSAGE_BYTES_MAX = 1 << 16;

  private HealthProbe() {}

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
