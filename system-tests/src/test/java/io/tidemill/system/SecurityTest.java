package io.tidemill.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A secured instance of real processes, set up as docs/security.md says. */
@Tag("exhaustive")
class SecurityTest {
  private static final String BEGIN = "<!-- certificates: run by a test -->\n```sh\n";
  private static final String MARK = "marked7Kq";

  @TempDir Path folder;

  @Test
  void servesTheOwnerAndTokensOverTlsAndWritesNoSecretIntoAnyLog() throws Exception {
    Path data = Files.createDirectory(folder.resolve("i"), privately());
    makeCertificates(data);
    String token =
        Command.run(
                "scripts/tidemill",
                "token",
                "create",
                "--data",
                data.toString(),
                "--role",
                "submit",
                "--name",
                "ci",
                "--file",
                data.resolve("tokens").toString())
            .orFail()
            .out()
            .strip();
    Path tokenFile = Files.writeString(folder.resolve("ci.token"), token);
    Files.setPosixFilePermissions(tokenFile, PosixFilePermissions.fromString("rw-------"));
    StringBuilder said = new StringBuilder();
    try (Tidemill tidemill =
        Tidemill.start(
            Map.of("TIDEMILL_LOG_LEVEL", "DEBUG"),
            data,
            "--workers",
            "1",
            "--set",
            "tls.certificate=server.pem",
            "--set",
            "tls.key=server.key",
            "--set",
            "tls.ca=ca.pem",
            "--set",
            "tokens.file=tokens")) {
      assertThat(data.resolve("run/plm.sock")).exists();
      said.append(submits(tidemill, data, tokenFile));

      Command.Result nobody = remote(tidemill, data, "--token-file", emptyToken().toString());
      assertThat(nobody.status()).isEqualTo(1);
      assertThat(nobody.err()).contains("TOKEN_UNKNOWN").doesNotContain("tidemill_00");

      tidemill.run("token", "revoke", "ci").orFail();
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> remote(tidemill, data, "--token-file", tokenFile.toString()).status() == 1);

      said.append(tidemill.run("inspect").out());
      said.append(tidemill.run("worker", "list").out());
    }
    said.append(logs(data));
    assertThat(said.toString())
        .contains("\"who\":\"token:ci\"", "\"who\":\"local\"", "TOKEN_UNKNOWN", "DEBUG")
        .doesNotContain(MARK, token, token.substring(token.length() - 20), "PRIVATE KEY");
  }

  /** What is printed beside the results of marked tasks that end well and of one that fails. */
  private static String submits(Tidemill tidemill, Path data, Path tokenFile) {
    Command.Result owner =
        tidemill.run("task", "submit", "--type", "echo", "--payload", MARK, "--wait").orFail();
    assertThat(owner.out()).contains(MARK);
    Command.Result failing =
        tidemill.run("task", "submit", "--type", "prime", "--payload", MARK, "--wait");
    assertThat(failing.status()).isEqualTo(5);
    Command.Result ci = remote(tidemill, data, "--token-file", tokenFile.toString()).orFail();
    assertThat(ci.out()).contains(MARK);
    return owner.err() + ci.err();
  }

  private static Command.Result remote(Tidemill tidemill, Path data, String... credentials) {
    List<String> words =
        Stream.concat(
                Stream.of(
                    "task",
                    "submit",
                    "--type",
                    "echo",
                    "--payload",
                    MARK,
                    "--wait",
                    "--plm",
                    "localhost:" + tidemill.portBase(),
                    "--ca",
                    data.resolve("ca.pem").toString(),
                    "--connect-timeout",
                    "60s"),
                Stream.of(credentials))
            .toList();
    return Command.run("scripts/tidemill", words.toArray(String[]::new));
  }

  private Path emptyToken() throws IOException {
    Path file = folder.resolve("wrong.token");
    if (Files.notExists(file)) {
      Files.writeString(file, "tidemill_0011223344556677_" + "A".repeat(43) + "\n");
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }
    return file;
  }

  private static String logs(Path data) throws IOException {
    StringBuilder all = new StringBuilder();
    try (Stream<Path> files = Files.list(data.resolve("logs"))) {
      for (Path file : files.toList()) {
        all.append(Files.readString(file, StandardCharsets.UTF_8));
      }
    }
    return all.toString();
  }

  private static void makeCertificates(Path into) throws Exception {
    String text = Files.readString(Command.ROOT.resolve("docs/security.md"));
    int begin = text.indexOf(BEGIN) + BEGIN.length();
    Process shell =
        new ProcessBuilder("bash", "-euc", text.substring(begin, text.indexOf("```", begin)))
            .directory(into.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(shell.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(shell.exitValue()).isZero();
  }

  @Test
  void refusesToStartBeyondLoopbackWithoutTlsAndCredentialsAndSaysWhatToDo() throws Exception {
    Path data = Files.createDirectory(folder.resolve("o"), privately());
    Command.Result start =
        Command.run(
            "scripts/start-all.sh", "--data", data.toString(), "--set", "bind.host=0.0.0.0");
    assertThat(start.status()).isEqualTo(2);
    assertThat(start.err())
        .contains("bind.host=0.0.0.0 is beyond loopback, and there is no TLS")
        .contains("set tls.certificate and tls.key");
    Command.Result server =
        Command.start(
                Map.of("TIDEMILL_BIND_HOST", "0.0.0.0"),
                "scripts/tidemill",
                "plm",
                "--data",
                data.toString(),
                "--set",
                "tls.certificate=server.pem",
                "--set",
                "tls.key=server.key")
            .await();
    assertThat(server.status()).isEqualTo(2);
    assertThat(server.err()).contains("nobody is asked who they are: set tokens.file");
  }

  private static java.nio.file.attribute.FileAttribute<?> privately() {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
  }
}
