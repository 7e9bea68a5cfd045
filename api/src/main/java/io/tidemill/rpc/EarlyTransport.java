package io.tidemill.rpc;

import io.grpc.protobuf.services.HealthStatusManager;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The transport made ready on another core while a server that starts is busy with its files: it is
 * a good part of what stands between a death and the next acknowledgement. Holds no state; what
 * fails here fails again, with its sentence, where it is needed.
 */
public final class EarlyTransport {
  // Logging first, on the thread that begins: what two threads log while it is set up is put off.
  private static final Logger LOG = LoggerFactory.getLogger(EarlyTransport.class);

  private static volatile CompletableFuture<?> begun;

  private EarlyTransport() {}

  /** At the very start of a process that will listen. */
  public static void begin() {
    CompletableFuture<Object> ready = new CompletableFuture<>();
    begun = ready;
    Thread thread = new Thread(() -> load(ready), "early-transport");
    thread.setDaemon(true);
    thread.start();
  }

  private static void load(CompletableFuture<Object> ready) {
    try {
      // Never started: it is all the classes that a server has.
      InetSocketAddress nowhere = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
      ready.complete(Transport.server(nowhere, 1, new HealthStatusManager(), List.of()));
    } catch (Throwable e) {
      LOG.debug("the transport could not be made ready early", e);
      ready.complete(e);
    }
  }

  /**
   * Before the transport is used: two threads that load the same classes may wait for each other.
   */
  static void awaitBegun() {
    CompletableFuture<?> ready = begun;
    if (ready != null) {
      ready.join();
    }
  }
}
