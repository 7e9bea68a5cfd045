package io.tidemill.rpc.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Sockets of the host: where they stand, whom they serve. Short paths, as the kernel wants them.
 */
class UnixSocketTest {
  private Path data;
  private SecuredServer server;

  @BeforeEach
  void makeFolder() throws IOException {
    data = Files.createTempDirectory(Path.of("/tmp"), "tm");
  }

  @AfterEach
  void stop() throws Exception {
    if (server != null) {
      server.close();
    }
    TestAuthority.run(Path.of("/tmp"), "rm -rf " + data);
  }

  private void assertServes() {
    String address = UnixSockets.address(data, "plm");
    assertThat(SecuredServer.stats(server.connect(address, Access.none()))).isNotNull();
  }

  @Test
  void servesTheOwnerBesideThePortWithoutCredentials() throws Exception {
    new AccessFile(data.resolve("tokens")).create("s", AccessRole.parse("submit"), Instant.MAX);
    server = SecuredServer.start(data, "bind.unix=auto", "tokens.file=tokens");
    assertServes();
    Path socket = data.resolve("run/plm.sock");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
        .isEqualTo("rw-------");
    assertThatThrownBy(() -> SecuredServer.stats(server.connect(Access.none())))
        .hasMessageContaining("UNAUTHENTICATED");
  }

  @Test
  void isThereOnlyWhereItIsWanted() throws Exception {
    server = SecuredServer.start(data, "bind.unix=auto");
    assertThat(data.resolve("run/plm.sock")).doesNotExist();
    assertThat(SecuredServer.stats(server.connect(Access.none()))).isNotNull();
    server.close();
    server = SecuredServer.start(data, "bind.unix=only");
    assertServes();
    assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), server.port).close())
        .isInstanceOf(IOException.class);
  }

  @Test
  void takesThePlaceOfADeadServersSocketAndLeavesNoneBehind() throws Exception {
    Files.createDirectories(data.resolve("run"));
    Path socket = data.resolve("run/plm.sock");
    try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      dead.bind(UnixDomainSocketAddress.of(socket));
    }
    assertThat(socket).exists();
    server = SecuredServer.start(data, "bind.unix=on");
    assertServes();
    server.close();
    assertThat(socket).doesNotExist();
  }

  @Test
  void refusesPathsThatCannotBeSockets() throws Exception {
    Files.createDirectories(data.resolve("run"));
    Files.writeString(data.resolve("run/plm.sock"), "something of value");
    assertThatThrownBy(() -> SecuredServer.start(data, "bind.unix=on"))
        .hasMessageContaining("something else stands where the socket is to be");
    assertThat(data.resolve("run/plm.sock")).hasContent("something of value");
    Path deep = Files.createDirectories(data.resolve("d".repeat(100)));
    assertThatThrownBy(() -> SecuredServer.start(deep, "bind.unix=on"))
        .hasMessageContaining("the path is too long for a socket")
        .hasMessageContaining("limit=107; choose a shorter data folder, or set bind.unix=off");
  }

  @Test
  void namesTheOtherServersByTheSameFolder() {
    assertThat(UnixSockets.sibling("unix:/d/run/register.sock", "scheduler"))
        .isEqualTo("unix:/d/run/scheduler.sock");
  }
}
