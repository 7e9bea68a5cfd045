package io.tidemill.cli;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.tidemill.client.FakePlm;
import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Runs commands against a fake PLM and Register, and keeps what they print. */
final class CliFixture implements AutoCloseable {
  final FakePlm plm = new FakePlm();
  final Map<String, String> environment = new HashMap<>();
  Path home = Path.of("/nonexistent");
  String stdin = "";
  private boolean atTerminal;
  String out = "";
  String err = "";
  private volatile StringWriter running = new StringWriter();

  /** Runs with the fake's addresses in flags. */
  int run(String... args) {
    List<String> all = new ArrayList<>(List.of(args));
    all.add("--plm=" + plm.address());
    all.add("--register=" + plm.address());
    all.add("--connect-timeout=20s");
    return runBare(all.toArray(String[]::new));
  }

  /** The same, where somebody sits who is asked and answers. */
  int runAsked(String answer, String... args) {
    stdin = answer;
    atTerminal = true;
    try {
      return run(args);
    } finally {
      atTerminal = false;
    }
  }

  /** What the command that runs has said by now; from another thread. */
  String saidSoFar() {
    return running.toString();
  }

  int runBare(String... args) {
    StringWriter outText = new StringWriter();
    StringWriter errText = new StringWriter();
    running = errText;
    Cli.Host host =
        new Cli.Host(
            new ByteArrayInputStream(stdin.getBytes(StandardCharsets.UTF_8)),
            new PrintWriter(outText),
            new PrintWriter(errText),
            atTerminal,
            false,
            atTerminal,
            environment,
            home);
    int exitCode = TidemillMain.run(host, args);
    out = outText.toString();
    err = errText.toString();
    return exitCode;
  }

  JsonObject json() {
    return JsonParser.parseString(out.strip()).getAsJsonObject();
  }

  List<JsonObject> jsonLines() {
    return out.lines().map(line -> JsonParser.parseString(line).getAsJsonObject()).toList();
  }

  @Override
  public void close() {
    plm.close();
  }
}
