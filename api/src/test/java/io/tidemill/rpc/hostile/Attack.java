package io.tidemill.rpc.hostile;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * What a hostile peer may do on one connection. Each goes on until the server closes it, and
 * answers after how many milliseconds it did.
 */
public enum Attack {
  SILENCE("says nothing") {
    @Override
    void on(RawPeer peer, BooleanSupplier goesOn) {
      // What it does.
    }
  },
  SLOW_PREFACE("the preface, byte by byte", false) {
    @Override
    void on(RawPeer peer, BooleanSupplier goesOn) {
      trickle(peer, goesOn, RawPeer.preface());
    }
  },
  RANDOM_BYTES("random bytes", false) {
    @Override
    void on(RawPeer peer, BooleanSupplier goesOn) {
      byte[] bytes = new byte[4_096];
      Random random = new Random(5);
      while (goesOn.getAsBoolean()) {
        random.nextBytes(bytes);
        peer.write(bytes);
      }
    }
  },
  RANDOM_FRAMES("random frames after the preface") {
    @Override
    void on(RawPeer peer, BooleanSupplier goesOn) {
      Random random = new Random(7);
      while (goesOn.getAsBoolean()) {
        byte[] bytes = new byte[random.nextInt(64)];
        random.nextBytes(bytes);
        peer.frame(random.nextInt(12), random.nextInt(256), random.nextInt(8), bytes);
      }
    }
  },
  HTTP_1("HTTP/1.1", false) {
    @Override
    void on(RawPeer peer, BooleanSupplier goesOn) {
      peer.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    }
  },
  SLOW_HEADERS("a call's headers, byte by byte") {
    @Override
    void on(RawPeer peer, BooleanSupplier goesOn) {
      trickle(peer, goesOn, RawPeer.encoded(RawPeer.HEADERS, 4, 1, new byte[8_000]));
    }
  },
  SLOW_MESSAGE("a message, byte by byte") {
    @Override
    void on(RawPeer peer, BooleanSupplier goesOn) {
      peer.call(1, SUBMIT);
      peer.data(1, false, Arrays.copyOf(new byte[] {0, 0, 1, 0, 0}, 5));
      while (goesOn.getAsBoolean()) {
        peer.data(1, false, (byte) 0);
        pause();
      }
    }
  },
  UNFINISHED_CALL("a call that brings nothing") {
    @Override
    void on(RawPeer peer, BooleanSupplier goesOn) {
      peer.call(1, SUBMIT);
    }
  },
  RAPID_RESET("calls, each taken back at once") {
    @Override
    void on(RawPeer peer, BooleanSupplier goesOn) {
      for (int stream = 1; goesOn.getAsBoolean(); stream += 2) {
        peer.call(stream, SUBMIT);
        peer.frame(RawPeer.RST_STREAM, 0, stream, new byte[] {0, 0, 0, 8});
      }
    }
  },
  CONTINUATION_FLOOD("headers without an end") {
    @Override
    void on(RawPeer peer, BooleanSupplier goesOn) {
      ByteArrayOutputStream block = new ByteArrayOutputStream();
      RawPeer.header(block, "x", "y".repeat(1_000));
      peer.frame(RawPeer.HEADERS, 0, 1, RawPeer.headers(SUBMIT));
      while (goesOn.getAsBoolean()) {
        peer.frame(RawPeer.CONTINUATION, 0, 1, block.toByteArray());
      }
    }
  },
  EMPTY_CONTINUATIONS("empty headers without an end") {
    @Override
    void on(RawPeer peer, BooleanSupplier goesOn) {
      byte[] many = repeated(RawPeer.encoded(RawPeer.CONTINUATION, 0, 1));
      peer.frame(RawPeer.HEADERS, 0, 1, RawPeer.headers(SUBMIT));
      while (goesOn.getAsBoolean()) {
        peer.write(many);
      }
    }
  },
  SETTINGS_FLOOD("settings without end") {
    @Override
    void on(RawPeer peer, BooleanSupplier goesOn) {
      repeat(peer, goesOn, RawPeer.encoded(RawPeer.SETTINGS, 0, 0));
    }
  },
  PING_FLOOD("pings without end") {
    @Override
    void on(RawPeer peer, BooleanSupplier goesOn) {
      repeat(peer, goesOn, RawPeer.encoded(RawPeer.PING, 0, 0, new byte[8]));
    }
  },
  PRIORITY_FLOOD("priorities without end") {
    @Override
    void on(RawPeer peer, BooleanSupplier goesOn) {
      repeat(peer, goesOn, RawPeer.encoded(RawPeer.PRIORITY, 0, 1, new byte[] {0, 0, 0, 0, 1}));
    }
  },
  EMPTY_DATA_FLOOD("a message in empty frames") {
    @Override
    void on(RawPeer peer, BooleanSupplier goesOn) {
      peer.call(1, SUBMIT);
      repeat(peer, goesOn, RawPeer.encoded(RawPeer.DATA, 0, 1));
    }
  },
  WINDOW_UPDATE_FLOOD("window updates without end") {
    @Override
    void on(RawPeer peer, BooleanSupplier goesOn) {
      repeat(peer, goesOn, RawPeer.encoded(RawPeer.WINDOW_UPDATE, 0, 0, new byte[] {0, 0, 0, 1}));
    }
  },
  UNKNOWN_FRAMES("frames of no known kind") {
    @Override
    void on(RawPeer peer, BooleanSupplier goesOn) {
      repeat(peer, goesOn, RawPeer.encoded(99, 0, 0, new byte[16]));
    }
  };

  static final String SUBMIT = "/tidemill.v1.TaskService/SubmitTask";
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final int TOGETHER = 500;

  private final String text;
  private final boolean http2;

  Attack(String text) {
    this(text, true);
  }

  /**
   * @param http2 whether HTTP/2 begins first
   */
  Attack(String text, boolean http2) {
    this.text = text;
    this.http2 = http2;
  }

  public String text() {
    return text;
  }

  abstract void on(RawPeer peer, BooleanSupplier goesOn);

  /** Attacks until the server closes the connection; answers after how many milliseconds it did. */
  public long run(int port, long secondsMax) throws IOException, InterruptedException {
    boolean begins = http2 && this != SILENCE;
    try (RawPeer peer = begins ? RawPeer.http2(port) : RawPeer.silent(port)) {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(secondsMax);
      on(peer, () -> !peer.isClosed() && System.nanoTime() - end < 0);
      return peer.awaitClosed(Math.max(1, secondsMax));
    }
  }

  private static void repeat(RawPeer peer, BooleanSupplier goesOn, byte[] frame) {
    byte[] many = repeated(frame);
    while (goesOn.getAsBoolean()) {
      peer.write(many);
    }
  }

  private static byte[] repeated(byte[] frame) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int i = 0; i < TOGETHER; i++) {
      all.writeBytes(frame);
    }
    return all.toByteArray();
  }

  private static void trickle(RawPeer peer, BooleanSupplier goesOn, byte[] bytes) {
    for (int i = 0; i < bytes.length && goesOn.getAsBoolean(); i++) {
      peer.write(bytes[i]);
      pause();
    }
  }

  private static void pause() {
    LockSupport.parkNanos(PAUSE_NANOS);
  }
}
