package io.tidemill.system.kills;

import com.google.protobuf.ByteString;

/**
 * What a task of the test of all features has its handler do, as its payload says it.
 *
 * @param name names the submission, for good
 * @param millis how long it works, unless it is told to stop
 * @param failures how many of its attempts fail
 */
record Work(String name, long millis, int failures) {
  static final String TYPE = "work";

  static Work of(String payload) {
    String[] parts = payload.split("\\|");
    return new Work(parts[0], Long.parseLong(parts[1]), Integer.parseInt(parts[2]));
  }

  /** Its first part is the name: see {@link Job#keyOf}. */
  ByteString payload() {
    return ByteString.copyFromUtf8(name + "|" + millis + "|" + failures);
  }
}
