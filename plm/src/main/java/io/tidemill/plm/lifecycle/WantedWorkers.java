package io.tidemill.plm.lifecycle;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.IntStream;

/**
 * The stock workers that an instance is to have; kept in its run folder, so that a supervisor that
 * takes over knows.
 *
 * @param capacity of each; 0 leaves it to the worker
 */
record WantedWorkers(int count, int capacity) {
  static final int DEFAULT_COUNT = 2;

  /** Empty if the file is not there or of no use. */
  static Optional<WantedWorkers> read(Path file) throws IOException {
    Optional<String> text = TextFile.read(file);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    Properties properties = new Properties();
    properties.load(new StringReader(text.get()));
    try {
      return Optional.of(
          new WantedWorkers(
              Integer.parseInt(properties.getProperty("count", "")),
              Integer.parseInt(properties.getProperty("capacity", ""))));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  void write(Path file) throws IOException {
    TextFile.write(file, "count=" + count + "\ncapacity=" + capacity + "\n");
  }

  List<String> names() {
    return IntStream.rangeClosed(1, count).mapToObj(i -> "worker-" + i).toList();
  }

  static boolean isWorker(String name) {
    return name.startsWith("worker-");
  }
}
