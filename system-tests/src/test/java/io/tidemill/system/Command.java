package io.tidemill.system;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A command of the project's, run as a user would, with what it printed. */
public final class Command {
  /** What a command left: its exit status and both streams. */
  public record Result(int status, String out, String err) {
    /** The last line of the output as JSON. */
    public JsonObject json() {
      List<String> lines = out.lines().filter(line -> !line.isBlank()).toList();
      if (lines.isEmpty()) {
        throw new AssertionError("nothing printed: " + this);
      }
      return JsonParser.parseString(lines.get(lines.size() - 1)).getAsJsonObject();
    }

    /** Every line of the output as JSON. */
    List<JsonObject> jsonLines() {
      return out.lines()
          .filter(line -> !line.isBlank())
          .map(line -> JsonParser.parseString(line).getAsJsonObject())
          .toList();
    }

    public Result orFail() {
      if (status != 0) {
        throw new AssertionError("command failed: " + this);
      }
      return this;
    }
  }

  /** The checkout that the tests stand in. */
  public static final Path ROOT = root();

  private static final long LIMIT_SECONDS = 240;

  private final Process process;
  private final CompletableFuture<String> out;
  private final CompletableFuture<String> err;

  private Command(Process process) {
    this.process = process;
    this.out = read(process.getInputStream());
    this.err = read(process.getErrorStream());
  }

  /** Starts a script of the checkout. */
  public static Command start(Map<String, String> environment, String script, String... arguments) {
    Path nothing = Path.of("/dev/null");
    return start(environment, ProcessBuilder.Redirect.from(nothing.toFile()), script, arguments);
  }

  /** Starts one that reads what is written to {@link #input}. */
  static Command startFed(String script, String... arguments) {
    return start(Map.of(), ProcessBuilder.Redirect.PIPE, script, arguments);
  }

  private static Command start(
      Map<String, String> environment,
      ProcessBuilder.Redirect input,
      String script,
      String... arguments) {
    ProcessBuilder builder = new ProcessBuilder(ROOT.resolve(script).toString());
    builder.command().addAll(List.of(arguments));
    builder.environment().put("TIDEMILL_BUILD", "off");
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().putAll(environment);
    builder.redirectInput(input);
    try {
      return new Command(builder.start());
    } catch (IOException e) {
      throw new AssertionError("cannot run " + script, e);
    }
  }

  public static Result run(String script, String... arguments) {
    return start(Map.of(), script, arguments).await();
  }

  OutputStream input() {
    return process.getOutputStream();
  }

  boolean isRunning() {
    return process.isAlive();
  }

  long pid() {
    return process.pid();
  }

  /** Ends it, if it has not ended yet. */
  public void end() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  public Result await() {
    try {
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        throw new AssertionError("command did not end: out=" + out.join() + " err=" + err.join());
      }
      return new Result(process.exitValue(), out.join(), err.join());
    } catch (InterruptedException e) {
      process.destroyForcibly();
      throw new AssertionError("interrupted", e);
    }
  }

  private static CompletableFuture<String> read(java.io.InputStream stream) {
    return CompletableFuture.supplyAsync(
        () -> {
          try (stream) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
          } catch (IOException e) {
            return "unreadable: " + e;
          }
        },
        task -> new Thread(task, "reader").start());
  }

  private static Path root() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("scripts/start-all.sh"))) {
      folder = folder.getParent();
    }
    return folder;
  }
}
