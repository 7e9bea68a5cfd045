package io.tidemill.rpc;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says what peers do wrong: at most once a second, whatever they do. gRPC would write a stack trace
 * for each of their faults, as fast as a hostile one makes them, and is silenced.
 */
final class PeerFaults {
  private static final Logger LOG = LoggerFactory.getLogger("io.tidemill.rpc.peers");
  private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Kept here, since a logger that nobody holds forgets its level. */
  private static final List<java.util.logging.Logger> SILENCED =
      List.of(
          silenced("io.grpc.netty.shaded.io.grpc.netty.NettyServerHandler"),
          silenced("io.grpc.netty.shaded.io.grpc.netty.NettyServerStream"),
          silenced("io.grpc.netty.shaded.io.grpc.netty.NettyServerTransport"),
          silenced("io.grpc.internal.AbstractServerStream"),
          silenced("io.grpc.internal.SerializeReentrantCallsDirectExecutor"));

  private long saidNanos = System.nanoTime() - PERIOD_NANOS;
  private long unsaid;

  PeerFaults() {
    LOG.debug("silenced loggers: count={}", SILENCED.size());
  }

  private static java.util.logging.Logger silenced(String name) {
    java.util.logging.Logger logger = java.util.logging.Logger.getLogger(name);
    logger.setLevel(Level.OFF);
    return logger;
  }

  /** Any thread. */
  synchronized void say(String sentence) {
    long now = System.nanoTime();
    if (now - saidNanos < PERIOD_NANOS) {
      unsaid++;
      return;
    }
    saidNanos = now;
    LOG.warn("{}{}", sentence, unsaid == 0 ? "" : "; and others before: count=" + unsaid);
    unsaid = 0;
  }
}
