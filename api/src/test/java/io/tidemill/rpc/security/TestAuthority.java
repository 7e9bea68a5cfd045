package io.tidemill.rpc.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.TimeUnit;

/** Certificates, made by the very commands that docs/security.md tells people to use. */
final class TestAuthority {
  private static final String BEGIN = "<!-- certificates: run by a test -->\n```sh\n";
  private static final String EC = " -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes ";

  private final Path folder;

  private TestAuthority(Path folder) {
    this.folder = folder;
  }

  static TestAuthority make(Path folder) throws Exception {
    Files.createDirectories(folder);
    run(folder, commands());
    return new TestAuthority(folder);
  }

  private static String commands() throws IOException {
    String text = Files.readString(Path.of("..", "docs", "security.md"));
    int begin = text.indexOf(BEGIN) + BEGIN.length();
    String commands = text.substring(begin, text.indexOf("```", begin));
    assertThat(commands.lines()).hasSize(5);
    return commands;
  }

  /** A certificate of this authority whose time was over yesterday. */
  void makeExpired(String name) throws Exception {
    run(
        folder,
        "openssl req -new"
            + EC
            + "-subj /CN="
            + name
            + " -keyout "
            + name
            + ".key -out old.csr\n"
            + "openssl x509 -req -in old.csr -CA ca.pem -CAkey ca.key -days -1 -out "
            + name
            + ".pem");
  }

  /** A certificate of this authority for clients. */
  void makeClient(String name) throws Exception {
    run(
        folder,
        "openssl req -x509 -CA ca.pem -CAkey ca.key"
            + EC
            + "-days 9 -subj /O=Test/CN="
            + name
            + " -extensions usr_cert -keyout "
            + name
            + ".key -out "
            + name
            + ".pem");
  }

  /** One for the servers of another name. */
  void makeServer(String name, String alternative) throws Exception {
    run(
        folder,
        "openssl req -x509 -CA ca.pem -CAkey ca.key"
            + EC
            + "-days 9 -subj /CN="
            + name
            + " -extensions usr_cert -addext subjectAltName="
            + alternative
            + " -keyout "
            + name
            + ".key -out "
            + name
            + ".pem");
  }

  /** Puts one name's certificate and key, or what is in files of the names, in another's place. */
  void replace(String name, String by) throws IOException {
    copy(by + ".key", name + ".key");
    copy(by + ".pem", name + ".pem");
  }

  private void copy(String from, String to) throws IOException {
    Path draft = Files.createTempFile(folder, "draft", ".pem");
    Files.copy(folder.resolve(from), draft, StandardCopyOption.REPLACE_EXISTING);
    Files.move(draft, folder.resolve(to), StandardCopyOption.REPLACE_EXISTING);
  }

  Path file(String name) {
    return folder.resolve(name);
  }

  static String run(Path folder, String commands) throws Exception {
    Path output = Files.createTempFile(folder, "commands", ".out");
    Process shell =
        new ProcessBuilder("bash", "-euo", "pipefail", "-c", commands)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectInput(new java.io.File("/dev/null"))
            .redirectOutput(output.toFile())
            .start();
    assertThat(shell.waitFor(60, TimeUnit.SECONDS)).isTrue();
    String said = Files.readString(output, StandardCharsets.ISO_8859_1);
    assertThat(shell.exitValue()).as(said).isZero();
    return said;
  }
}
