package io.tidemill.plm.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Server;
import io.grpc.protobuf.services.HealthStatusManager;
import io.tidemill.rpc.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class HealthProbeTest {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  @Test
  void hearsAServerOfOurs() throws IOException {
    Server server =
        Transport.server(
                new InetSocketAddress(LOOPBACK, 0), 1 << 16, new HealthStatusManager(), List.of())
            .start();
    try {
      InetSocketAddress address = new InetSocketAddress(LOOPBACK, server.getPort());
      assertThat(HealthProbe.listens(address)).isTrue();
      assertThat(HealthProbe.speaks(address)).isTrue();
    } finally {
      server.shutdownNow();
    }
  }

  @Test
  void isNotTakenInByAnotherProgram() throws Exception {
    assertThat(speaksToWhoAnswers("HTTP/1.1 400 Bad Request\r\n\r\n")).isFalse();
  }

  @Test
  void takesNoPartOfAFrameForAnAnswer() throws Exception {
    assertThat(speaksToWhoAnswers("\0\0\0\4")).isFalse();
  }

  private static boolean speaksToWhoAnswers(String bytes) throws Exception {
    try (ServerSocket listening = new ServerSocket(0, 1, LOOPBACK)) {
      CompletableFuture<Void> answered = CompletableFuture.runAsync(() -> answer(listening, bytes));
      boolean speaks =
          HealthProbe.speaks(new InetSocketAddress(LOOPBACK, listening.getLocalPort()));
      answered.join();
      return speaks;
    }
  }

  /** Hears the whole of what is said first, and ends the connection behind its answer. */
  private static void answer(ServerSocket listening, String bytes) {
    try (Socket socket = listening.accept()) {
      assertThat(socket.getInputStream().readNBytes(33)).hasSize(33);
      socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void hearsNobodyWhereNobodyListens() throws IOException {
    InetSocketAddress left;
    try (ServerSocket free = new ServerSocket(0, 1, LOOPBACK)) {
      left = new InetSocketAddress(LOOPBACK, free.getLocalPort());
    }
    assertThat(HealthProbe.listens(left)).isFalse();
    assertThat(HealthProbe.speaks(left)).isFalse();
    assertThat(HealthProbe.speaks(InetSocketAddress.createUnresolved("nowhere.invalid", 1)))
        .isFalse();
  }
}
