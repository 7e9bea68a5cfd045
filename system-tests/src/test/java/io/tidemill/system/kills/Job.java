package io.tidemill.system.kills;

import com.google.protobuf.ByteString;
import io.tidemill.v1.TaskSpec;

/**
 * A task of the storm: it works for a while, fails its first attempt if it is flaky, and its result
 * names the task, the lease, the process and the key, so that none is taken for another's.
 *
 * @param key names the submission, for good
 */
record Job(String key, long micros, int priority, boolean flaky) {
  static final String TYPE = "job";

  static String keyOf(String payload) {
    return payload.split("\\|")[0];
  }

  static Job of(String payload) {
    String[] parts = payload.split("\\|");
    return new Job(parts[0], Long.parseLong(parts[1]), 0, Boolean.parseBoolean(parts[2]));
  }

  static String result(String task, long lease, String process, String key) {
    return task + ":" + Long.toHexString(lease) + ":" + process + ":" + key;
  }

  TaskSpec.Builder spec() {
    return TaskSpec.newBuilder()
        .setType(TYPE)
        .setPriority(priority)
        .setMaxAttempts(flaky ? 3 : 1)
        .setPayload(ByteString.copyFromUtf8(key + "|" + micros + "|" + flaky));
  }
}
