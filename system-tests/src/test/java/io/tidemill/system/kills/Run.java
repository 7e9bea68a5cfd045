package io.tidemill.system.kills;

import io.tidemill.system.kills.HistoryEvent.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A handler's run under one lease, as its worker wrote it down.
 *
 * @param beganNanos monotonic
 * @param endedNanos monotonic; the largest number: it was not over
 * @param beganMillis wall clock
 * @param parents how many of the tasks that it waited for had succeeded
 */
record Run(
    String worker,
    String task,
    long lease,
    int attempt,
    long beganNanos,
    long endedNanos,
    long beganMillis,
    int parents) {

  /** In the order of their beginnings. */
  static List<Run> of(History history) {
    Map<String, Long> ends = new HashMap<>();
    history
        .of(Kind.REPORTED)
        .forEach(end -> ends.put(end.word(1) + end.word(2), Long.parseLong(end.word(3))));
    List<Run> runs = new ArrayList<>();
    history
        .of(Kind.STARTED)
        .forEach(
            start ->
                runs.add(
                    new Run(
                        start.word(0),
                        start.word(1),
                        Long.parseUnsignedLong(start.word(2), 16),
                        Integer.parseInt(start.word(4)),
                        Long.parseLong(start.word(3)),
                        ends.getOrDefault(start.word(1) + start.word(2), Long.MAX_VALUE),
                        start.millis(),
                        Integer.parseInt(start.word(5)))));
    runs.sort(Comparator.comparingLong(Run::beganNanos));
    return runs;
  }

  boolean overlaps(long nanos) {
    return beganNanos <= nanos && nanos < endedNanos;
  }
}
