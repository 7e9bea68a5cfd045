package io.tidemill.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AddressesTest {
  @TempDir Path folder;

  private final GlobalOptions options = new GlobalOptions();

  private Addresses addresses(Map<String, String> environment) {
    return new Addresses(options, environment, folder);
  }

  private Path instance(String name, int port) throws IOException {
    Path data = Files.createDirectories(folder.resolve(name));
    Files.writeString(
        data.resolve("tidemill.properties"),
        "bind.host=127.0.0.1\nport.plm=" + port + "\nport.register=" + (port + 2) + "\n");
    return data;
  }

  @Test
  void takesDefaultsWithoutAnything() {
    assertThat(addresses(Map.of()).plm()).isEqualTo("127.0.0.1:7411");
    assertThat(addresses(Map.of()).register()).isEqualTo("127.0.0.1:7413");
  }

  @Test
  void takesHomeInstanceBeforeDefaults() throws IOException {
    instance(".tidemill", 5000);
    assertThat(addresses(Map.of()).plm()).isEqualTo("127.0.0.1:5000");
    assertThat(addresses(Map.of()).register()).isEqualTo("127.0.0.1:5002");
  }

  @Test
  void takesNamedFolderFromEnvironmentBeforeHome() throws IOException {
    instance(".tidemill", 5000);
    Path other = instance("other", 6000);
    Map<String, String> environment = Map.of("TIDEMILL_DATA", other.toString());
    assertThat(addresses(environment).plm()).isEqualTo("127.0.0.1:6000");
  }

  @Test
  void takesAddressFromEnvironmentBeforeFolders() throws IOException {
    instance(".tidemill", 5000);
    assertThat(addresses(Map.of("TIDEMILL_PLM", "h:1")).plm()).isEqualTo("h:1");
  }

  @Test
  void takesFolderFlagBeforeEnvironment() throws IOException {
    options.data = instance("other", 6000);
    assertThat(addresses(Map.of("TIDEMILL_PLM", "h:1")).plm()).isEqualTo("127.0.0.1:6000");
  }

  @Test
  void takesAddressFlagBeforeAll() throws IOException {
    options.data = instance("other", 6000);
    options.plm = "x:9";
    assertThat(addresses(Map.of("TIDEMILL_PLM", "h:1")).plm()).isEqualTo("x:9");
  }

  @Test
  void refusesFolderWithoutInstance() {
    options.data = folder.resolve("nothing");
    assertThatThrownBy(() -> addresses(Map.of()).plm())
        .isInstanceOf(CliException.class)
        .hasMessageContaining("no instance in this folder");
  }

  @Test
  void refusesMalformedAddress() {
    for (String bad : new String[] {"host", "host:", ":7", "host:0", "host:99999", "host:x"}) {
      options.plm = bad;
      assertThatThrownBy(() -> addresses(Map.of()).plm())
          .isInstanceOf(CliException.class)
          .hasMessageContaining("host:port");
    }
  }
}
