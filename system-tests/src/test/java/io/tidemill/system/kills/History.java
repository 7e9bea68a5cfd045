package io.tidemill.system.kills;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** All that was seen from outside, of all processes. */
record History(List<HistoryEvent> events) {
  static History read(Path folder) throws IOException {
    List<HistoryEvent> events = new ArrayList<>();
    for (Path file : files(folder)) {
      Files.readAllLines(file).forEach(line -> events.add(HistoryEvent.parse(line)));
    }
    return new History(events);
  }

  /**
   * While nothing happens: what was judged is forgotten, and its writers go on in the same files.
   */
  static void forget(Path folder) throws IOException {
    for (Path file : files(folder)) {
      FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)
          .close();
    }
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".history")).sorted().toList();
    }
  }

  Stream<HistoryEvent> of(HistoryEvent.Kind kind) {
    return events.stream().filter(event -> event.kind() == kind);
  }
}
