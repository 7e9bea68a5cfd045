package io.tidemill.client;

import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.tidemill.rpc.Backoff;
import io.tidemill.rpc.Transport;
import io.tidemill.rpc.security.Access;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A server that is called: its name for messages, its address, and the channel to it, which comes
 * back by itself after some two minutes at most. Whoever waits for it wants it sooner.
 */
final class Peer {
  private static final int MESSAGE_BYTES_MAX = 64 * 1024 * 1024;
  private static final long CLOSE_TIMEOUT_MILLIS = 2_000;
  private static final long RECONNECT_PAUSE_MILLIS = 25;
  private static final long BACKOFF_FIRST_MILLIS = 50;
  private static final long BACKOFF_MAX_MILLIS = 1_000;

  private final String name;
  private final String address;
  private final ManagedChannel channel;
  private final ClientTimer timer;
  private final AtomicBoolean reconnects = new AtomicBoolean();

  /** The timer's. */
  private final Backoff backoff = new Backoff(BACKOFF_FIRST_MILLIS, BACKOFF_MAX_MILLIS);

  private final Pace attempts =
      new Pace(TimeUnit.MILLISECONDS.toNanos(RECONNECT_PAUSE_MILLIS), System.nanoTime());

  Peer(String name, String address, Access access, ClientTimer timer) {
    this.name = name;
    this.address = address;
    this.timer = timer;
    this.channel = Transport.channel(address, MESSAGE_BYTES_MAX, access);
  }

  ManagedChannel channel() {
    return channel;
  }

  /**
   * Tries to connect, again and again until it is connected, for all who wait for that: their calls
   * stand in the channel meanwhile, however many they are, and cost nothing.
   */
  void reconnect() {
    if (reconnects.compareAndSet(false, true) && !timer.after(0, this::tryUntilConnected)) {
      reconnects.set(false);
    }
  }

  private void tryUntilConnected() {
    ConnectivityState state = channel.getState(true);
    if (state == ConnectivityState.READY || state == ConnectivityState.SHUTDOWN) {
      backoff.reset();
      reconnects.set(false);
      return;
    }
    reconnectNow();
    if (!timer.after(backoff.nextMillis(), this::tryUntilConnected)) {
      reconnects.set(false);
    }
  }

  /** Tries to connect once, unless somebody has just done so. */
  void reconnectNow() {
    if (attempts.mayPass(System.nanoTime())) {
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
