package io.tidemill.client;

import io.grpc.ManagedChannel;
import io.tidemill.rpc.Transport;
import io.tidemill.rpc.security.Access;
import java.util.concurrent.TimeUnit;

/** A server that is called: its name for messages, its address, and the channel to it. */
final class Peer {
  private static final int MESSAGE_BYTES_MAX = 64 * 1024 * 1024;
  private static final long CLOSE_TIMEOUT_MILLIS = 2_000;
  private static final long RECONNECT_PAUSE_MILLIS = 25;

  private final String name;
  private final String address;
  private final ManagedChannel channel;
  private final Pace reconnects =
      new Pace(TimeUnit.MILLISECONDS.toNanos(RECONNECT_PAUSE_MILLIS), System.nanoTime());

  Peer(String name, String address, Access access) {
    this.name = name;
    this.address = address;
    this.channel = Transport.channel(address, MESSAGE_BYTES_MAX, access);
  }

  ManagedChannel channel() {
    return channel;
  }

  /**
   * The channel waits up to two minutes between its own attempts; ours come sooner. Thousands of
   * calls may wait for a server that is gone, and each asks for this: one connects for all.
   */
  void reconnectNow() {
    if (reconnects.mayPass(System.nanoTime())) {
      channel.resetConnectBackoff();
    }
  }

  void close() {
    channel.shutdown();
    try {
      if (!channel.awaitTermination(CLOSE_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)) {
        channel.shutdownNow();
      }
    } catch (InterruptedException e) {
      channel.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public String toString() {
    return name + ": address=" + address;
  }
}
