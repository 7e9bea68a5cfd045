package io.tidemill.plm.lifecycle;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * Whether whoever listens at an address answers there. It asks for no more than the first frame of
 * HTTP/2, since a gRPC client takes as long to load as a server to start.
 */
final class HealthProbe {
  private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final int FRAME_HEADER_BYTES = 9;
  private static final int FRAME_TYPE_AT = 3;
  private static final byte SETTINGS = 4;

  /** What a client says first (RFC 9113, 3.4): the preface, and settings of which none is other. */
  private static final byte[] HELLO =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0".getBytes(StandardCharsets.US_ASCII);

  private HealthProbe() {}

  /** Whether somebody listens there. */
  static boolean listens(SocketAddress address) {
    try (SocketChannel channel = SocketChannel.open(address)) {
      return channel.isConnected();
    } catch (IOException | UnresolvedAddressException e) {
      return false; // Asked again soon.
    }
  }

  /** Whether somebody speaks HTTP/2 there. */
  static boolean speaks(SocketAddress address) {
    try (SocketChannel channel = SocketChannel.open(address)) {
      channel.write(ByteBuffer.wrap(HELLO));
      ByteBuffer header = ByteBuffer.allocate(FRAME_HEADER_BYTES);
      return fill(channel, header) && header.get(FRAME_TYPE_AT) == SETTINGS;
    } catch (IOException | UnresolvedAddressException e) {
      return false; // Asked again soon.
    }
  }

  /** False if it ends first, or the time is over. */
  private static boolean fill(SocketChannel channel, ByteBuffer buffer) throws IOException {
    long deadline = System.nanoTime() + DEADLINE_NANOS;
    channel.configureBlocking(false);
    try (Selector selector = Selector.open()) {
      channel.register(selector, SelectionKey.OP_READ);
      while (buffer.hasRemaining()) {
        long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (left <= 0 || (selector.select(left) > 0 && channel.read(buffer) < 0)) {
          return false;
        }
        selector.selectedKeys().clear();
      }
    }
    return true;
  }
}
