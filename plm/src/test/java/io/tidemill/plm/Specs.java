package io.tidemill.plm;

import com.google.protobuf.ByteString;
import io.tidemill.v1.TaskSpec;
import java.util.Collections;
import java.util.List;

/** Submissions for tests. */
final class Specs {
  private Specs() {}

  static TaskSpec spec() {
    return TaskSpec.newBuilder()
        .setType("echo")
        .setPayload(ByteString.copyFromUtf8("sixteen bytes..."))
        .build();
  }

  static List<TaskSpec> specs(int count) {
    return Collections.nCopies(count, spec());
  }
}
