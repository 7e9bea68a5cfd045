package io.tidemill.worker;

import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.tidemill.rpc.Backoff;
import io.tidemill.rpc.Transport;
import io.tidemill.rpc.security.Access;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection to one server. gRPC's own reconnection waits for up to two minutes; this one tries
 * again after 50 ms to 5 s at most, with full jitter, for as long as it takes. Calls on it wait for
 * the connection. Used by the control thread.
 */
final class ServerChannel {
  private static final Logger LOG = LoggerFactory.getLogger("io.tidemill.worker");
  static final long BACKOFF_FIRST_MILLIS = 50;
  static final long BACKOFF_MAX_MILLIS = 5_000;
  // A message of assignments may hold many payloads; the server decides how many.
  private static final int MESSAGE_BYTES_MAX = 64 << 20;

  final String address;
  final ManagedChannel channel;
  private final ScheduledExecutorService control;
  private final Backoff connectBackoff = newBackoff();
  private boolean retrying;
  private boolean closed;

  ServerChannel(String address, Access access, ScheduledExecutorService control) {
    this.address = address;
    this.control = control;
    this.channel = Transport.channel(address, MESSAGE_BYTES_MAX, access);
    watch();
  }

  static Backoff newBackoff() {
    return new Backoff(BACKOFF_FIRST_MILLIS, BACKOFF_MAX_MILLIS);
  }

  private void watch() {
    if (closed) {
      return;
    }
    ConnectivityState state = channel.getState(false);
    if (state == ConnectivityState.READY) {
      connectBackoff.reset();
    } else if (state == ConnectivityState.TRANSIENT_FAILURE && !retrying) {
      retrying = true;
      LOG.info("no connection: server={}; tried until it answers", address);
      retryLater();
    }
    channel.notifyWhenStateChanged(state, () -> Control.run(control, this::watch));
  }

  /**
   * The state stays TRANSIENT_FAILURE while the connection is tried again, so each try sets the
   * next one.
   */
  private void retryLater() {
    Control.after(control, connectBackoff.nextMillis(), this::retry);
  }

  private void retry() {
    if (closed || channel.getState(false) != ConnectivityState.TRANSIENT_FAILURE) {
      retrying = false;
      return;
    }
    channel.resetConnectBackoff();
    retryLater();
  }

  void close() {
    closed = true;
    channel.shutdownNow();
    try {
      channel.awaitTermination(1, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
