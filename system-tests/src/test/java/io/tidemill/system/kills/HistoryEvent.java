package io.tidemill.system.kills;

import java.util.List;

/**
 * Something that a client, a worker or the harness saw.
 *
 * @param millis wall clock
 * @param words what the kind has
 */
record HistoryEvent(Kind kind, long millis, List<String> words) {
  /** What is seen. Tasks are written as ids, processes as NAME-PID. */
  enum Kind {
    /** By a client, before it sends: key, microseconds of work, priority, "flaky" or "plain". */
    INTENDED,
    /** The key was acknowledged: key, task. */
    ACKNOWLEDGED,
    /** A change of the task's priority was acknowledged: key, task, priority. */
    REORDERED,
    /** The client has the result: key, task, state, text, the way that it came. */
    TOLD,
    /** The client was refused or gave up: key, why. */
    FAILED,
    /** An attempt has begun: process, task, lease. */
    STARTED,
    /** A handler has returned a result: process, task, lease. */
    REPORTED,
    /** A result was not recorded: process, task, lease, verdict. */
    REFUSED,
    /** The harness killed it: process. */
    KILLED
  }

  static HistoryEvent parse(String line) {
    List<String> words = List.of(line.split(" "));
    return new HistoryEvent(
        Kind.valueOf(words.get(0)), Long.parseLong(words.get(1)), words.subList(2, words.size()));
  }

  String word(int index) {
    return words.get(index);
  }
}
