package io.tidemill.rpc.hostile;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One end of HTTP/2 that writes whatever it is told, byte by byte, over a plain socket. */
public final class RawPeer implements AutoCloseable {
  public static final int DATA = 0;
  public static final int HEADERS = 1;
  public static final int PRIORITY = 2;
  public static final int RST_STREAM = 3;
  public static final int SETTINGS = 4;
  public static final int PING = 6;
  public static final int GOAWAY = 7;
  public static final int WINDOW_UPDATE = 8;
  public static final int CONTINUATION = 9;
  public static final int END_STREAM = 1;
  public static final int END_HEADERS = 4;

  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final int FRAME_HEADER = 9;
  private static final int PREFIX = 5;

  private final Socket socket = new Socket();
  private final long startedNanos = System.nanoTime();

  /** When the server closed the connection, in nanoseconds since it was opened. */
  private final CompletableFuture<Long> closed = new CompletableFuture<>();

  private final Map<Integer, Integer> resets = new ConcurrentHashMap<>();
  private final Map<Integer, Integer> answered = new ConcurrentHashMap<>();
  private volatile String goAway = "";

  private RawPeer(int port, int receiveBuffer) throws IOException {
    if (receiveBuffer > 0) {
      socket.setReceiveBufferSize(receiveBuffer);
    }
    socket.setTcpNoDelay(true);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 10_000);
  }

  /** A connection on which nothing has been said yet. */
  public static RawPeer silent(int port) throws IOException {
    RawPeer peer = new RawPeer(port, 0);
    peer.startReading();
    return peer;
  }

  /** A connection that has begun HTTP/2. */
  public static RawPeer http2(int port) throws IOException {
    RawPeer peer = silent(port);
    peer.begin();
    return peer;
  }

  /** A connection that has begun HTTP/2, and never reads what comes. */
  public static RawPeer deaf(int port) throws IOException {
    RawPeer peer = new RawPeer(port, 4_096);
    peer.begin();
    return peer;
  }

  private void begin() {
    write(PREFACE);
    frame(SETTINGS, 0, 0);
  }

  public static byte[] preface() {
    return PREFACE.clone();
  }

  // Writing.

  /** False if the connection is over. */
  public boolean write(byte... bytes) {
    try {
      socket.getOutputStream().write(bytes);
      return true;
    } catch (IOException e) {
      over();
      return false;
    }
  }

  public boolean frame(int type, int flags, int stream, byte... payload) {
    return write(encoded(type, flags, stream, payload));
  }

  public static byte[] encoded(int type, int flags, int stream, byte... payload) {
    return header(payload.length, type, flags, stream, payload.length).put(payload).array();
  }

  /** The head of a frame that says it has so many bytes. */
  public static byte[] head(int length, int type, int flags, int stream) {
    return header(length, type, flags, stream, 0).array();
  }

  private static ByteBuffer header(int length, int type, int flags, int stream, int room) {
    return ByteBuffer.allocate(FRAME_HEADER + room)
        .put((byte) (length >> 16))
        .putShort((short) length)
        .put((byte) type)
        .put((byte) flags)
        .putInt(stream);
  }

  /** Begins a call. */
  public boolean call(int stream, String path) {
    return frame(HEADERS, END_HEADERS, stream, headers(path));
  }

  /** The headers of a call, with nothing compressed. */
  public static byte[] headers(String path) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    header(block, ":method", "POST");
    header(block, ":scheme", "http");
    header(block, ":path", path);
    header(block, ":authority", "localhost");
    header(block, "te", "trailers");
    header(block, "content-type", "application/grpc");
    return block.toByteArray();
  }

  public static void header(ByteArrayOutputStream block, String name, String value) {
    block.write(0);
    string(block, name);
    string(block, value);
  }

  /** With a length of up to two bytes more than fit into the first one. */
  private static void string(ByteArrayOutputStream block, String text) {
    int length = text.length();
    if (length < 127) {
      block.write(length);
    } else {
      block.write(127);
      for (int rest = length - 127; ; rest >>>= 7) {
        block.write(rest < 128 ? rest : (rest & 127) | 128);
        if (rest < 128) {
          break;
        }
      }
    }
    block.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
  }

  /** A message with its length before it. */
  public static byte[] message(byte... bytes) {
    return ByteBuffer.allocate(PREFIX + bytes.length)
        .put((byte) 0)
        .putInt(bytes.length)
        .put(bytes)
        .array();
  }

  /** Sends bytes of a call's request, in frames as long as they may be. */
  public boolean data(int stream, boolean isEnd, byte... bytes) {
    int longest = 16_384;
    int at = 0;
    do {
      int length = Math.min(longest, bytes.length - at);
      boolean last = at + length == bytes.length;
      byte[] part = java.util.Arrays.copyOfRange(bytes, at, at + length);
      if (!frame(DATA, last && isEnd ? END_STREAM : 0, stream, part)) {
        return false;
      }
      at += length;
    } while (at < bytes.length);
    return true;
  }

  // Reading.

  private void startReading() {
    Thread reader = new Thread(this::read, "raw-peer");
    reader.setDaemon(true);
    reader.start();
  }

  private void read() {
    try (DataInputStream in = new DataInputStream(socket.getInputStream())) {
      while (true) {
        int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
        int type = in.readUnsignedByte();
        int flags = in.readUnsignedByte();
        int stream = in.readInt();
        byte[] payload = in.readNBytes(length);
        heard(type, flags, stream, payload);
      }
    } catch (IOException e) {
      over();
    }
  }

  private void heard(int type, int flags, int stream, byte[] payload) {
    if (type == GOAWAY && payload.length >= 8) {
      goAway =
          ByteBuffer.wrap(payload).getInt(4)
              + " "
              + new String(payload, 8, payload.length - 8, StandardCharsets.US_ASCII);
    } else if (type == RST_STREAM) {
      resets.put(stream, ByteBuffer.wrap(payload).getInt());
    } else if (type == HEADERS && (flags & END_STREAM) != 0) {
      answered.put(stream, payload.length);
    } else if (type == PING && (flags & 1) == 0) {
      frame(PING, 1, 0, payload);
    } else if (type == DATA && payload.length > 0) {
      byte[] more = ByteBuffer.allocate(4).putInt(payload.length).array();
      write(
          ByteBuffer.allocate(26)
              .put(encoded(WINDOW_UPDATE, 0, 0, more))
              .put(encoded(WINDOW_UPDATE, 0, stream, more))
              .array());
    }
  }

  private void over() {
    closed.complete(System.nanoTime() - startedNanos);
  }

  public boolean isClosed() {
    return closed.isDone();
  }

  /** What the server said when it ended the connection: an error code and a text. */
  public String goAway() {
    return goAway;
  }

  /** Whether a call was ended by the server, one way or the other. */
  public boolean isEnded(int stream) {
    return resets.containsKey(stream) || answered.containsKey(stream);
  }

  /**
   * Waits until the server has closed the connection; answers after how many milliseconds it did.
   */
  public long awaitClosed(long seconds) throws InterruptedException {
    try {
      return TimeUnit.NANOSECONDS.toMillis(closed.get(seconds, TimeUnit.SECONDS));
    } catch (TimeoutException e) {
      throw new AssertionError("not cut off: seconds=" + seconds, e);
    } catch (java.util.concurrent.ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
