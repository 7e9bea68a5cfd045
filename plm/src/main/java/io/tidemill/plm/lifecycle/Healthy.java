package io.tidemill.plm.lifecycle;

import io.tidemill.shm.instance.DataDir;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Waits until an instance is healthy, and shows how far it has come. */
final class Healthy {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final Duration SAY_AGAIN = Duration.ofSeconds(10);
  private static final long LOOK_MILLIS = 50;

  private final DataDir dir;
  private final RunFiles files;
  private final Health health;
  private final PrintStream err;
  private final long began = System.nanoTime();
  private Map<String, Integer> processes = Map.of();
  private List<String> missing = List.of();
  private long saidAt = began;

  Healthy(DataDir dir, Health health, PrintStream err) {
    this.dir = dir;
    this.files = new RunFiles(dir);
    this.health = health;
    this.err = err;
  }

  /**
   * Answers why it does not become healthy, in a sentence; empty when it is.
   *
   * @param supervised whether the supervisor lives
   */
  Optional<String> await(BooleanSupplier supervised) throws IOException, InterruptedException {
    while (true) {
      // Asked first: what it wrote before its death is seen below.
      boolean alive = supervised.getAsBoolean();
      look();
      if (missing.isEmpty()) {
        return Optional.empty();
      }
      Optional<String> failed = failure(alive);
      if (failed.isPresent()) {
        return failed;
      }
      sayWhatIsMissing();
      TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
    }
  }

  /** The processes of the last look, with their pids. */
  Map<String, Integer> processes() {
    return processes;
  }

  private void look() throws IOException {
    List<String> before = missing;
    processes = health.look();
    missing = new ArrayList<>(processes.keySet());
    missing.removeIf(name -> processes.get(name) != 0);
    for (String name : before) {
      if (!missing.contains(name)) {
        err.printf("%s is ready (%.1f s)%n", name, seconds(System.nanoTime() - began));
      }
    }
  }

  private Optional<String> failure(boolean alive) throws IOException {
    for (String name : missing) {
      Optional<String> failed = files.failed(name);
      if (failed.isPresent()) {
        return failed.map(sentence -> name + " could not start: " + sentence);
      }
    }
    if (!alive) {
      return Optional.of("the supervisor ended: look into " + dir.logs());
    }
    if (System.nanoTime() - began > LIMIT.toNanos()) {
      return Optional.of(
          "not healthy after "
              + LIMIT.toSeconds()
              + " s: missing="
              + missing
              + "; look into "
              + dir.logs());
    }
    return Optional.empty();
  }

  private void sayWhatIsMissing() {
    long now = System.nanoTime();
    if (now - saidAt > SAY_AGAIN.toNanos()) {
      saidAt = now;
      err.printf("waiting for %s (%.0f s)%n", String.join(", ", missing), seconds(now - began));
    }
  }

  private static double seconds(long nanos) {
    return nanos / 1e9;
  }
}
