package io.tidemill.plm;

import com.google.protobuf.InvalidProtocolBufferException;
import io.tidemill.shm.config.Settings;
import io.tidemill.shm.journal.SubmissionEncoder;
import io.tidemill.v1.TaskSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Map;

/**
 * Any bytes as a task that a client submits: no message, refused with a sentence, or one that the
 * journal takes. What passed the check and could not be written would stop the PLM.
 */
public final class SpecFuzz {
  private static final int ROOM = 2_000;
  private static final int RECORD_BYTES = 128;
  private static final SpecCheck CHECK = new SpecCheck(settings(), ROOM);

  private SpecFuzz() {}

  /** What the fuzzer calls, and the replay of its seeds. */
  public static void fuzzerTestOneInput(byte[] input) {
    TaskSpec spec;
    try {
      spec = TaskSpec.parseFrom(input);
    } catch (InvalidProtocolBufferException noMessage) {
      return;
    }
    Refused refused = CHECK.check(spec);
    if (refused != null) {
      require(refused.toRefusal(1).getMessage().contains(";"), "a refusal without advice");
      return;
    }
    require(spec.getPayload().size() <= ROOM, "a payload that is too long");
    require(CHECK.timeoutMillis(spec) > 0, "no execution timeout");
    require(CHECK.attempts(spec) > 0 && CHECK.attempts(spec) <= 1_000, "no attempts");
    write(spec);
  }

  /** As an acceptance does. */
  private static void write(TaskSpec spec) {
    SubmissionEncoder encoder =
        new SubmissionEncoder()
            .task(1, 2, spec.getType(), spec.getPriority())
            .requestId(spec.getRequestId())
            .terms(CHECK.timeoutMillis(spec), CHECK.attempts(spec), (byte) 1)
            .payload(spec.getPayload().asReadOnlyByteBuffer());
    long reserved =
        RECORD_BYTES
            + spec.getPayload().size()
            + spec.getType().length()
            + 4L * spec.getRequestId().length();
    require(encoder.length() <= reserved, "more bytes than an acceptance reserves");
    encoder.encode(ByteBuffer.allocate(encoder.length()).order(ByteOrder.LITTLE_ENDIAN), 0);
  }

  private static Settings settings() {
    try {
      return Settings.load(Map.of(), Map.of(), Path.of("/nowhere"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }
}
