package io.tidemill.system.kills;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A client or a worker of the storm, as a process of its own. */
final class Child {
  private static final List<String> OPTIONS =
      List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx96m", "-Xshare:auto");

  private final String name;
  private final List<String> command = new ArrayList<>();
  private LinkedBlockingQueue<String> answers;
  private Process process;

  Child(String name, Class<?> main, List<String> arguments) {
    this.name = name;
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(OPTIONS);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(arguments);
  }

  String name() {
    return name;
  }

  /** As it calls itself in the history. */
  String processName() {
    return name + "-" + process.pid();
  }

  long pid() {
    return process.pid();
  }

  void start() {
    try {
      ProcessBuilder builder = new ProcessBuilder(command);
      builder.redirectError(ProcessBuilder.Redirect.INHERIT);
      process = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    LinkedBlockingQueue<String> fresh = new LinkedBlockingQueue<>();
    InputStream out = process.getInputStream();
    Thread reader = new Thread(() -> read(out, fresh), "answers-" + name);
    reader.setDaemon(true);
    reader.start();
    answers = fresh;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Of one that has ended. */
  int exitCode() {
    return process.exitValue();
  }

  void kill() {
    process.destroyForcibly().onExit().join();
  }

  void order(String word) {
    try {
      process.getOutputStream().write((word + "\n").getBytes(StandardCharsets.UTF_8));
      process.getOutputStream().flush();
    } catch (IOException e) {
      throw new UncheckedIOException("it has ended: " + processName(), e);
    }
  }

  /** Waits for a word; others are passed over. */
  void await(String word, long seconds) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    String answer;
    do {
      answer = answers.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (answer == null) {
        throw new AssertionError("no " + word + " of " + processName() + " in " + seconds + " s");
      }
    } while (!answer.equals(word));
  }

  private static void read(InputStream out, LinkedBlockingQueue<String> answers) {
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(out, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("@")) {
          answers.add(line);
        }
      }
    } catch (IOException e) {
      // It was killed.
    }
  }
}
