package io.tidemill.rpc;

/** What gRPC holds of a message from its sending until it has gone out. */
public final class SendBuffer {
  /** Each message has a buffer of its own, of at least so many bytes. */
  private static final int BYTES_MIN = 4_096;

  private SendBuffer() {}

  /** The bytes held for a message of so many. */
  public static int bytes(int messageBytes) {
    return Math.max(BYTES_MIN, messageBytes);
  }
}
