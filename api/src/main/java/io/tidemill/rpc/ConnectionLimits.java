package io.tidemill.rpc;

import java.util.Map;
import java.util.function.ToLongFunction;

/**
 * What a server takes from those who connect to it. What is beyond costs the one who goes beyond:
 * the call, or the connection.
 *
 * @param connections open connections of all peers together
 * @param connectionsPerAddress open connections of one address (of one /64 network with IPv6)
 * @param calls calls under way of all connections together
 * @param callsPerConnection calls under way of one connection
 * @param requestBytes bytes of requests that are being received or wait for their answers
 * @param responseBytes bytes of answers that their clients have not taken yet
 * @param handshakeMillis how long a connection may take until HTTP/2 has been agreed upon
 * @param receiveMillis how long a message may take from its first byte to its last
 * @param idleSeconds how long a connection without calls is kept
 * @param controlFramesPerSecond HTTP/2 frames of one connection that carry no call
 * @param resetsPerSecond calls that one connection may take back
 */
public record ConnectionLimits(
    int connections,
    int connectionsPerAddress,
    int calls,
    int callsPerConnection,
    long requestBytes,
    long responseBytes,
    long handshakeMillis,
    long receiveMillis,
    long idleSeconds,
    int controlFramesPerSecond,
    int resetsPerSecond) {

  /** For servers without settings: those of tests. */
  public static ConnectionLimits defaults() {
    return new ConnectionLimits(
        10_000, 10_000, 100_000, 10_000, 64 << 20, 64 << 20, 10_000, 20_000, 1_800, 500, 1_000);
  }

  /** From an instance's effective settings. */
  static ConnectionLimits of(Map<String, String> settings) {
    ToLongFunction<String> setting = key -> Long.parseLong(settings.get(key));
    return new ConnectionLimits(
        (int) setting.applyAsLong("connections.max"),
        (int) setting.applyAsLong("connections.per.address.max"),
        (int) setting.applyAsLong("calls.max"),
        (int) setting.applyAsLong("calls.per.connection.max"),
        setting.applyAsLong("request.bytes.max"),
        setting.applyAsLong("response.bytes.max"),
        setting.applyAsLong("connection.handshake.ms"),
        setting.applyAsLong("request.receive.ms"),
        setting.applyAsLong("connection.idle.seconds"),
        (int) setting.applyAsLong("connection.control.frames.max"),
        (int) setting.applyAsLong("connection.resets.max"));
  }
}
