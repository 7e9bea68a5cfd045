package io.tidemill.worker;

import io.tidemill.worker.handlers.StockHandlers;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * The entry of the stock workers that an instance starts by itself: {@code --data DIR --id ID
 * [--capacity N]}. What {@link WorkerMain} does with these words, without the command line for
 * people, whose setting up is a third of a worker's start.
 */
public final class StockWorkerMain {
  private static final int EXIT_USAGE = 2;
  private static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(30);

  private StockWorkerMain() {}

  public static void main(String[] words) throws InterruptedException {
    PrintWriter err =
        new PrintWriter(new OutputStreamWriter(System.err, StandardCharsets.UTF_8), true);
    System.exit(run(words, System.getenv(), err));
  }

  static int run(String[] words, Map<String, String> environment, PrintWriter err)
      throws InterruptedException {
    TidemillWorker worker;
    try {
      worker = build(words, environment, err);
    } catch (IllegalArgumentException e) {
      WorkerProcess.say(err, "tidemill worker: " + e.getMessage());
      return EXIT_USAGE;
    }
    return new WorkerProcess(worker, DRAIN_TIMEOUT, err).run();
  }

  private static TidemillWorker build(
      String[] words, Map<String, String> environment, PrintWriter err) {
    WorkerBuilder builder =
        TidemillWorker.builder()
            .drainTimeout(DRAIN_TIMEOUT)
            .onRegistered(sentence -> WorkerProcess.say(err, sentence));
    for (int i = 0; i < words.length; i += 2) {
      set(builder, environment, words[i], i + 1 < words.length ? words[i + 1] : "");
    }
    StockHandlers.all(false).forEach(builder::handler);
    return builder.build();
  }

  private static void set(
      WorkerBuilder builder, Map<String, String> environment, String option, String value) {
    switch (option) {
      case "--data" -> {
        Path data = Path.of(value);
        builder.register(InstanceProperties.registerAddress(data));
        builder.access(new AccessOptions().access(environment, Optional.of(data)));
      }
      case "--id" -> builder.workerId(value);
      case "--capacity" -> builder.capacity(number(value));
      default -> throw new IllegalArgumentException("unknown option: value='" + option + "'");
    }
  }

  private static int number(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("bad capacity: value='" + text + "'; use a number", e);
    }
  }
}
